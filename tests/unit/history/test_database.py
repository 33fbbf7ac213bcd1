import sqlite3
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import HistoryError
from rag.history import Conversations
from rag.history.database import _make_file, writing
from tests.unit.history.conftest import new_turn


def test_a_missing_file_reads_as_empty_and_is_not_made(path, conversations):
    assert conversations.headings() == ()
    assert not path.exists()


def test_the_file_is_for_its_owner_alone_and_has_a_write_ahead_log(path, conversations, answer):
    conversations.add(new_turn(answer))
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_an_error_undoes_the_whole_transaction(path, conversations, answer):
    def delete_and_fail() -> None:
        with writing(path) as connection:
            connection.execute("DELETE FROM conversations")
            raise RuntimeError

    conversations.add(new_turn(answer))
    with pytest.raises(RuntimeError):
        delete_and_fail()
    assert len(conversations.headings()) == 1


def test_a_file_of_another_kind_is_named_and_left_as_it_is(path, conversations, answer):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(HistoryError, match=r"conversations\.sqlite3 is damaged or of another kind"):
        conversations.headings()
    with pytest.raises(HistoryError, match="move the file away, and its -wal file"):
        conversations.add(new_turn(answer))
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_damaged_page_is_told(path, conversations, answer):
    for n in range(50):
        conversations.add(new_turn(answer, str(n)))
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="is damaged"):
        conversations.headings()


def test_a_file_of_a_newer_version_is_refused(path, conversations, answer):
    conversations.add(new_turn(answer))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(HistoryError, match="has format 2, and this program knows 1; update"):
        conversations.headings()


def test_the_database_of_another_program_is_refused_and_left_as_it_is(path, conversations, answer):
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(HistoryError, match="is no file of conversations"):
        conversations.add(new_turn(answer))
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("theirs",)]


def test_a_folder_in_place_of_the_file_is_told(path, conversations, answer):
    path.mkdir(parents=True)
    with pytest.raises(HistoryError, match="cannot use"):
        conversations.add(new_turn(answer))


def test_a_record_that_is_no_answer_is_told_with_the_file(path, conversations, answer):
    conversations.add(new_turn(answer))
    with writing(path) as connection:
        connection.execute("UPDATE turns SET record = '{}'")
    with pytest.raises(HistoryError, match=r"conversations\.sqlite3 is damaged .*KeyError"):
        conversations.load("a", {})


def test_making_the_file_leaves_nothing_else_beside_it(path, conversations, answer):
    conversations.add(new_turn(answer))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_another_process_made_meanwhile_is_kept(path, conversations, answer):
    conversations.add(new_turn(answer))
    _make_file(path)
    assert len(conversations.headings()) == 1


def test_an_empty_file_is_told(path, conversations):
    path.parent.mkdir()
    path.touch()
    with pytest.raises(HistoryError, match="is no file of conversations; move the file away"):
        conversations.headings()


def test_the_file_lies_beside_the_index_unless_named():
    assert RagConfig(index=Path("x/index")).history_file == Path("x/conversations.sqlite3")
    assert RagConfig(history="y/z.db").history_file == Path("y/z.db")


def test_a_path_with_a_question_mark_is_a_path(tmp_path, answer):
    path = tmp_path / "a?mode=memory#x.db"
    Conversations(path).add(new_turn(answer))
    assert path.exists()
