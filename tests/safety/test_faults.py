"""After a kill, a full disk or a power cut the old state is there or the new one, never a mixture.

`make test` takes a sample of the steps, `make soak` every one; `-s` prints the counts.
"""

from pathlib import Path

import pytest

from tests.faults.killing import Survey
from tests.faults.scenarios import HISTORY, MENDING, SHELF
from tests.faults.sqlite_steps import sqlite_library
from tests.faults.steps import watched
from tests.safety.conftest import Run

# SQLite's calls are seen at a place that a library built into Python does not show.
pytestmark = pytest.mark.skipif(
    sqlite_library() is None, reason="this Python has SQLite built in; its writes cannot be seen"
)
_SHELF, _HISTORY, _ALL = ",".join(SHELF), ",".join(HISTORY), ",".join((*SHELF, *HISTORY))
_KINDS = {"open", "write", "rest of write", "fsync", "replace", "link", "mkdir", "unlink", "rmdir"}
_SQLITE_KINDS = {"sqlite open", "sqlite pwrite64", "sqlite ftruncate", "sqlite unlink"}


def wrong_in(surveys: dict[str, Survey]) -> list[str]:
    return [f"{name}: {each}" for name, survey in surveys.items() for each in survey.wrong]


@pytest.mark.parametrize(("names", "stride"), [(_SHELF, 9), (_HISTORY, 4)])
def test_kill_leaves_the_old_state_or_the_new(names: str, stride: int, run_survey: Run):
    surveys = run_survey("killing", names, "kill", 2, stride)
    assert wrong_in(surveys) == []
    assert all(survey.old and survey.new for survey in surveys.values())


def test_full_disk_is_told_and_leaves_the_old_state_or_the_new(run_survey: Run):
    surveys = run_survey("killing", _ALL, "full", 1, 35)
    assert wrong_in(surveys) == []
    assert all(survey.old for survey in surveys.values())


def test_read_only_folder_is_told_and_can_still_be_read(run_survey: Run):
    surveys = run_survey("killing", _ALL, "read-only", 0, 10_000)
    assert wrong_in(surveys) == []
    # Refused at the first step, and not refused at all.
    assert {(survey.old, survey.new) for survey in surveys.values()} == {(1, 1)}


def test_reading_the_shelf_writes_nothing(quick_folder: Path):
    SHELF["add"].prepare(quick_folder)
    steps: list[tuple[str, str]] = []
    with watched(lambda kind, path: steps.append((kind, path))):
        assert "roads,water" in SHELF["add"].state(quick_folder)
    assert steps == []


def test_power_cut_leaves_the_old_state_or_the_new(run_survey: Run):
    surveys = run_survey("power", "build,give again", 1, 9)
    assert wrong_in(surveys) == []
    assert all(survey.old and survey.new for survey in surveys.values())


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["kill", "full", "read-only"])
def test_fault_at_every_step_leaves_the_old_state_or_the_new(fault: str, run_survey: Run):
    surveys = run_survey("killing", _ALL, fault, 0, 1)
    assert wrong_in(surveys) == []
    assert {kind for s in surveys.values() for kind in s.kinds} >= _KINDS | _SQLITE_KINDS


@pytest.mark.soak
def test_kill_of_a_repair_leaves_the_damaged_index_or_the_mended(run_survey: Run):
    assert wrong_in(run_survey("killing", ",".join(MENDING), "kill", 0, 1)) == []


@pytest.mark.soak
def test_power_cut_in_any_change_leaves_the_old_state_or_the_new(run_survey: Run):
    assert wrong_in(run_survey("power", _SHELF, 0, 1)) == []
