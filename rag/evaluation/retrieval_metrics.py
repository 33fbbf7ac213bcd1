"""Whether retrieval found the gold evidence, and how high: pure functions of ranked passages."""

from collections.abc import Sequence

from rag.evaluation.evidence import Evidence, Place, squeeze
from rag.evaluation.scores import Score, average
from rag.types import Passage


def gold_rank(passages: Sequence[Passage], evidence: Sequence[Evidence]) -> int | None:
    """Place, from 1, of the first passage that hits; None if none does.

    A passage hits when it holds an evidence string, width and white space apart, or covers at
    least half of the evidence where it stands in the report.
    """
    for rank, passage in enumerate(passages, start=1):
        if any(_hits(passage, gold) for gold in evidence):
            return rank
    return None


def hit_at(ranks: Sequence[int | None], k: int, counts: Sequence[bool]) -> Score:
    """hit@k: the share of counted questions whose gold passage is among the first `k`."""
    pairs = zip(ranks, counts, strict=True)
    return average(
        float(rank is not None and rank <= k) if does_count else None for rank, does_count in pairs
    )


def reciprocal_rank_at(ranks: Sequence[int | None], k: int, counts: Sequence[bool]) -> Score:
    """MRR@k: the mean of 1/rank of the gold passage, 0 beyond rank `k`; ranks start at 1."""
    pairs = zip(ranks, counts, strict=True)
    return average(_reciprocal(rank, k) if does_count else None for rank, does_count in pairs)


def _reciprocal(rank: int | None, k: int) -> float:
    return 1 / rank if rank is not None and rank <= k else 0.0


def _hits(passage: Passage, gold: Evidence) -> bool:
    wanted = squeeze(gold.text)
    if wanted and wanted in squeeze(passage.chunk.text):
        return True
    return gold.is_shown_by(Place(passage.chunk.document_id, passage.chunk.span))
