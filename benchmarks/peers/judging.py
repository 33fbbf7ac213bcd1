"""Whether passages show the gold evidence, judged by their text alone: the same for every system.

`rag.evaluation` judges by where a passage stands in its report, which other systems do not tell.
Here the evidence must be within the passage's text, or share at least half of itself with one end
of it (a passage that was cut through the evidence); and the passage must be from a report that the
question is about. White space and the width of characters do not count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.evidence import squeeze
from rag.evaluation.questions import Question
from rag.evaluation.retrieval_metrics import hit_at
from rag.evaluation.scores import Score, average

_MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a system returned: its report's id and its text."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the passages of all questions were.

    Attributes:
        hit_at_1: Share of questions whose first passage shows the evidence.
        hit_at_5: The same of the first five.
        hit_in_budget: The same of the first `budget_chars` characters of all passages in a row:
            long passages have no advantage here.
        mean_chars: Mean length of the passages returned.
    """

    hit_at_1: Score
    hit_at_5: Score
    hit_in_budget: Score
    mean_chars: float


def judge(
    questions: Sequence[Question], passages: Sequence[Sequence[Found]], budget_chars: int
) -> Judgement:
    """How well `passages`, best first, show the evidence of the question at the same place.

    Raises:
        ValueError: There is not one list of passages for each question.
    """
    pairs = list(zip(questions, passages, strict=True))
    ranks = [rank_of_evidence(question, found) for question, found in pairs]
    cut = [rank_of_evidence(question, within(found, budget_chars)) for question, found in pairs]
    counts = [True] * len(pairs)
    lengths = [len(passage.text) for found in passages for passage in found]
    return Judgement(
        hit_at_1=hit_at(ranks, 1, counts),
        hit_at_5=hit_at(ranks, 5, counts),
        hit_in_budget=average(float(rank is not None) for rank in cut),
        mean_chars=sum(lengths) / len(lengths) if lengths else 0.0,
    )


def rank_of_evidence(question: Question, found: Sequence[Found]) -> int | None:
    """Place, from 1, of the first passage that shows the evidence; None if none does."""
    evidence = [squeeze(text) for text in question.evidence]
    for rank, passage in enumerate(found, start=1):
        if passage.document in question.documents and any(
            shows(squeeze(passage.text), wanted) for wanted in evidence
        ):
            return rank
    return None


def shows(text: str, wanted: str) -> bool:
    """True if `text` holds `wanted`, or has at least half of it at one of its ends.

    Both are squeezed. Text without any evidence to look for shows nothing.
    """
    if not wanted:
        return False
    least = math.ceil(_MIN_SHARE * len(wanted))
    if wanted in text:
        return True
    if text in wanted:
        return len(text) >= least
    return text.endswith(_starts(wanted, least)) or text.startswith(_ends(wanted, least))


def within(found: Sequence[Found], budget_chars: int) -> list[Found]:
    """The first `budget_chars` characters of the passages in a row, the last one cut."""
    kept: list[Found] = []
    for passage in found:
        if budget_chars <= 0:
            break
        kept.append(Found(passage.document, passage.text[:budget_chars]))
        budget_chars -= len(passage.text)
    return kept


def _starts(wanted: str, least: int) -> tuple[str, ...]:
    return tuple(wanted[:n] for n in range(least, len(wanted)))


def _ends(wanted: str, least: int) -> tuple[str, ...]:
    return tuple(wanted[-n:] for n in range(least, len(wanted)))
