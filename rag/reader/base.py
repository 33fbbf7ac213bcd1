"""What every reader gives: an answer made of characters of the passages it was shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rag.types import Span

LIST_SEPARATOR = "、"
YES, NO = "是", "否"
"""The words of a reader's own before the evidence of a yes/no question."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """Other words to read in place of a stretch of a passage; answers keep the passage's own.

    Attributes:
        span: The stretch.
        text: What is read for it.
    """

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class ReaderInput:
    """A question and the passages to answer it from, best first.

    Attributes:
        question: As asked.
        passages: The texts to read.
        headers: Contextual header of each passage, read but never copied into an answer.
        closed: Stretches of each passage that are read but not answered from, since they speak
            of another time; empty for no such stretch in any passage.
        reworded: What is to be read otherwise in each passage, in order; empty for nothing in any.
    """

    question: str
    passages: tuple[str, ...]
    headers: tuple[str, ...]
    closed: tuple[tuple[Span, ...], ...] = ()
    reworded: tuple[tuple[Rewording, ...], ...] = ()

    def __post_init__(self) -> None:
        if len(self.passages) != len(self.headers):
            raise ValueError(f"{len(self.passages)} passages but {len(self.headers)} headers")
        if self.closed and len(self.passages) != len(self.closed):
            raise ValueError(f"{len(self.passages)} passages but {len(self.closed)} closed parts")
        if self.reworded and len(self.passages) != len(self.reworded):
            raise ValueError(f"{len(self.passages)} passages but {len(self.reworded)} reworded")

    def is_closed(self, passage: int, span: Span) -> bool:
        """True if `span` of that passage must not be answered from."""
        return bool(self.closed) and any(span.overlaps(part) for part in self.closed[passage])

    def reworded_in(self, passage: int, window: Span) -> tuple[Rewording, ...]:
        """What is to be read otherwise within a window of that passage, from the window's start."""
        return tuple(
            Rewording(each.span.shift(-window.start), each.text)
            for each in (self.reworded[passage] if self.reworded else ())
            if window.start <= each.span.start and each.span.end <= window.end
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer that a reader had in mind.

    Attributes:
        text: As it would be shown.
        passage: Which passage (from 0) it was read from.
        probability: In [0, 1], that the reader writes it.
        fits: False if it is not of the kind that the question asks for, so that it is out.
    """

    text: str
    passage: int
    probability: float
    fits: bool


@dataclass(frozen=True, slots=True)
class Working:
    """How a reader came to its answer.

    Attributes:
        offers: The best few, the most probable first.
        n_offers: How many there were.
        n_unfit: How many of them are not of the kind that the question asks for.
        refusal: Probability, in [0, 1], that the passages do not say.
        threshold: Confidence under which the reader prefers to say nothing.
    """

    offers: tuple[Offer, ...]
    n_offers: int
    n_unfit: int
    refusal: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's answer.

    Attributes:
        text: The answer; empty when it found none.
        passage: Which passage (from 0) it was read from; None when it found none.
        spans: Where the answer's characters stand in that passage, in order.
        confidence: Probability, in [0, 1], that the answer is right.
        abstained: True if the reader prefers to say nothing.
        word: `是` or `否` for a yes/no question that the text is the evidence for; else empty.
        working: How it came about; None for a reader that does not tell.
    """

    text: str
    passage: int | None
    spans: tuple[Span, ...]
    confidence: float
    abstained: bool
    word: str = ""
    working: Working | None = field(default=None, compare=False, repr=False)

    @property
    def answer(self) -> str:
        """What is shown: the text, behind its word if it has one."""
        return with_word(self.word, self.text)


def with_word(word: str, text: str) -> str:
    """The evidence `text` of a yes/no answer behind its word; without a word, itself."""
    return f"{word}：{text}" if word else text


class Reader(Protocol):
    """Anything that answers questions from passages."""

    model_id: str

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """One reading for each input, in order."""
        ...
