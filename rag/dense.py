"""Dense search over chunks as a whole and over their short windows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from embeddings.stores import Hit
from rag.index import Index, window_id, window_owner

Vectors = NDArray[np.float32]
# The whole chunk with its header tells the topic, its best window the fact.
WINDOW_WEIGHT = 0.65
# So many windows are looked at for each chunk that is wanted: a chunk has about four.
_WINDOWS_A_CHUNK = 4
_CACHED_CHOICES = 4


class DenseSearch:
    """Cosines between a question and the chunks of an index.

    Args:
        index: Where to search.
        window_weight: Share of the best window in a chunk's score; the rest is the whole chunk's.
    """

    def __init__(self, index: Index, window_weight: float = WINDOW_WEIGHT) -> None:
        self._index = index
        self.window_weight = window_weight
        self._n_windows = index.n_windows
        # Choices (a place, some reports) are frozen and come again and again. Not a method, which
        # would keep this, and the index, alive until the next collection of cycles.
        self._windows_in = lru_cache(_CACHED_CHOICES)(partial(_window_set, self._n_windows))

    def candidates(
        self, whole: Vectors, short: Vectors, n: int, scope: Collection[str] | None = None
    ) -> set[str]:
        """Chunks near the question as a whole, or by one of their windows.

        Args:
            whole: Vector of the question as asked, `(dim,)`.
            short: Vectors of its short texts, `(n_texts, dim)`.
            n: How many chunks each way of searching gives, about.
            scope: Search among these chunks only.
        """
        (found,) = self._index.store.search(whole[None, :], n, allowed=scope)
        ids = {hit.id for hit in found}
        windows = self._windows_in(frozenset(scope)) if scope is not None else None
        for hits in self._index.windows.search(short, n * _WINDOWS_A_CHUNK, allowed=windows):
            ids.update(_owners(hits)[:n])
        return ids

    def scores(self, whole: Vectors, short: Vectors, ids: Collection[str]) -> dict[str, float]:
        """The score of each of the chunks `ids`: whole and best window, weighted."""
        if not ids:
            return {}
        (found,) = self._index.store.search(whole[None, :], len(ids), allowed=ids)
        scores = {hit.id: (1 - self.window_weight) * hit.score for hit in found}
        windows = self._windows_of(ids)
        share = self.window_weight / len(short)
        for hits in self._index.windows.search(short, max(1, len(windows)), allowed=windows):
            # Best first: the first window of a chunk is its best.
            best: dict[str, float] = {}
            for hit in hits:
                best.setdefault(window_owner(hit.id), hit.score)
            for owner, score in best.items():
                scores[owner] += share * score
        return scores

    def _windows_of(self, ids: Iterable[str]) -> list[str]:
        return [window_id(each, n) for each in ids for n in range(self._n_windows[each])]


def _window_set(n_windows: Mapping[str, int], scope: frozenset[str]) -> frozenset[str]:
    return frozenset(window_id(each, n) for each in scope for n in range(n_windows[each]))


def _owners(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(window_owner(hit.id) for hit in hits))
