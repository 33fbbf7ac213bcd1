"""The SQLite file of conversations and feedback: made, checked, and its errors told.

One transaction holds everything that one call does; SQLite's write-ahead log and its full
synchronisation keep what was committed across a crash.
"""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rag.durable import make_folder, sync
from rag.errors import HistoryError
from rag.history.records import BrokenRecordError

FORMAT_VERSION = 1
_APPLICATION_ID = 0x52414748  # Tells our files from other programs' databases.
_WAIT_SECONDS = 5.0
_TABLES = (
    """CREATE TABLE conversations (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, changed TEXT NOT NULL)""",
    """CREATE TABLE turns (
        id TEXT PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
        number INTEGER NOT NULL, answered TEXT NOT NULL, shown TEXT NOT NULL,
        record TEXT NOT NULL, versions TEXT NOT NULL, UNIQUE (conversation, number))""",
    # A copy of the answer, not a reference: it is rated as it was, and outlives its conversation.
    """CREATE TABLE feedback (
        turn TEXT PRIMARY KEY, given TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,
        record TEXT NOT NULL, versions TEXT NOT NULL)""",
)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads one state of the file; a file that is missing reads as empty.

    Raises:
        HistoryError: The file cannot be used.
    """
    with _told(path), contextlib.closing(_open(path if path.exists() else None)) as connection:
        connection.execute("BEGIN")
        yield connection


@contextlib.contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept at the end, or none of them on any error.

    The file is made if it is missing, for this user alone.

    Raises:
        HistoryError: The file cannot be used.
    """
    with _told(path):
        if not path.exists():
            _make_file(path)
        with contextlib.closing(_open(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection


def problem_of(path: Path) -> str:
    """What is wrong with the file; empty if it is whole, or not there yet."""
    try:
        with reading(path) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    except HistoryError as exc:
        return str(exc)
    problems = " ".join("; ".join(found).split())
    return "" if found == ["ok"] else f"{path} is damaged ({problems}); {_MOVE}"


def copy_file(source: Path, target: Path) -> None:
    """Copy a file as it is at one moment, with what its log holds, into another.

    What was in `target` is replaced in one transaction; if it is missing, it is made for this
    user alone.

    Raises:
        HistoryError: One of them cannot be used.
    """
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with _told(source), contextlib.closing(sqlite3.connect(uri, uri=True)) as old:
        _check(old, source)
        with _told(target):
            if not target.exists():
                _make_file(target)
            with contextlib.closing(_open(target)) as new:
                old.backup(new)


def _open(path: Path | None) -> sqlite3.Connection:
    """A checked connection to the file, or to an empty database in memory."""
    connection = sqlite3.connect(path or ":memory:", timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        if path is None:
            _make_tables(connection)
        else:
            _check(connection, path)
    except BaseException:
        connection.close()
        raise
    connection.execute("PRAGMA foreign_keys = ON")
    # Some builds of SQLite come with NORMAL, which may lose the last commits in a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _make_file(path: Path) -> None:
    """Put an empty file in its place at once, so that nobody ever meets one half made."""
    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    os.close(descriptor)
    made = Path(name)
    try:
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as connection:
            _make_tables(connection)
        with contextlib.suppress(FileExistsError):  # Somebody else was faster; theirs is as good.
            path.hardlink_to(made)
        sync(path.parent)
    finally:
        made.unlink()


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not of this format."""
    owner, version = _number(connection, "application_id"), _number(connection, "user_version")
    if owner != _APPLICATION_ID:
        raise HistoryError(f"{path} is no file of conversations; {_MOVE}")
    if version != FORMAT_VERSION:
        raise HistoryError(
            f"{path} has format {version}, and this program knows {FORMAT_VERSION}; "
            f"update the program, or {_MOVE}"
        )


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(value)


# SQLite would put what a write-ahead log of the old file holds into the new one.
_MOVE = (
    "move the file away, and its -wal file if there is one, to begin a new one, "
    "or name another by RAG_HISTORY"
)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what SQLite and the file system complain of as HistoryError."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as exc:
        raise HistoryError(
            f"cannot use {path} ({exc}): nothing is kept until this is put right; "
            "RAG_HISTORY names another file"
        ) from exc
    except (sqlite3.DatabaseError, BrokenRecordError) as exc:
        raise HistoryError(f"{path} is damaged or of another kind ({exc}); {_MOVE}") from exc
