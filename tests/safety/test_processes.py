"""Two processes at one shelf, a process that dies while it writes, and a clock that jumps."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import rag.history.conversations
import rag.history.database
from rag.errors import HistoryError, IndexLockedError
from rag.history import Conversations
from rag.index import load_index
from rag.shelf import add_documents
from rag.types import Document
from tests.fakes import HashEncoder, make_answer
from tests.faults.scenarios import HILLS, ROADS, WATER, add, config_of, history_state, put
from tests.safety.conftest import ROOT
from tests.unit.history.conftest import new_turn

_HOLD = """
import sys, time
from pathlib import Path
from rag.generations import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
_HOLD_HISTORY = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM conversations")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def hold() -> Iterator[object]:
    """Start a process that holds something, and end them all."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(path)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def run_rag(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_second_process_is_refused_with_a_clear_line_and_loses_nothing(
    quick_folder, hold, monkeypatch
):
    add(quick_folder, "roads.txt", ROADS)
    add(quick_folder, "water.txt", WATER)
    index = config_of(quick_folder).index
    hold(_HOLD, index)
    monkeypatch.setenv("RAG_CHUNK_CHARS", "60")  # As `config_of` has it.
    done = run_rag("remove", "water", "--index", index)
    listed = run_rag("list", "--index", index)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"rag: another process is writing the index {index}; try again when it has ended\n"
    )
    assert "water" in listed.stdout


def test_a_process_that_was_killed_holds_the_shelf_no_longer(quick_folder, hold):
    add(quick_folder, "roads.txt", ROADS)
    holder = hold(_HOLD, config_of(quick_folder).index)
    with pytest.raises(IndexLockedError):
        add(quick_folder, "water.txt", WATER)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    add(quick_folder, "water.txt", WATER)
    assert set(load_index(config_of(quick_folder)).documents) == {"roads", "water"}


def test_a_second_writer_of_conversations_waits_then_is_told(
    tmp_path, hold, document_answer, monkeypatch
):
    path = tmp_path / "conversations.sqlite3"
    Conversations(path).add(new_turn(document_answer))
    monkeypatch.setattr(rag.history.database, "_WAIT_SECONDS", 0.3)
    holder = hold(_HOLD_HISTORY, path)
    started = time.monotonic()
    with pytest.raises(HistoryError, match="database is locked"):
        Conversations(path).add(new_turn(document_answer, "b"))
    assert time.monotonic() - started > 0.2
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    Conversations(path).add(new_turn(document_answer, "b"))
    assert len(Conversations(path).headings()) == 2


def test_many_processes_that_add_at_once_lose_no_acknowledged_report(quick_folder):
    add(quick_folder, "roads.txt", ROADS)
    put(quick_folder, "water.txt", WATER)
    children = []
    for number in range(4):
        name = f"hills{number}.txt"
        put(quick_folder, name, HILLS + str(number))
        code = (
            "import sys; from pathlib import Path; from rag.errors import IndexLockedError\n"
            "from tests.faults.scenarios import *\n"
            "try: add_documents([Path(sys.argv[1])], HashEncoder(), config_of(Path(sys.argv[2])))\n"
            "except IndexLockedError: sys.exit(3)"
        )
        path = quick_folder / "reports" / name
        command = [sys.executable, "-c", code, str(path), str(quick_folder)]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        children.append((name[:-4], subprocess.Popen(command, env=environment)))
    codes = {name: child.wait() for name, child in children}
    acknowledged = {name for name, code in codes.items() if code == 0}
    assert set(codes.values()) <= {0, 3}
    assert set(load_index(config_of(quick_folder)).documents) == {"roads", *acknowledged}
    assert acknowledged


@pytest.fixture
def document_answer():
    return make_answer("问", Document("roads", "0", ROADS, "题"), ROADS[8:], ROADS[8:], "300公里")


def test_commits_are_synced_before_they_are_acknowledged(tmp_path, document_answer):
    path = tmp_path / "conversations.sqlite3"
    Conversations(path).add(new_turn(document_answer))
    with rag.history.database.writing(path) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("days", [-4000, 4000])
def test_a_clock_that_jumps_loses_no_turn_and_keeps_their_order(
    quick_folder, document_answer, monkeypatch, days
):
    talks = Conversations(config_of(quick_folder).history_file)
    talks.add(new_turn(document_answer, "a", "a-1"))

    class Jumped(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) + timedelta(days=days)

    monkeypatch.setattr(rag.history.conversations, "datetime", Jumped)
    talks.add(new_turn(document_answer, "a", "a-2"))
    talks.add(new_turn(document_answer, "b", "b-1"))
    seen = history_state(quick_folder)
    assert seen.index("a-1") < seen.index("a-2") < seen.index("b-1")


@pytest.mark.parametrize("seconds", [0, 2**31])
def test_a_file_that_was_changed_is_read_again_whatever_its_time(quick_folder, seconds):
    add(quick_folder, "roads.txt", ROADS)
    path = put(quick_folder, "roads.txt", ROADS.replace("300", "450"))
    os.utime(path, (seconds, seconds))
    add(quick_folder, "water.txt", WATER)
    add_documents([path], HashEncoder(), config_of(quick_folder))
    assert "450" in load_index(config_of(quick_folder)).documents["roads"].text


def test_generations_are_ordered_by_number_not_by_time(quick_folder):
    add(quick_folder, "roads.txt", ROADS)
    add(quick_folder, "water.txt", WATER)
    index = config_of(quick_folder).index
    os.utime(index / "gen-000002", (0, 0))
    (index / "CURRENT").unlink()
    assert set(load_index(config_of(quick_folder)).documents) == {"roads", "water"}
