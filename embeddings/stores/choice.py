"""Which store holds how many vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.stores.base import VectorStore
from embeddings.stores.faiss import FaissStore
from embeddings.stores.large import LargeStore

# Above it an exact search takes longer than the rest of a question's search: docs/performance.md.
MAX_EXACT = 100_000


def build_store(
    ids: Sequence[str], vectors: NDArray[np.float32], max_exact: int = MAX_EXACT
) -> VectorStore:
    """A store of these vectors: exact up to `max_exact` of them, else an inverted file.

    Raises:
        StoreError: As `VectorStore.add`.
    """
    if len(ids) > max_exact:
        return LargeStore.build(ids, vectors)
    store = FaissStore(vectors.shape[1])
    store.add(ids, vectors)
    return store


def load_store(folder: Path) -> VectorStore:
    """The store that was saved in `folder`, of whichever kind.

    Raises:
        StoreError: There is none, or its files are not what was written.
    """
    return LargeStore.load(folder) if LargeStore.is_in(folder) else FaissStore.load(folder)
