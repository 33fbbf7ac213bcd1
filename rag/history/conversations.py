"""Conversations as they are kept: added to turn by turn, listed, opened, renamed, deleted."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import HistoryError
from rag.explanation import Explanation
from rag.explanation_output import explained_record
from rag.history.database import reading, writing
from rag.history.owners import file_of
from rag.history.records import answer_of, parse_record
from rag.output import answer_record, as_json, shorten
from rag.types import Answer, Document

MAX_TITLE_CHARS = 80
MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that was just answered.

    Attributes:
        conversation_id: The conversation; it begins with its first turn.
        turn_id: Unique among all turns.
        answer: What was answered.
        explanation: How it came about, if that is known.
        versions: What answered: see `RagPipeline.versions`; and under `documents` and `years` the
            reports and years that the question was held to, if it was.
        replaces: Id of the turn whose question was asked anew; that turn goes.
    """

    conversation_id: str
    turn_id: str
    answer: Answer
    explanation: Explanation | None
    versions: Mapping[str, str]
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn as it was kept.

    Attributes:
        turn_id: As in `NewTurn`.
        number: Its place in the conversation, ascending from 1.
        answered: UTC time, ISO 8601.
        answer: What was answered.
        record: The same in the published form, with its explanation.
        versions: What answered.
        verdict: What the person said of it; empty if nothing.
    """

    turn_id: str
    number: int
    answered: str
    answer: Answer
    record: Mapping[str, Any]  # Any: JSON, as `answer_schema.json` says.
    versions: Mapping[str, str]
    verdict: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation as it is listed; `changed` is the UTC time of its last answer, ISO 8601."""

    conversation_id: str
    title: str
    changed: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its turns, oldest first."""

    heading: Heading
    turns: tuple[KeptTurn, ...]


class Conversations:
    """The conversations in a file. Each call is one transaction; safe in several threads.

    Every method raises HistoryError if the file cannot be used.

    Args:
        path: The file; it is made when the first turn is added.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, user: str) -> "Conversations":
        """Those of `user`, in a file of that user's own; empty means the local user."""
        return Conversations(file_of(self._path, user))

    def add(self, turn: NewTurn) -> None:
        """Keep a turn as the last of its conversation; after this a crash does not lose it.

        What another page has added to the conversation meanwhile stays before it.
        """
        now = datetime.now(UTC).isoformat()
        with writing(self._path) as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET changed = excluded.changed",
                (turn.conversation_id, title_of(turn.answer.question), now),
            )
            connection.execute("DELETE FROM turns WHERE id = ?", (turn.replaces,))
            connection.execute(
                _ADD,
                (
                    turn.turn_id,
                    turn.conversation_id,
                    now,
                    clean(turn.answer.text),
                    clean(as_json(_record(turn))),
                    as_json(dict(turn.versions)),
                    turn.conversation_id,
                ),
            )

    def headings(self, words: str = "") -> tuple[Heading, ...]:
        """The newest conversations whose title holds `words`, newest first, at most 100."""
        query = (
            "SELECT id, title, changed FROM conversations WHERE instr(lower(title), lower(?)) "
            "ORDER BY changed DESC LIMIT ?"
        )
        # instr of an empty text is 1: every title holds it.
        with reading(self._path) as connection:
            rows = connection.execute(query, (clean(words).strip(), MAX_LISTED)).fetchall()
        return tuple(Heading(*row) for row in rows)

    def load(self, conversation_id: str, documents: Mapping[str, Document]) -> Conversation:
        """A conversation, read beside the reports as they are now.

        Raises:
            HistoryError: There is no such conversation, or a turn cannot be read.
        """
        with reading(self._path) as connection:
            heading = connection.execute(
                "SELECT id, title, changed FROM conversations WHERE id = ?", (conversation_id,)
            ).fetchone()
            if heading is None:
                raise _gone()
            rows = connection.execute(_TURNS, (conversation_id,))
            turns = tuple(_turn(row, documents) for row in rows)
        return Conversation(Heading(*heading), turns)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title.

        Raises:
            HistoryError: The title is blank or there is no such conversation.
        """
        title = title_of(title)
        if not title:
            raise HistoryError("the title is empty; type a title for the conversation")
        with writing(self._path) as connection:
            _check_one(
                connection.execute(
                    "UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id)
                )
            )

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its turns; feedback that was given on them stays.

        Raises:
            HistoryError: There is no such conversation.
        """
        with writing(self._path) as connection:
            _check_one(
                connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
            )


_ADD = (
    "INSERT INTO turns SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? "
    "FROM turns WHERE conversation = ?"
)
_TURNS = (
    "SELECT t.id, t.number, t.answered, t.shown, t.record, t.versions, coalesce(f.verdict, '') "
    "FROM turns t LEFT JOIN feedback f ON f.turn = t.id WHERE t.conversation = ? ORDER BY t.number"
)


def title_of(text: str) -> str:
    """A title made of `text`: one line, not too long."""
    return shorten(clean(text), MAX_TITLE_CHARS)


def clean(text: str) -> str:
    """`text` without halves of surrogate pairs, which SQLite cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _record(turn: NewTurn) -> dict[str, object]:
    if turn.explanation is None:
        return answer_record(turn.turn_id, turn.answer)
    return explained_record(turn.turn_id, turn.explanation)


def _turn(row: tuple[Any, ...], documents: Mapping[str, Document]) -> KeptTurn:
    turn_id, number, answered, shown, record_text, versions, verdict = row
    record = parse_record(record_text)
    answer = answer_of(record, shown, documents)
    return KeptTurn(turn_id, number, answered, answer, record, parse_record(versions), verdict)


def _check_one(cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount != 1:
        raise _gone()


def _gone() -> HistoryError:
    return HistoryError("there is no such conversation; it may have been deleted elsewhere")
