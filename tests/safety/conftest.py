"""Runs the surveys of `tests.faults`, each in a process of its own, in memory where that is."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.killing import Survey

ROOT = Path(__file__).parents[2]
_MEMORY = Path("/dev/shm")
Run = Callable[..., dict[str, Survey]]


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder where a sync costs nothing: these tests make thousands."""
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run_survey(quick_folder: Path) -> Run:
    """Run `python -m tests.faults.MODULE FOLDER ARGUMENTS`, and print what it counted."""

    def run(module: str, *arguments: object) -> dict[str, Survey]:
        command = [sys.executable, "-m", f"tests.faults.{module}", quick_folder / module]
        # One thread: a child that is forked while a pool of threads lives may wait for it for ever.
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [str(each) for each in (*command, *arguments)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        surveys = {name: Survey(**row[name]) for row in rows for name in row}
        if "-s" in sys.argv:
            sys.stdout.write(f"\n{_told(module, arguments[1:], surveys)}\n")
        return surveys

    return run


def _told(module: str, how: tuple[object, ...], surveys: dict[str, Survey]) -> str:
    """The counts, for the table of docs/reliability.md."""
    lines = [
        f"{module} {' '.join(map(str, how))}: {name}: {s.n_steps} steps, {s.old + s.new} faults, "
        f"{s.old} old, {s.new} new, {len(s.wrong)} wrong"
        for name, s in surveys.items()
    ]
    counts = [(s.old + s.new, len(s.wrong)) for s in surveys.values()]
    return "\n".join(
        [
            *lines,
            f"all: {sum(n for n, _ in counts)} faults, {sum(wrong for _, wrong in counts)} wrong",
        ]
    )
