"""Find the passages for a question: dense, lexical, and both fused, within the places named."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.stores import Hit
from rag.config import RagConfig
from rag.fusion import reciprocal_rank_fusion
from rag.index import Index, indexed_text
from rag.places import named_places, short_name
from rag.types import Passage

Vectors = NDArray[np.float32]
_HAN = re.compile("[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


class Retriever(Protocol):
    """Anything that finds passages for a query."""

    @property
    def name(self) -> str:
        """Stands in the passages that it finds."""
        ...

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first."""
        ...


class DenseRetriever:
    """Nearest vectors.

    Args:
        index: Where to search.
        encoder: The one that the index was made with.
    """

    name = "dense"

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """The passages whose vectors are nearest to the query's; the score is the cosine."""
        (hits,) = self._index.store.search(self._encoder.encode_queries([query]), top_k)
        return to_passages(self._index, hits, self.name)


class BM25Retriever:
    """Shared words and character pairs.

    Args:
        index: Where to search.
    """

    name = "bm25"

    def __init__(self, index: Index) -> None:
        self._index = index

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """The passages with the highest BM25 score; none if no word of the query is known."""
        return to_passages(self._index, self._index.lexical.search(query, top_k), self.name)


class HybridRetriever:
    """Dense and lexical rankings fused by reciprocal rank, within the places that are named.

    A question that names places is answered from the reports about them, and from chunks of
    other reports that name them too. With several places their passages come in turn, so that
    a comparison sees both. A question that names none searches the whole shelf.

    Args:
        index: Where to search.
        encoder: The one that the index was made with.
        config: `n_candidates` and `rrf_constant`.
        dense_weight: Weight of the dense ranking; the lexical one has 1.
        foreign_dense_weight: The same for questions that are not in Chinese: reports are, so
            that words and characters hardly match.
        use_places: False searches the whole shelf always.
    """

    name = "hybrid"

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        config: RagConfig,
        *,
        dense_weight: float = 1.0,
        foreign_dense_weight: float = 4.0,
        use_places: bool = True,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._config = config
        self._weights = dense_weight, foreign_dense_weight
        places = {d.place for d in index.documents.values() if d.place}
        self._places = tuple(sorted(places)) if use_places else ()
        self._scopes: dict[tuple[str, ...], frozenset[str]] = {}

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first; scores compare within one place only."""
        return self.retrieve_many([query], top_k)[0]

    def retrieve_many(self, queries: Sequence[str], top_k: int) -> list[tuple[Passage, ...]]:
        """Passages for each query; all queries are encoded in one batch."""
        if not queries:
            return []
        vectors = self._encoder.encode_queries(queries)
        return [
            to_passages(self._index, self._search(query, vector, top_k), self.name)
            for query, vector in zip(queries, vectors, strict=True)
        ]

    def _search(self, query: str, vector: Vectors, top_k: int) -> list[Hit]:
        groups = named_places(query, self._places)
        if not groups:
            return self._fuse(query, vector, None)[:top_k]
        fused = [self._fuse(query, vector, self._scope(group)) for group in groups]
        return take_in_turn(fused, top_k)

    def _fuse(self, query: str, vector: Vectors, scope: frozenset[str] | None) -> list[Hit]:
        n_candidates = self._config.n_candidates
        (dense,) = self._index.store.search(vector[None, :], n_candidates, allowed=scope)
        lexical = self._index.lexical.search(query, n_candidates, scope)
        return reciprocal_rank_fusion(
            [[hit.id for hit in dense], [hit.id for hit in lexical]],
            constant=self._config.rrf_constant,
            weights=[self._weights[is_foreign(query)], 1.0],
        )

    def _scope(self, places: tuple[str, ...]) -> frozenset[str]:
        """Chunks of the reports about `places`, and other chunks that name one of them."""
        if places not in self._scopes:
            names = {short_name(place) for place in places}
            self._scopes[places] = frozenset(
                chunk.chunk_id
                for chunk in self._index.chunks.values()
                if self._index.documents[chunk.document_id].place in places
                or any(name in indexed_text(chunk) for name in names)
            )
        return self._scopes[places]


def is_foreign(query: str) -> bool:
    """True if fewer than half of the letters in `query` are Chinese characters."""
    return 2 * len(_HAN.findall(query)) < len(_LETTER.findall(query))


def take_in_turn(rankings: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """The best of each ranking, then the second of each ..., each id once."""
    depth = max(map(len, rankings), default=0)
    in_turn = (ranking[i] for i in range(depth) for ranking in rankings if i < len(ranking))
    taken: dict[str, Hit] = {}
    for hit in in_turn:
        taken.setdefault(hit.id, hit)
    return list(taken.values())[:top_k]


def to_passages(index: Index, hits: Iterable[Hit], retriever: str) -> tuple[Passage, ...]:
    """`hits`, best first, as passages ranked from 1."""
    return tuple(
        Passage(index.chunks[hit.id], hit.score, rank, retriever)
        for rank, hit in enumerate(hits, start=1)
    )
