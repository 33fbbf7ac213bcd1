"""Outcomes of single questions summed up: overall, and by type, report and language."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.evaluation.outcome import Outcome
from rag.evaluation.refusal_metrics import score_refusal, wrong_answers_shown
from rag.evaluation.retrieval_metrics import hit_at, reciprocal_rank_at
from rag.evaluation.scores import Interval, Score, average, interval, percentile

Unit = Literal["share", "count", "seconds", "bytes"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A named result.

    Attributes:
        name: As in the field: `hit@5`, `accuracy`, `seconds_p50`.
        value: None when no question counts.
        n: Questions that count.
        interval: 95 % confidence interval of the value, where it is a mean.
        unit: What the value counts; a share is in [0, 1].
    """

    name: str
    value: float | None
    n: int
    interval: Interval | None = None
    unit: Unit = "share"


@dataclass(frozen=True, slots=True)
class Group:
    """The questions that share a type, report or language.

    Attributes:
        by: `type`, `report` or `language`.
        name: The type, report or language that they share.
        n: Questions in the group.
        measures: The leading measures over the group.
    """

    by: str
    name: str
    n: int
    measures: tuple[Measure, ...]


def summarise(outcomes: Sequence[Outcome], peak_memory_bytes: int) -> tuple[Measure, ...]:
    """Every measure over `outcomes`."""
    return (
        *_retrieval(outcomes),
        *_answers(outcomes),
        *_citations(outcomes),
        *_refusals(outcomes),
        *_costs(outcomes, peak_memory_bytes),
    )


def group(outcomes: Sequence[Outcome]) -> tuple[Group, ...]:
    """The leading measures by type, by report and by language, each in alphabetical order."""
    keys: dict[str, Callable[[Outcome], str]] = {
        "type": lambda outcome: outcome.question.type,
        "report": _report_of,
        "language": lambda outcome: outcome.question.lang,
    }
    return tuple(
        _group(by, name, [outcome for outcome in outcomes if key(outcome) == name])
        for by, key in keys.items()
        for name in sorted({key(outcome) for outcome in outcomes})
    )


def _report_of(outcome: Outcome) -> str:
    documents = outcome.question.documents
    return documents[0] if len(documents) == 1 else "(several)" if documents else "(none)"


def _group(by: str, name: str, outcomes: Sequence[Outcome]) -> Group:
    hit_at_5 = [measure for measure in _retrieval(outcomes) if measure.name == "hit@5"]
    chosen = {"accuracy", "f1", "abstained", "wrong_answers_shown"}
    others = [m for m in (*_answers(outcomes), *_refusals(outcomes)) if m.name in chosen]
    return Group(by, name, len(outcomes), (*hit_at_5, *others))


def _retrieval(outcomes: Sequence[Outcome]) -> Iterable[Measure]:
    ranks = [outcome.gold_rank for outcome in outcomes]
    counts = [outcome.has_evidence for outcome in outcomes]
    for k in (1, 5, 10):
        yield _mean(f"hit@{k}", hit_at(ranks, k, counts))
    yield _mean("MRR@10", reciprocal_rank_at(ranks, 10, counts))


def _answers(outcomes: Sequence[Outcome]) -> Iterable[Measure]:
    answerable = [outcome for outcome in outcomes if outcome.question.is_answerable]
    yield _mean("accuracy", average(float(o.correct) for o in outcomes))
    yield _mean("accuracy_answerable", average(float(o.correct) for o in answerable))
    yield _mean("accuracy_baseline", average(float(o.baseline_correct) for o in outcomes))
    yield _mean("exact_match", average(o.exact_match for o in outcomes))
    yield _mean("f1", average(o.f1 for o in outcomes))
    yield _mean("number_exactness", average(o.number_exact for o in outcomes))


def _citations(outcomes: Sequence[Outcome]) -> Iterable[Measure]:
    yield _mean("citation_precision", average(o.citation_precision for o in outcomes))
    yield _mean("citation_recall", average(o.citation_recall for o in outcomes))
    yield _mean("right_report", average(o.right_report for o in outcomes))
    n_citations = sum(outcome.n_citations for outcome in outcomes)
    yield Measure("citations", n_citations, len(outcomes), unit="count")
    n_inexact = sum(outcome.n_inexact_citations for outcome in outcomes)
    yield Measure("inexact_citations", n_inexact, len(outcomes), unit="count")


def _refusals(outcomes: Sequence[Outcome]) -> Iterable[Measure]:
    abstained = [outcome.abstained for outcome in outcomes]
    refusal = score_refusal(abstained, [outcome.question.is_answerable for outcome in outcomes])
    yield _mean("refusal_precision", refusal.precision)
    yield _mean("refusal_recall", refusal.recall)
    yield Measure("refusal_f1", refusal.f1, len(outcomes))
    yield _mean("abstained", average(map(float, abstained)))
    correct = [outcome.correct for outcome in outcomes]
    yield _mean("wrong_answers_shown", wrong_answers_shown(correct, abstained))


def _costs(outcomes: Sequence[Outcome], peak_memory_bytes: int) -> Iterable[Measure]:
    seconds = [outcome.seconds for outcome in outcomes]
    n = len(seconds)
    yield Measure("seconds_p50", percentile(seconds, 50), n, unit="seconds")
    yield Measure("seconds_p95", percentile(seconds, 95), n, unit="seconds")
    yield Measure("peak_memory", peak_memory_bytes, n, unit="bytes")


def _mean(name: str, score: Score) -> Measure:
    return Measure(name, score.mean, len(score.counted), interval(score))
