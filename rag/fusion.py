"""One ranking from several: by scores, which measured better here, or by ranks alone."""

from collections.abc import Mapping, Sequence

from embeddings.stores import Hit


def convex_combination(
    scorings: Sequence[Mapping[str, float]],
    weights: Sequence[float],
    floors: Sequence[float | None],
) -> list[Hit]:
    """Every id with the weighted mean of its scores, each scaled to [0, 1], best first.

    Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", where it
    beats reciprocal rank fusion. Scaled by `(score - low) / (high - low)` with the highest score
    seen, and a floor that is known (0 for BM25) or else the lowest score seen. Their TM2C2 takes
    -1 as the floor of a cosine; the lowest seen spreads the narrow cosines of e5 better. Equal
    scores count 0. Ties are broken by id.

    Args:
        scorings: Score by id; an id that is missing in one has the lowest score there.
        weights: One for each scoring; not all 0.
        floors: One for each scoring; None takes the lowest score seen.

    Raises:
        ValueError: Not one weight and one floor for each scoring.
    """
    combined: dict[str, float] = dict.fromkeys((i for s in scorings for i in s), 0.0)
    total = sum(weights)
    for scoring, weight, floor in zip(scorings, weights, floors, strict=True):
        low = min(scoring.values(), default=0.0) if floor is None else floor
        reach = max(scoring.values(), default=0.0) - low
        for identifier, score in scoring.items():
            if reach > 0:
                combined[identifier] += weight / total * (score - low) / reach
    return _best_first(combined)


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
    return _best_first(scores)


def _best_first(scores: Mapping[str, float]) -> list[Hit]:
    return [Hit(i, scores[i]) for i in sorted(scores, key=lambda i: (-scores[i], i))]
