"""Several stores searched as one."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.stores.base import Hit, Searchable, best_first


class JoinedStore:
    """Stores with different ids, searched as if their vectors lay in one; none is changed.

    Args:
        stores: At least one; vectors of the same length.
    """

    def __init__(self, stores: Sequence[Searchable]) -> None:
        if not stores:
            raise ValueError("no stores to join; expected at least one")
        self._stores = tuple(stores)

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self._stores[0].dim

    def count(self) -> int:
        """How many vectors are stored."""
        return sum(store.count() for store in self._stores)

    def ids(self) -> tuple[str, ...]:
        """The ids of all vectors, store after store."""
        return tuple(each for store in self._stores for each in store.ids())

    def search(
        self,
        vectors: NDArray[np.float32],
        top_k: int,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[list[Hit]]:
        """The best hits of all stores for each row of `vectors`; see `Searchable.search`."""
        found = [store.search(vectors, top_k, allowed=allowed) for store in self._stores]
        by_query = zip(*found, strict=True)
        return [best_first(hit for hits in lists for hit in hits)[:top_k] for lists in by_query]
