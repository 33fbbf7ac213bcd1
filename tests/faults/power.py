"""What a power cut leaves: only what was synced is sure to be there.

    python -m tests.faults.power FOLDER SCENARIO,... FIRST STRIDE

The model: a file holds what it held when it was last synced, a folder the names that it had when
it was last synced. What was not synced may be there, in part, or not at all, in any order.
"""

import json
import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from tests.faults.killing import Stage, Survey
from tests.faults.scenarios import SCENARIOS
from tests.faults.steps import watched

Tree = Mapping[str, bytes | None]
"""Paths inside a folder; None for a folder, else a file's bytes."""
Pick = Callable[[str, object, object], object]
"""Which of two states a name or a file has after the cut: the synced one or the present one."""

_open, _N_RANDOM = os.open, 4
_NOTHING = object()


class Disk:
    """Knows what of a folder was synced, while steps are made in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._data: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        # Held open, so that no new file gets the number of a deleted one.
        self._held: dict[int, int] = {}
        for path in (root, *root.rglob("*")):
            self.synced(path)

    def on_step(self, kind: str, path: str) -> None:
        """To be told of each step."""
        if kind in ("fsync", "fdatasync"):
            self.synced(Path(path))

    def synced(self, path: Path) -> None:
        """What is there now survives a power cut from now on."""
        number = self._number(path)
        if path.is_dir():
            self._names[number] = {each.name: self._number(each) for each in path.iterdir()}
        else:
            self._data[number] = path.read_bytes()

    def after_cut(self, pick: Pick) -> Tree:
        """What the folder holds if the power fails now."""
        tree: dict[str, bytes | None] = {}
        self._walk("", self._number(self._root), self._root, pick, tree)
        return tree

    def files_first(self, _: str, synced: object, present: object) -> object:
        """As `names_first`, but new folders are missing: names reach the disk in any order."""
        is_folder = isinstance(present, int) and self._path_of(present).is_dir()
        return synced if is_folder else names_first(_, synced, present)

    def _walk(
        self, inside: str, number: int, now: Path, pick: Pick, tree: dict[str, bytes | None]
    ) -> None:
        present = {p.name: self._number(p) for p in now.iterdir()} if now.is_dir() else {}
        synced = self._names.get(number, {})
        for name in sorted(present.keys() | synced.keys()):
            path = f"{inside}{name}"
            chosen = pick(path, synced.get(name, _NOTHING), present.get(name, _NOTHING))
            if not isinstance(chosen, int):
                continue
            here = self._path_of(chosen)
            if here.is_dir():
                tree[path] = None
                self._walk(f"{path}/", chosen, here, pick, tree)
            else:
                data = pick(path, self._data.get(chosen, b""), here.read_bytes())
                tree[path] = data if isinstance(data, bytes) else b""

    def _number(self, path: Path) -> int:
        number = path.stat().st_ino
        if number not in self._held:
            self._held[number] = _open(path, os.O_RDONLY)
        return number

    def _path_of(self, number: int) -> Path:
        """The file or folder of this number, even if its name is gone."""
        return Path(f"/proc/self/fd/{self._held[number]}")


def dropped(_: str, synced: object, present: object) -> object:
    """Nothing that was not synced is there."""
    return synced


def names_first(_: str, synced: object, present: object) -> object:
    """All names are there, but the bytes of files only where they were synced."""
    return synced if isinstance(synced, bytes) else present


def garbage(path: str, synced: object, present: object) -> object:
    """As `names_first`; what was not synced of a file is zeros, as some file systems leave it."""
    if isinstance(synced, bytes) and isinstance(present, bytes) and synced != present:
        return bytes(len(present))
    return names_first(path, synced, present)


def by_chance(seed: str) -> Pick:
    """Each name and each file has one of its two states, or half of its bytes, by chance."""
    chance = random.Random(seed)

    def pick(_: str, synced: object, present: object) -> object:
        chosen = chance.choice((synced, present))
        is_torn = synced != present and chance.random() < 0.3
        return chosen[: len(chosen) // 2] if is_torn and isinstance(chosen, bytes) else chosen

    return pick


def survey(folder: Path, name: str, first: int, stride: int) -> Survey:
    """Cut the power before each step of a change and after the last, in several ways each.

    Of the different states that this leaves, every `stride`-th from `first` on is looked at.
    """
    stage = Stage(folder, SCENARIOS[name])
    stage.reset()
    disk, found, seen = Disk(stage.work), dict[str, tuple[str, Tree]](), Survey()

    def cut(kind: str, path: str) -> None:
        chances = [by_chance(f"{name} {seen.n_steps} {n}") for n in range(_N_RANDOM)]
        for pick in (dropped, names_first, disk.files_first, garbage, *chances):
            tree = disk.after_cut(pick)
            label = f"before step {seen.n_steps} ({kind} {Path(path).name})"
            found.setdefault(
                repr(sorted(tree.items())) + ("end" if kind == "end" else ""), (label, tree)
            )
        seen.n_steps += 1
        disk.on_step(kind, path)

    with watched(cut):
        stage.scenario.run(stage.work)
    cut("end", "")
    for key, (label, tree) in list(found.items())[first::stride]:
        stage.bring(tree)
        state = stage.look()
        seen.count(label, state, must_be_new=key.endswith("end"))
    return seen


if __name__ == "__main__":
    target, chosen, start, stride = sys.argv[1:]
    for each in chosen.split(","):
        survey_of_each = survey(Path(target) / each, each, int(start), int(stride))
        print(json.dumps({each: asdict(survey_of_each)}))  # noqa: T201
