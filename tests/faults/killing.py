"""Kills a change at its steps, one after the other, and looks at what is left.

    python -m tests.faults.killing FOLDER SCENARIO,... FAULT FIRST STRIDE

A process of its own, which has loaded everything, forks a child for each step; in the child, the
fault comes right before that step: `kill` ends it by SIGKILL, with `full` the disk takes nothing
more from then on, with `read-only` it does not even let go. Prints a `Survey`
of each scenario, as JSON.
"""

import contextlib
import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.errors import RagError
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.sqlite_steps import sqlite_watched
from tests.faults.steps import REMOVALS, OnStep, watched

_CODES = ("done", "failed", "told", "told badly")


@dataclass
class Survey:
    """What came of the kills at some steps of a change.

    Attributes:
        n_steps: Steps that the change has.
        kinds: How many steps of each kind were killed.
        old: After how many kills the old state was there.
        new: After how many the new one.
        wrong: What else was seen: the step, and what.
    """

    n_steps: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    old: int = 0
    new: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, label: str, state: str, *, must_be_new: bool) -> None:
        """Note what was seen after a fault."""
        if state == "new" or (state == "old" and not must_be_new):
            setattr(self, state, getattr(self, state) + 1)
        else:
            self.wrong.append(f"{label}: {state}")


class Stage:
    """A folder that is brought back to the state before the change, always under the same path."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.work, self._saved = folder / "work", folder / "saved"
        self.scenario = scenario
        self.work.mkdir(parents=True)
        scenario.prepare(self.work)
        self.old = scenario.state(self.work)
        shutil.copytree(self.work, self._saved)
        self.steps: list[tuple[str, str]] = []
        with all_watched(lambda kind, path: self.steps.append((kind, path))):
            scenario.run(self.work)
        self.new = scenario.state(self.work)

    def reset(self) -> None:
        """As it was before the change."""
        shutil.rmtree(self.work)
        shutil.copytree(self._saved, self.work)

    def bring(self, tree: Mapping[str, bytes | None]) -> None:
        """Exactly these files and folders, where None stands for a folder."""
        shutil.rmtree(self.work)
        self.work.mkdir()
        for name, data in sorted(tree.items()):
            if data is None:
                (self.work / name).mkdir()
            else:
                (self.work / name).write_bytes(data)

    def look(self) -> str:
        """`old`, `new`, or what is wrong; then whether another change goes well."""
        try:
            seen = self.scenario.state(self.work)
            if seen not in (self.old, self.new):
                return f"neither old nor new: {seen}"
            self.scenario.go_on(self.work)
            if self.scenario.state(self.work) in (self.old, self.new):
                return "the next change was lost"
        # Whatever it is, it is the finding.
        except Exception as exc:  # noqa: BLE001
            return f"{type(exc).__name__}: {exc}"
        return "new" if seen == self.new else "old"


@contextlib.contextmanager
def all_watched(on_step: OnStep) -> Iterator[None]:
    """Python's steps and SQLite's."""
    with watched(on_step), sqlite_watched(on_step):
        yield


def kill_at(number: int) -> OnStep:
    """Ends this process right before step `number`, counted from 0."""
    left = [number]

    def on_step(kind: str, path: str) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    return on_step


def refuse_from(number: int, error: int, allowed: Collection[str]) -> OnStep:
    """From step `number` on, counted from 0, the disk takes only steps that are `allowed`."""
    left = [number]

    def on_step(kind: str, path: str) -> None:
        left[0] -= 1
        if left[0] < 0 and kind not in allowed:
            raise OSError(error, os.strerror(error), path)

    return on_step


FAULTS: Mapping[str, Callable[[int], OnStep]] = {
    "kill": kill_at,
    "full": lambda number: refuse_from(
        number, errno.ENOSPC, (*REMOVALS, "sqlite unlink", "sqlite ftruncate")
    ),
    "read-only": lambda number: refuse_from(number, errno.EROFS, ()),
}


def in_child(run: Callable[[], object], on_step: OnStep) -> str:
    """How a child ended that makes the change: `killed`, `done`, `told` or another error."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(_CODES.index(_run_watched(run, on_step)))
        os._exit(_CODES.index("failed"))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGKILL else "crashed"
    return _CODES[os.WEXITSTATUS(status)]


def _run_watched(run: Callable[[], object], on_step: OnStep) -> str:
    with all_watched(on_step):
        try:
            run()
        except RagError as exc:
            # A message for people says what happened and where.
            return "told" if len(str(exc)) > len("cannot write") else "told badly"
        except Exception:  # noqa: BLE001 (whatever it is, it is the finding)
            sys.stderr.write(traceback.format_exc())
            return "failed"
    return "done"


def survey(folder: Path, name: str, fault: str, first: int, stride: int) -> Survey:
    """Bring the fault at every `stride`-th step from `first` on, and after the last."""
    stage = Stage(folder, SCENARIOS[name])
    seen = Survey(len(stage.steps))
    for number in sorted({*range(first, seen.n_steps, stride), seen.n_steps}):
        stage.reset()
        ended = in_child(lambda: stage.scenario.run(stage.work), FAULTS[fault](number))
        kind, path = [*stage.steps, ("after the last", "")][number]
        label = f"step {number} ({kind} {Path(path).name}), {ended}"
        must_be_new = ended == "done" or (fault == "kill" and seen.new > 0)
        seen.kinds[kind] = seen.kinds.get(kind, 0) + 1
        is_expected = ended in (("killed", "done") if fault == "kill" else ("told", "done"))
        state = stage.look() if is_expected else "the program did not tell it"
        seen.count(label, state, must_be_new=must_be_new)
    return seen


if __name__ == "__main__":
    target, chosen, kind, start, stride = sys.argv[1:]
    for each in chosen.split(","):
        found = survey(Path(target) / each, each, kind, int(start), int(stride))
        print(json.dumps({each: asdict(found)}))  # noqa: T201
