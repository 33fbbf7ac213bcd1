"""Reciprocal rank fusion: one ranking from several, by ranks alone."""

from collections.abc import Sequence

from embeddings.stores import Hit


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[str]],
    *,
    constant: int = 60,
    weights: Sequence[float] | None = None,
) -> list[Hit]:
    """Every id of `rankings` with the sum of `weight / (constant + rank)`, best first.

    Ranks start at 1. Cormack, Clarke and Buettcher 2009, "Reciprocal Rank Fusion outperforms
    Condorcet", with their constant 60. Our deviations: a weight for each ranking (they use 1),
    and ties are broken by id, so that the order does not depend on who came first.

    Args:
        rankings: Ids best first; within one ranking an id stands once.
        constant: The larger, the less the first ranks stand out.
        weights: One for each ranking; None means 1 each.

    Raises:
        ValueError: Not one weight for each ranking, or an id stands twice in one of them.
    """
    weights = [1.0] * len(rankings) if weights is None else weights
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        if len(set(ranking)) != len(ranking):
            raise ValueError("an id stands twice in one ranking")
        for rank, identifier in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + weight / (constant + rank)
    return [Hit(i, scores[i]) for i in sorted(scores, key=lambda i: (-scores[i], i))]
