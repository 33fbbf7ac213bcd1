"""Why an answer is what it is: what was searched, found, offered and checked. All are frozen."""

from dataclasses import dataclass
from enum import StrEnum

from rag.found import Standing
from rag.types import Answer, Passage


class Role(StrEnum):
    """What a question was asked for."""

    ASKED = "asked"
    """It is the question itself."""
    SIDE = "side"
    """It is one place's side of a comparison."""
    UNIT = "unit"
    """It is a side asked again, in the unit of the surest one."""
    REPORT = "report"
    """It is asked of another report about the same place, which might disagree."""


class CheckName(StrEnum):
    """What an answer has to pass, in the order in which it is told."""

    OFFER = "offer"
    """The reader offers an answer of the right kind."""
    KIND = "kind"
    """Some of its candidates are of the kind that the question asks for."""
    YEAR = "year"
    """It stands where the report speaks of the years asked for."""
    PLACE = "place"
    """The question names no place that the shelf knows nothing of."""
    CONFIDENCE = "confidence"
    """The reader is sure enough."""
    CITATION = "citation"
    """It stands word for word in the passage that is cited."""
    NUMBER = "number"
    """The cited sentences state its figures with the same value and unit."""


class Outcome(StrEnum):
    """How a check went."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name.

    Attributes:
        name: Which one.
        outcome: How it went.
        items: What made it fail: unknown places, or figures that are not stated.
    """

    name: CheckName
    outcome: Outcome
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was read, with its place in each ranking.

    Attributes:
        passage: With its fused rank and score.
        standing: In dense and lexical search.
        is_partly_closed: True if some of it speaks of other years and was not answered from.
    """

    passage: Passage
    standing: Standing
    is_partly_closed: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that the reader had in mind.

    Attributes:
        text: As it would be shown.
        rank: Of the passage that it was read from.
        probability: In [0, 1], that the reader writes it.
        fits: False if it is not of the kind that the question asks for.
        is_chosen: True for the one that the checks were made of.
    """

    text: str
    rank: int
    probability: float
    fits: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One question that was searched, read and checked.

    Attributes:
        role: What it was asked for.
        question: As it was searched; a follow-up is completed.
        bare: Without the names of places that reports are about: the words that were searched.
        gloss: The Chinese terms that a foreign question was searched by too; else empty.
        read_as: As the reader was given it; empty if nothing was found to read.
        places: Places of reports that it names; alternatives of one name stand together.
        years: Years that it names, ascending.
        passages: What was read, best first.
        candidates: The best few, the most probable first; empty for a reader that does not tell.
        n_candidates: How many there were.
        n_unfit: How many of them are of another kind than asked for.
        refusal: Probability, by the reader, that the passages do not say; None if it does not tell.
        confidence: Of the chosen candidate, in [0, 1].
        threshold: What the confidence was held against; None if only the reader knows.
        checks: All, in the order of `CheckName`.
        answer: What came of it; empty for an abstention.
    """

    role: Role
    question: str
    bare: str
    gloss: str
    read_as: str
    places: tuple[tuple[str, ...], ...]
    years: tuple[int, ...]
    passages: tuple[FoundPassage, ...]
    candidates: tuple[Candidate, ...]
    n_candidates: int
    n_unfit: int
    refusal: float | None
    confidence: float
    threshold: float | None
    checks: tuple[Check, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class StageSeconds:
    """Wall-clock time of each stage, over all parts."""

    search: float = 0.0
    read: float = 0.0
    check: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer is what it is.

    Attributes:
        answer: What is explained.
        parts: The question, or those that were asked for it, in order; empty where the reports
            were only looked through for a word.
        term: That word; else empty.
        seconds: How long each stage took.
    """

    answer: Answer
    parts: tuple[Part, ...]
    term: str
    seconds: StageSeconds
