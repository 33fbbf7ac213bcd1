"""Vectors in Milvus: from Milvus Lite in a folder to a distributed cluster, by the URI alone."""

import json
import threading
import uuid
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError
from embeddings.stores.base import Hit, check_new_ids, check_vectors, cut_by_id
from embeddings.stores.milvus_client import (
    ID_BYTES,
    MilvusAddress,
    connect,
    create_collection,
    translated,
)
from embeddings.stores.sealed import read_sealed, write_sealed

_COLLECTION_FILE = "milvus.json"

_FORMAT = 1
# Milvus takes messages up to 64 MB: of 384 numbers, these are 3 MB.
_ROWS_AT_ONCE = 2000
# A Milvus that hangs is told as one that cannot be reached: a question must not wait for ever.
_SEARCH_SECONDS, _WRITE_SECONDS = 30.0, 600.0
# What Milvus itself gives to one question at most.
_MOST_HITS = 16_384


class MilvusStore:
    """Vectors in one Milvus collection, in a flat index: searches are exact.

    Ids and their order are kept here, vectors there. `save` writes the name of the collection and
    the ids: a folder and its collection belong together, and what is changed afterwards must be
    saved again.

    Args:
        dim: Length of each vector.
        address: Where the collection is made.

    Raises:
        StoreUnavailableError: pymilvus is not installed, or Milvus cannot be reached.
    """

    def __init__(self, dim: int, address: MilvusAddress) -> None:
        if dim < 1:
            raise ValueError(f"dim is {dim}; expected at least 1")
        self._open(dim, address, f"rag_{uuid.uuid4().hex}", [])
        with translated(address):
            create_collection(self._client, self._collection, dim)

    def _open(self, dim: int, address: MilvusAddress, collection: str, ids: list[str]) -> None:
        self._dim = dim
        self._address = address
        self._client = connect(address)
        self._collection = collection
        self._ids = dict.fromkeys(ids)
        self._lock = threading.Lock()

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self._dim

    def count(self) -> int:
        """How many vectors are stored."""
        return len(self._ids)

    def ids(self) -> tuple[str, ...]:
        """The ids of all vectors, in the order of their adding."""
        with self._lock:
            return tuple(self._ids)

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store `vectors` under new ids; see `VectorStore.add`."""
        checked = check_vectors(vectors, self.dim)
        with self._lock:
            check_new_ids(ids, self._ids, len(checked))
            _check_lengths(ids)
            with translated(self._address):
                for start in range(0, len(ids), _ROWS_AT_ONCE):
                    part = slice(start, start + _ROWS_AT_ONCE)
                    rows = zip(ids[part], checked[part], strict=True)
                    self._client.insert(
                        self._collection,
                        [{"id": each, "vector": row} for each, row in rows],
                        timeout=_WRITE_SECONDS,
                    )
            self._ids.update(dict.fromkeys(ids))

    def delete(self, ids: Collection[str]) -> None:
        """Forget these ids; see `VectorStore.delete`."""
        with self._lock:
            gone = set(ids)
            if unknown := gone - self._ids.keys():
                raise StoreError(f"id {min(unknown)!r} is not stored; it cannot be deleted")
            if not gone:
                return
            with translated(self._address):
                self._client.delete(self._collection, ids=sorted(gone), timeout=_WRITE_SECONDS)
            for each in gone:
                del self._ids[each]

    def search(
        self,
        vectors: NDArray[np.float32],
        top_k: int,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[list[Hit]]:
        """The best hits for each row of `vectors`; see `VectorStore.search`.

        Milvus gives 16,384 hits at most.
        """
        if top_k < 1:
            raise ValueError(f"top_k is {top_k}; expected at least 1")
        queries = check_vectors(vectors, self.dim)
        with self._lock:
            wanted = None if allowed is None else sorted(self._ids.keys() & set(allowed))
            n_rows = min(len(self._ids) if wanted is None else len(wanted), _MOST_HITS)
        if n_rows == 0 or len(queries) == 0:
            return [[] for _ in queries]
        return cut_by_id(lambda n: self._ask(queries, n, wanted), min(top_k, n_rows), n_rows)

    def save(self, folder: Path) -> None:
        """Have Milvus write the vectors, and the ids into `folder`; see `VectorStore.save`."""
        with self._lock:
            ids = list(self._ids)
            with translated(self._address):
                # Until then Milvus Lite searches them row by row, twenty times as slowly.
                self._client.flush(self._collection, timeout=_WRITE_SECONDS)
        content = {"uri": self._address.uri, "name": self._collection, "dim": self.dim, "ids": ids}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_sealed(folder / _COLLECTION_FILE, _FORMAT, content)
        except OSError as exc:
            raise StoreError(f"cannot write vectors to {folder}: {exc.strerror}") from exc

    @classmethod
    def load(cls, folder: Path, address: MilvusAddress | None = None) -> Self:
        """The store that was saved in `folder`; see `VectorStore.load`.

        Args:
            folder: Where it was saved.
            address: Where its collection is now; None for where it was then, without a token.

        Raises:
            StoreError: The file is missing or damaged, or the collection is missing or does not
                hold as many vectors as were saved.
            StoreUnavailableError: pymilvus is not installed, or Milvus cannot be reached.
        """
        content = read_sealed(folder / _COLLECTION_FILE, _FORMAT)
        address = address or MilvusAddress(content["uri"])
        store = cls.__new__(cls)
        store._open(content["dim"], address, content["name"], content["ids"])
        # Milvus Lite can lose rows without a word when its files are damaged.
        found, expected = store._count_rows(), store.count()
        if found != expected:
            raise StoreError(
                f"collection {content['name']} at {address.uri} holds {found} vectors; "
                f"expected {expected}"
            )
        return store

    def _count_rows(self) -> int:
        with translated(self._address):
            if not self._client.has_collection(self._collection, timeout=_SEARCH_SECONDS):
                raise StoreError(
                    f"there is no collection {self._collection} at {self._address.uri}"
                )
            self._client.load_collection(self._collection, timeout=_WRITE_SECONDS)
            (row,) = self._client.query(
                self._collection,
                filter="",
                output_fields=["count(*)"],
                timeout=_SEARCH_SECONDS,
            )
            return int(row["count(*)"])

    def _ask(
        self, queries: NDArray[np.float32], limit: int, wanted: list[str] | None
    ) -> list[list[Hit]]:
        with translated(self._address):
            answers = self._client.search(
                self._collection,
                data=list(queries),
                # Not by `filter_params`: Milvus Lite 3.2 does not know them.
                filter="" if wanted is None else f"id in {json.dumps(wanted, ensure_ascii=False)}",
                limit=limit,
                output_fields=["id"],
                timeout=_SEARCH_SECONDS,
            )
            return [[Hit(hit["id"], float(hit["distance"])) for hit in hits] for hits in answers]


def drop_saved(folder: Path, address: MilvusAddress | None = None) -> None:
    """Remove the collection of the store that was saved in `folder`, if there is one.

    Args:
        folder: Where it was saved.
        address: Where its collection is now; None for where it was then, without a token.

    Raises:
        StoreError: The file is damaged.
        StoreUnavailableError: pymilvus is not installed, or Milvus cannot be reached.
    """
    if not (folder / _COLLECTION_FILE).exists():
        return
    content = read_sealed(folder / _COLLECTION_FILE, _FORMAT)
    address = address or MilvusAddress(content["uri"])
    if address.is_lite and not Path(address.uri).exists():
        return  # Connecting would make it.
    client = connect(address)
    with translated(address):
        client.drop_collection(content["name"], timeout=_WRITE_SECONDS)


def _check_lengths(ids: Sequence[str]) -> None:
    for each in ids:
        if (n_bytes := len(each.encode("utf-8"))) > ID_BYTES:
            raise StoreError(f"id {each[:20]!r}... has {n_bytes} bytes; expected {ID_BYTES}")
