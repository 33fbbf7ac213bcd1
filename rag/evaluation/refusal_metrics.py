"""Whether the product is silent at the right moments: pure functions of two lists of booleans."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.scores import Score, average, f1


@dataclass(frozen=True, slots=True)
class Refusal:
    """How well the product abstains; abstaining is what is to be found.

    Attributes:
        precision: Share of the abstentions that were right.
        recall: Share of the unanswerable questions that were abstained from.
        f1: Their harmonic mean; None when either is undefined.
    """

    precision: Score
    recall: Score
    f1: float | None


def score_refusal(abstained: Sequence[bool], answerable: Sequence[bool]) -> Refusal:
    """Precision, recall and F1 of abstaining; undefined where there is nothing to count."""
    pairs = list(zip(abstained, answerable, strict=True))
    precision = average(float(not can) if did else None for did, can in pairs)
    recall = average(None if can else float(did) for did, can in pairs)
    return Refusal(precision, recall, f1(precision.mean, recall.mean))


def wrong_answers_shown(correct: Sequence[bool], abstained: Sequence[bool]) -> Score:
    """Share of all questions to which a wrong answer was shown: neither right nor withheld."""
    pairs = zip(correct, abstained, strict=True)
    return average(float(not right and not silent) for right, silent in pairs)
