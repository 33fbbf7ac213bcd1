"""What a search found, with what each kind of search gave for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embeddings.stores import Hit
from rag.queries import SearchQuery
from rag.types import Passage


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chunk stands in each kind of search, among the candidates for one place.

    Attributes:
        dense_rank: From 1; None if dense search did not score it.
        dense_score: Cosine of the whole chunk and its best window, weighted; None likewise.
        lexical_rank: From 1; None if it shares no term with the query.
        lexical_score: BM25; 0 if it shares no term.
    """

    dense_rank: int | None = None
    dense_score: float | None = None
    lexical_rank: int | None = None
    lexical_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates of one search, scored by both kinds of it.

    Attributes:
        dense: Score by chunk id.
        lexical: Likewise; 0 for a chunk that shares no term with the query.
        fused: Best first.
    """

    dense: Mapping[str, float]
    lexical: Mapping[str, float]
    fused: Sequence[Hit]

    def place_of(self, chunk_id: str) -> int | None:
        """Where the chunk stands in the fused order, from 0; None if it is no candidate."""
        return next((i for i, hit in enumerate(self.fused) if hit.id == chunk_id), None)

    def standing(self, chunk_id: str) -> Standing:
        """Where a candidate stands in each kind of search."""
        return Standing(
            _rank(best_first(self.dense), chunk_id),
            self.dense.get(chunk_id),
            _rank(best_first(matching(self.lexical)), chunk_id),
            self.lexical.get(chunk_id, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for one query.

    Attributes:
        query: What was searched.
        passages: Best first.
        rankings: One for each place that the query names, or one for the whole shelf.
    """

    query: SearchQuery
    passages: tuple[Passage, ...]
    rankings: tuple[Ranking, ...]

    def standing(self, chunk_id: str) -> Standing:
        """Where a chunk stands, in the ranking that it was taken from."""
        places = [(ranking.place_of(chunk_id), ranking) for ranking in self.rankings]
        known = [(place, ranking) for place, ranking in places if place is not None]
        if not known:
            return Standing()
        _, ranking = min(known, key=lambda pair: pair[0])
        return ranking.standing(chunk_id)


def best_first(scores: Mapping[str, float]) -> list[str]:
    """Ids by score, the highest first; ties by id."""
    return sorted(scores, key=lambda i: (-scores[i], i))


def matching(lexical: Mapping[str, float]) -> dict[str, float]:
    """The scores of the chunks that share a term with the query."""
    return {each: score for each, score in lexical.items() if score > 0}


def _rank(ids: Sequence[str], chunk_id: str) -> int | None:
    return ids.index(chunk_id) + 1 if chunk_id in ids else None
