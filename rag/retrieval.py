"""Find the passages for a question: dense, lexical, and both fused, within the places named."""

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.stores import Hit
from rag.config import RagConfig
from rag.dense import WINDOW_WEIGHT, DenseSearch
from rag.found import Found, Ranking, best_first, matching
from rag.fusion import convex_combination, reciprocal_rank_fusion
from rag.index import Index, indexed_text
from rag.places import short_name
from rag.queries import SearchQuery, parse_query
from rag.types import Document, Passage

Vectors = NDArray[np.float32]
# Flat between 0.3 and 0.7 in docs/retrieval.md.
LEXICAL_WEIGHT = 0.5


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
    """Nearest vectors of whole chunks, the plain baseline.

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
    """Dense and lexical scores fused, within the places that the question names.

    A question that names places is answered from the reports about them, and from chunks of
    other reports that name them too. With several places their passages come in turn, so that
    a comparison sees both. A question that names none searches the whole shelf. Questions in
    other languages are searched by their Chinese terms too.

    Args:
        index: Where to search.
        encoder: The one that the index was made with.
        config: `n_candidates`, `fusion` and `rrf_constant`.
        lexical_weight: Share of BM25 in the fused score, 0 to 1.
        window_weight: Share of a chunk's best window in its dense score, 0 to 1.
        use_places: False searches the whole shelf always.
        use_gloss: False leaves out the Chinese terms of foreign questions.
    """

    name = "hybrid"

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        config: RagConfig,
        *,
        lexical_weight: float = LEXICAL_WEIGHT,
        window_weight: float = WINDOW_WEIGHT,
        use_places: bool = True,
        use_gloss: bool = True,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._config = config
        self._weights = 1 - lexical_weight, lexical_weight
        self._dense = DenseSearch(index, window_weight)
        self._use_places, self._use_gloss = use_places, use_gloss
        self._allowed: frozenset[str] | None = None
        self._places = _places_of(index.documents.values())
        self._scopes: dict[tuple[str, ...], frozenset[str]] = {}

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        return self._encoder

    def over(self, index: Index) -> "HybridRetriever":
        """The same retriever, with the same settings, over another generation of the index."""
        window_weight = self._dense.window_weight
        return HybridRetriever(
            index,
            self._encoder,
            self._config,
            lexical_weight=self._weights[1],
            window_weight=window_weight,
            use_places=self._use_places,
            use_gloss=self._use_gloss,
        )

    def within(self, document_ids: Collection[str]) -> "HybridRetriever":
        """The same retriever over these reports only, as if it knew no other places.

        How rare a word is still counts over the whole shelf.
        """
        chosen = {name: self._index.documents[name] for name in document_ids}
        narrowed = copy.copy(self)
        narrowed._places = _places_of(chosen.values())
        narrowed._allowed = frozenset(
            chunk_id for name in chosen for chunk_id in self._index.chunk_ids.get(name, ())
        )
        return narrowed

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first; scores compare within one place only."""
        return self.retrieve_many([query], top_k)[0]

    def retrieve_many(self, queries: Sequence[str], top_k: int) -> list[tuple[Passage, ...]]:
        """Passages for each query; all queries are encoded in one batch."""
        return [found.passages for found in self.search_many(queries, top_k)]

    def search_many(self, queries: Sequence[str], top_k: int) -> list[Found]:
        """As `retrieve_many`, with what was searched and how all candidates were ranked."""
        parsed = [
            parse_query(q, self._places, use_places=self._use_places, use_gloss=self._use_gloss)
            for q in queries
        ]
        texts = list(dict.fromkeys(t for q in parsed for t in (q.question, *q.short_texts)))
        vectors = dict(zip(texts, self._encoder.encode_queries(texts), strict=True))
        return [self._search(query, vectors, top_k) for query in parsed]

    def _search(self, query: SearchQuery, vectors: dict[str, Vectors], top_k: int) -> Found:
        whole = vectors[query.question]
        short = np.stack([vectors[text] for text in query.short_texts])
        scopes = [*map(self._scope, query.places)] or [self._allowed]
        rankings = tuple(self._rank(query, whole, short, scope) for scope in scopes)
        hits = take_in_turn([ranking.fused for ranking in rankings], top_k)
        return Found(query, to_passages(self._index, hits, self.name), rankings)

    def _rank(
        self, query: SearchQuery, whole: Vectors, short: Vectors, scope: frozenset[str] | None
    ) -> Ranking:
        """Candidates of both kinds of search, each scored by both."""
        n = self._config.n_candidates
        ids = self._dense.candidates(whole, short, n, scope)
        ids |= {hit.id for hit in self._index.lexical.search(query.lexical, n, scope)}
        dense = self._dense.scores(whole, short, ids)
        lexical = self._index.lexical.scores(query.lexical, ids)
        return Ranking(dense, lexical, self._fuse(dense, lexical))

    def _fuse(self, dense: Mapping[str, float], lexical: Mapping[str, float]) -> list[Hit]:
        if self._config.fusion == "scores":
            return convex_combination([dense, lexical], self._weights, [None, 0.0])
        rankings = [best_first(dense), best_first(matching(lexical))]
        constant = self._config.rrf_constant
        return reciprocal_rank_fusion(rankings, constant=constant, weights=self._weights)

    def _scope(self, places: tuple[str, ...]) -> frozenset[str] | None:
        """The chunks to search for `places`."""
        about = self._chunks_about(places)
        return about if self._allowed is None else about & self._allowed

    def _chunks_about(self, places: tuple[str, ...]) -> frozenset[str]:
        """Chunks of the reports about `places`, and other chunks that name one of them."""
        if places not in self._scopes:
            names = {short_name(place) for place in places}
            about = (
                chunk_id
                for document in self._index.documents.values()
                for chunk_id in self._chunks_of(document, places, names)
            )
            self._scopes[places] = frozenset(about)
        return self._scopes[places]

    def _chunks_of(
        self, document: Document, places: Collection[str], names: Collection[str]
    ) -> Iterable[str]:
        """Those of the chunks of a report that are about `places`, or say one of their names."""
        ids, chunks = self._index.chunk_ids.get(document.document_id, ()), self._index.chunks
        if document.place in places:
            return ids
        # All that a chunk says stands in one of these: most reports need not be gone through.
        headings = (section.title for section in document.sections)
        said = [document.text, document.title, document.place or "", *headings]
        named = [name for name in names if any(name in text for text in said)]
        if not named:
            return ()
        return [i for i in ids if any(name in indexed_text(chunks[i]) for name in named)]


def _places_of(documents: Iterable[Document]) -> tuple[str, ...]:
    return tuple(sorted({document.place for document in documents if document.place}))


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
