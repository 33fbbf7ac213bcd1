"""What happened on the way to an answer, kept while it happens, and told as an explanation."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag.checks import Checked, Read
from rag.explanation import (
    Candidate,
    Check,
    CheckName,
    Explanation,
    FoundPassage,
    Outcome,
    Part,
    Role,
    StageSeconds,
)
from rag.found import Found
from rag.mentions import asked_mention
from rag.periods import asked_years
from rag.reader.base import Offer, Working
from rag.types import Answer, Passage, Span

_UNTOLD = Working((), 0, 0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A question that was searched, read and checked.

    Attributes:
        role: What it was asked for.
        found: Its passages are those that were read.
        read: None if there was nothing to read.
        checked: What came of it.
        threshold: As the request gave it; below 0 the reader's own.
    """

    role: Role
    found: Found
    read: Read | None
    checked: Checked
    threshold: float


@dataclass(slots=True)
class Trail:
    """The attempts of one request, in order, and the seconds of each stage."""

    attempts: list[Attempt] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def timed(trail: Trail | None, stage: str) -> Iterator[None]:
    """Add the time that the block takes to the seconds of `stage`."""
    started = time.perf_counter()
    yield
    if trail is not None:
        trail.seconds[stage] = trail.seconds.get(stage, 0.0) + time.perf_counter() - started


def explain(trail: Trail, answer: Answer) -> Explanation:
    """The explanation of `answer`, to which `trail` led."""
    parts = tuple(map(_part, trail.attempts))
    term = "" if parts else asked_mention(answer.understood or answer.question)
    return Explanation(answer, parts, term, StageSeconds(**trail.seconds))


def _part(attempt: Attempt) -> Part:
    found, read, answer = attempt.found, attempt.read, attempt.checked.answer
    query = found.query
    told = read.reading.working if read else None
    working = told or _UNTOLD
    return Part(
        attempt.role,
        query.question,
        query.bare,
        query.gloss,
        read.asked.question if read else "",
        query.places,
        tuple(sorted(asked_years(query.question))),
        tuple(_passage(found, read, number) for number in range(len(found.passages))),
        tuple(_candidate(offer, found.passages, read) for offer in working.offers),
        working.n_offers,
        working.n_unfit,
        told.refusal if told else None,
        read.reading.confidence if read else 0.0,
        _threshold(attempt.threshold, told),
        _checks(attempt),
        answer.short,
    )


def _passage(found: Found, read: Read | None, number: int) -> FoundPassage:
    passage = found.passages[number]
    closed = read.asked.closed if read else ()
    return FoundPassage(
        passage, found.standing(passage.chunk.chunk_id), bool(closed and closed[number])
    )


def _candidate(offer: Offer, passages: tuple[Passage, ...], read: Read | None) -> Candidate:
    is_chosen = read is not None and (
        (offer.text, offer.passage) == (read.reading.answer, read.reading.passage)
    )
    rank = passages[offer.passage].rank
    return Candidate(offer.text, rank, offer.probability, offer.fits, is_chosen)


def _threshold(asked: float, working: Working | None) -> float | None:
    if asked >= 0:
        return asked
    return working.threshold if working else None


def _checks(attempt: Attempt) -> tuple[Check, ...]:
    """Every check by name: those of the reading, those that were made, and those not reached."""
    made = {check.name: check for check in attempt.checked.checks}
    if attempt.read is not None:
        years = asked_years(attempt.found.query.question)
        of_reading: Mapping[CheckName, Outcome] = {
            CheckName.OFFER: _outcome(bool(attempt.read.reading.text)),
            CheckName.KIND: _kind(attempt.read.reading.working),
            CheckName.YEAR: _year(attempt.read) if years else Outcome.NOT_NEEDED,
        }
        made |= {name: Check(name, outcome) for name, outcome in of_reading.items()}
    return tuple(made.get(name, Check(name, Outcome.NOT_REACHED)) for name in CheckName)


def _kind(working: Working | None) -> Outcome:
    if working is None or not working.n_offers:
        return Outcome.NOT_NEEDED
    return _outcome(working.n_unfit < working.n_offers)


def _year(read: Read) -> Outcome:
    """Failed if the answer speaks of another year, or nothing that was read may be of the year."""
    asked = read.asked
    all_closed = bool(asked.closed) and all(
        Span(0, len(text)) in closed
        for text, closed in zip(asked.passages, asked.closed, strict=True)
    )
    return _outcome(not read.is_closed and not all_closed)


def _outcome(passed: bool) -> Outcome:
    return Outcome.PASSED if passed else Outcome.FAILED
