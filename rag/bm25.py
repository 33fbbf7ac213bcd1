"""BM25 over texts that have an id."""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.stores import Hit
from embeddings.stores.base import best_first
from rag.lexical import DEFAULT_TOKENIZER, TOKENIZERS
from rag.maxscore import Part, Term, candidates, score_rows
from rag.postings import (
    Postings,
    Weighting,
    build_postings,
    hash_terms,
    mean_length,
    peak_growth,
)

_SETTINGS = "bm25.json"
# So many texts of a choice are looked up one by one; of more, the postings are sieved.
_FEW = 1000
_CACHED_CHOICES = 16


class BM25:
    """Okapi BM25 with Lucene's idf, over texts that have an id; never changed.

    The idf is `ln(1 + (N - n + 0.5) / (n + 0.5))`, never negative. See Kamphuis et al. 2020,
    "Which BM25 Do You Mean?", variant "Lucene (accurate)". Scores equal those of bm25s bit by bit.

    Args:
        ids: One id for each text.
        parts: The postings of the texts, in turn.
        tokenizer: Name in `TOKENIZERS`.
        k1: Bends the term frequency.
        b: How much longer texts count less, 0 to 1.

    Raises:
        ValueError: There are not as many ids as texts.
    """

    def __init__(
        self, ids: Sequence[str], parts: Sequence[Postings], tokenizer: str, *, k1: float, b: float
    ) -> None:
        self.ids = tuple(ids)
        self.tokenizer = TOKENIZERS[tokenizer]
        self._k1, self._b = k1, b
        self._rows = {each: row for row, each in enumerate(self.ids)}
        lengths = [part.lengths for part in parts]
        self._first_rows = np.cumsum([0, *map(len, lengths)])
        if len(self.ids) != self._first_rows[-1]:
            raise ValueError(f"{len(self.ids)} ids but {self._first_rows[-1]} texts")
        average = mean_length(np.concatenate(lengths))
        weighting = Weighting(k1, b, average)
        norms = [weighting.norms(each) for each in lengths]
        self._parts = [
            Part(part, norm, norm.astype(np.float32), peak_growth(average, part.lengths))
            for part, norm in zip(parts, norms, strict=True)
        ]
        # Not a method, which would keep this index alive until the next collection of cycles.
        # The choices of a retriever (a place, some reports) are frozen and come again and again.
        self._mask_of = lru_cache(_CACHED_CHOICES)(partial(_mask, self._rows))

    @classmethod
    def build(
        cls,
        ids: Sequence[str],
        texts: Sequence[str],
        tokenizer: str = DEFAULT_TOKENIZER,
        *,
        k1: float = 1.5,
        b: float = 0.75,
    ) -> "BM25":
        """An index over `texts`.

        Raises:
            ValueError: There are not as many ids as texts.
        """
        postings = build_postings(map(TOKENIZERS[tokenizer].cut, texts), k1, b)
        return cls(ids, [postings], tokenizer, k1=k1, b=b)

    @classmethod
    def joined(cls, parts: Sequence["BM25"]) -> "BM25":
        """One index over the texts of `parts`, in turn, of which no posting is copied.

        Raises:
            ValueError: There is none, or they were built in different ways.
        """
        if len({(each.tokenizer.name, each._k1, each._b) for each in parts}) != 1:
            raise ValueError("expected one index or more, of one tokenizer, k1 and b")
        first, *others = parts
        if not others:
            return first
        ids = [each for part in parts for each in part.ids]
        postings = [part.postings for each in parts for part in each._parts]
        return cls(ids, postings, first.tokenizer.name, k1=first._k1, b=first._b)

    def search(self, query: str, top_k: int, allowed: Collection[str] | None = None) -> list[Hit]:
        """The best texts that share a term with `query`, best first; `allowed` limits the ids."""
        if allowed is not None and len(allowed) <= _FEW:
            known = [each for each in allowed if each in self._rows]
            scored = self.scores(query, known).items()
            return best_first(Hit(each, score) for each, score in scored if score > 0)[:top_k]
        mask = None if allowed is None else self._mask_of(frozenset(allowed))
        return best_first(self._found(query, top_k, mask))[:top_k]

    def scores(self, query: str, ids: Collection[str]) -> dict[str, float]:
        """The score of each of `ids`; 0 for a text that shares no term with `query`."""
        ordered = list(ids)
        rows = np.array([self._rows[each] for each in ordered], dtype=np.int64)
        scores = np.zeros(len(rows), dtype=np.float32)
        for part, terms, start, end in self._query(query):
            here = (rows >= start) & (rows < end)
            scores[here] = score_rows(part, terms, rows[here] - start)
        return dict(zip(ordered, scores.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write arrays and JSON (no pickle) into `folder`, which is made if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        for n, part in enumerate(self._parts):
            (folder / f"part-{n}").mkdir()
            part.postings.save(folder / f"part-{n}")
        settings = {"k1": self._k1, "b": self._b, "n_parts": len(self._parts)}
        (folder / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, ids: Sequence[str], tokenizer: str = DEFAULT_TOKENIZER) -> "BM25":
        """The index that `save` wrote; `ids` in the order of `build`.

        Raises:
            ValueError: The folder holds another number of texts, or its files do not fit together.
        """
        settings = json.loads((folder / _SETTINGS).read_bytes())
        parts = [Postings.load(folder / f"part-{n}") for n in range(settings["n_parts"])]
        return cls(ids, parts, tokenizer, k1=settings["k1"], b=settings["b"])

    def _found(self, query: str, top_k: int, mask: NDArray[np.bool_] | None) -> Iterator[Hit]:
        floor = 0.0
        for part, terms, start, end in self._query(query):
            allowed = None if mask is None else mask[start:end]
            different = list({term.place: term for term in terms}.values())
            rows, floor = candidates(part, different, top_k, floor, allowed)
            for row, score in zip(rows, score_rows(part, terms, rows), strict=True):
                if score > 0:
                    yield Hit(self.ids[start + int(row)], float(score))

    def _query(self, query: str) -> Iterator[tuple[Part, list[Term], int, int]]:
        """Each part with the query's terms that it holds, in their order, and its rows."""
        order = self.tokenizer.cut(query)
        times = Counter(order)
        hashes = hash_terms(list(times))
        places = [part.postings.find(hashes) for part in self._parts]
        sizes = [_sizes(part.postings, at) for part, at in zip(self._parts, places, strict=True)]
        idfs = dict(zip(times, map(self._idf, np.sum(sizes, axis=0)), strict=True))
        spans = zip(self._first_rows, self._first_rows[1:], strict=False)
        for part, place, (start, end) in zip(self._parts, places, spans, strict=True):
            at = dict(zip(times, place.tolist(), strict=True))
            terms = {
                term: Term(
                    at[term],
                    idfs[term],
                    times[term],
                    float(part.postings.peaks[at[term]] * part.growth * idfs[term] * times[term]),
                )
                for term in times
                if at[term] >= 0
            }
            yield part, [terms[term] for term in order if term in terms], int(start), int(end)

    def _idf(self, n_texts: int) -> np.float32:
        return np.float32(math.log(1 + (len(self.ids) - n_texts + 0.5) / (n_texts + 0.5)))


def _mask(rows: Mapping[str, int], allowed: frozenset[str]) -> NDArray[np.bool_]:
    mask = np.zeros(len(rows), dtype=np.bool_)
    mask[[rows[each] for each in allowed if each in rows]] = True
    return mask


def _sizes(postings: Postings, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many texts hold each term; 0 where the place is -1."""
    if not len(postings.terms):
        return np.zeros(len(places), dtype=np.int64)
    sizes = postings.starts[places + 1] - postings.starts[np.maximum(places, 0)]
    return np.where(places >= 0, sizes, 0)
