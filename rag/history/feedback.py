"""What people said of answers: right, or wrong and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from rag.errors import HistoryError
from rag.history.conversations import clean
from rag.history.database import reading, writing
from rag.history.owners import file_of
from rag.history.records import BrokenRecordError, parse_record

MAX_REASON_CHARS = 500


class Verdict(StrEnum):
    """What a person says of an answer."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Rating:
    """An answer and what was said of it.

    Attributes:
        given: UTC time, ISO 8601.
        verdict: Right or wrong.
        reason: Why it is wrong, in the person's words; may be empty.
        record: The answer in the published form, with question, citations and passages.
        versions: What had answered.
    """

    given: str
    verdict: Verdict
    reason: str
    record: Mapping[str, Any]  # Any: JSON, as `answer_schema.json` says.
    versions: Mapping[str, str]


class Feedback:
    """The feedback in a file. Each call is one transaction; safe in several threads.

    Every method raises HistoryError if the file cannot be used.

    Args:
        path: The file, which conversations are kept in, too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, user: str) -> "Feedback":
        """Those of `user`, in a file of that user's own; empty means the local user."""
        return Feedback(file_of(self._path, user))

    def give(self, turn_id: str, verdict: Verdict, reason: str = "") -> None:
        """Keep what was said of a turn, in place of what was said of it before.

        Raises:
            HistoryError: The turn was not kept, or the reason is too long.
        """
        reason = clean(reason).strip()
        if len(reason) > MAX_REASON_CHARS:
            raise HistoryError(
                f"the reason has {len(reason)} characters; at most {MAX_REASON_CHARS} are kept, "
                "shorten it"
            )
        with writing(self._path) as connection:
            given = connection.execute(
                "INSERT INTO feedback SELECT id, ?, ?, ?, record, versions FROM turns WHERE id = ? "
                "ON CONFLICT (turn) DO UPDATE SET given = excluded.given, "
                "verdict = excluded.verdict, reason = excluded.reason",
                (datetime.now(UTC).isoformat(), verdict.value, reason, turn_id),
            )
            if given.rowcount != 1:
                raise HistoryError("this answer is not kept (any more), so it cannot be rated")

    def withdraw(self, turn_id: str) -> None:
        """Forget what was said of a turn."""
        with writing(self._path) as connection:
            connection.execute("DELETE FROM feedback WHERE turn = ?", (turn_id,))

    def ratings(self) -> tuple[Rating, ...]:
        """All feedback, oldest first."""
        query = "SELECT given, verdict, reason, record, versions FROM feedback ORDER BY given"
        with reading(self._path) as connection:
            return tuple(_rating(*row) for row in connection.execute(query))


def _rating(given: str, verdict: str, reason: str, record: str, versions: str) -> Rating:
    if verdict not in set(Verdict):
        raise BrokenRecordError(f"a verdict is {verdict!r}; expected right or wrong")
    return Rating(given, Verdict(verdict), reason, parse_record(record), parse_record(versions))
