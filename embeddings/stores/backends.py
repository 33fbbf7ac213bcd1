"""The kinds of vector stores: how a kind writes, opens and forgets the stores of an index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.stores.base import VectorStore
from embeddings.stores.choice import build_store, load_store
from embeddings.stores.milvus import MilvusStore, drop_saved
from embeddings.stores.milvus_client import MilvusAddress, connect


class Backend(Protocol):
    """One kind of store."""

    @property
    def is_in_folder(self) -> bool:
        """True if all of a store lies in its folder, so that a copy of that is a store too."""
        ...

    def write(self, ids: Sequence[str], vectors: NDArray[np.float32], folder: Path) -> VectorStore:
        """A store of `vectors`, `(len(ids), dim)`, saved in `folder`.

        Raises:
            StoreError: As `VectorStore.add` and `VectorStore.save`.
            StoreUnavailableError: Its server cannot be reached.
        """
        ...

    def load(self, folder: Path) -> VectorStore:
        """The store that was saved in `folder`.

        Raises:
            StoreError: There is none, or it is not what was saved.
            StoreUnavailableError: Its server cannot be reached.
        """
        ...

    def forget(self, folder: Path) -> None:
        """Remove what a store saved in `folder`, of any kind, keeps outside of it.

        Raises:
            StoreError: It cannot be removed.
            StoreUnavailableError: Its server cannot be reached.
        """
        ...


class FaissBackend:
    """Stores that lie in their folders, of the kind that their size calls for."""

    is_in_folder = True

    def write(self, ids: Sequence[str], vectors: NDArray[np.float32], folder: Path) -> VectorStore:
        """A store of `vectors`; see `Backend.write`."""
        store = build_store(ids, vectors)
        store.save(folder)
        return store

    def load(self, folder: Path) -> VectorStore:
        """The store in `folder`; see `Backend.load`."""
        return load_store(folder)

    def forget(self, folder: Path) -> None:
        """Remove what lies elsewhere, of a Milvus store before; see `Backend.forget`."""
        drop_saved(folder)


class MilvusBackend:
    """Stores that are collections of one Milvus.

    Args:
        address: Where it is.

    Raises:
        StoreUnavailableError: pymilvus is not installed, or Milvus cannot be reached.
    """

    is_in_folder = False

    def __init__(self, address: MilvusAddress) -> None:
        self._address = address
        connect(address)  # Told at once, not after hours of encoding.

    def write(self, ids: Sequence[str], vectors: NDArray[np.float32], folder: Path) -> VectorStore:
        """A store of `vectors`; see `Backend.write`."""
        store = MilvusStore(vectors.shape[1], self._address)
        # From now on the folder names its collection: a build that breaks off leaves none behind.
        store.save(folder)
        store.add(ids, vectors)
        store.save(folder)
        return store

    def load(self, folder: Path) -> VectorStore:
        """The store in `folder`; see `Backend.load`."""
        return MilvusStore.load(folder, self._address)

    def forget(self, folder: Path) -> None:
        """Drop the collection of a store; see `Backend.forget`."""
        drop_saved(folder, self._address)
