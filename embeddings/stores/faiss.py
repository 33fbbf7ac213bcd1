"""The default store: exact inner product search by FAISS, in memory."""

import hashlib
import json
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError
from embeddings.files import write_atomically
from embeddings.stores.base import Hit, check_new_ids, check_vectors, cut_by_id

if TYPE_CHECKING:
    import faiss

_FORMAT = 1
_INDEX_FILE = "vectors.faiss"
_IDS_FILE = "store.json"


class FaissStore:
    """Vectors in a FAISS `IndexFlatIP`; row `i` of the index belongs to id `i`.

    FAISS allows concurrent searches but no search during a change, so that one lock guards both:
    an exact search takes milliseconds.

    Args:
        dim: Length of each vector.
    """

    def __init__(self, dim: int) -> None:
        import faiss

        if dim < 1:
            raise ValueError(f"dim is {dim}; expected at least 1")
        self._index: faiss.IndexFlatIP = faiss.IndexFlatIP(dim)
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return int(self._index.d)

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
            check_new_ids(ids, self._rows, len(checked))
            self._index.add(checked)
            self._set_ids([*self._ids, *ids])

    def delete(self, ids: Collection[str]) -> None:
        """Forget these ids; see `VectorStore.delete`."""
        import faiss

        with self._lock:
            gone = set(ids)
            unknown = gone - self._rows.keys()
            if unknown:
                raise StoreError(f"id {min(unknown)!r} is not stored; it cannot be deleted")
            # A flat index closes the gap and keeps the order of the rest.
            rows = np.array([self._rows[each] for each in gone], dtype=np.int64)
            self._index.remove_ids(faiss.IDSelectorBatch(rows))
            self._set_ids([each for each in self._ids if each not in gone])

    def search(
        self,
        vectors: NDArray[np.float32],
        top_k: int,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[list[Hit]]:
        """The best hits for each row of `vectors`; see `VectorStore.search`."""
        if top_k < 1:
            raise ValueError(f"top_k is {top_k}; expected at least 1")
        queries = check_vectors(vectors, self.dim)
        with self._lock:
            rows = self._allowed_rows(allowed)
            n_rows = len(self._ids) if rows is None else len(rows)
            if n_rows == 0:
                return [[] for _ in queries]
            use_one_thread()
            with _selected(rows) as parameters:
                return cut_by_id(
                    lambda n: self._ask(queries, n, parameters), min(top_k, n_rows), n_rows
                )

    def save(self, folder: Path) -> None:
        """Write two files into `folder`; see `VectorStore.save`."""
        import faiss

        with self._lock:
            data = faiss.serialize_index(self._index).tobytes()
            ids = list(self._ids)
        description = {"format": _FORMAT, "sha256": hashlib.sha256(data).hexdigest(), "ids": ids}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / _INDEX_FILE, data)
            write_atomically(folder / _IDS_FILE, json.dumps(description).encode("utf-8"))
        except OSError as exc:
            raise StoreError(f"cannot write vectors to {folder}: {exc.strerror}") from exc

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The store that was saved in `folder`; see `VectorStore.load`."""
        try:
            data = (folder / _INDEX_FILE).read_bytes()
            description = json.loads((folder / _IDS_FILE).read_text(encoding="utf-8"))
        except OSError as exc:
            raise StoreError(f"cannot read vectors: {exc.filename}: {exc.strerror}") from exc
        except ValueError as exc:
            raise StoreError(f"{folder / _IDS_FILE} is damaged: {exc}") from exc
        ids = _check_description(description, data, folder)
        return cls._from_bytes(data, ids, folder)

    @classmethod
    def _from_bytes(cls, data: bytes, ids: list[str], folder: Path) -> Self:
        import faiss

        # FAISS checks little of what it reads, which is why the hash was checked before.
        index = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        if not isinstance(index, faiss.IndexFlatIP) or index.ntotal != len(ids):
            raise StoreError(f"{folder} holds no flat index of {len(ids)} vectors")
        store = cls(index.d)
        store._index = index
        store._set_ids(ids)
        return store

    def _set_ids(self, ids: list[str]) -> None:
        self._ids = ids
        self._rows = {each: row for row, each in enumerate(ids)}

    def _ask(
        self, queries: NDArray[np.float32], n: int, parameters: "faiss.SearchParameters | None"
    ) -> list[list[Hit]]:
        scores, rows = self._index.search(queries, n, params=parameters)
        return [
            [Hit(self._ids[row], score) for row, score in zip(*pair, strict=True)]
            for pair in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def _allowed_rows(self, allowed: Collection[str] | None) -> NDArray[np.int64] | None:
        if allowed is None:
            return None
        rows = [self._rows[each] for each in self._rows.keys() & allowed]
        return np.array(sorted(rows), dtype=np.int64)


def _check_description(description: Any, data: bytes, folder: Path) -> list[str]:  # noqa: ANN401 (JSON)
    """The ids of a saved store, if its two files belong together."""
    try:
        version, expected, ids = (description[key] for key in ("format", "sha256", "ids"))
    except (KeyError, TypeError) as exc:
        raise StoreError(f"{folder / _IDS_FILE} is damaged: it misses {exc}") from exc
    if version != _FORMAT:
        raise StoreError(f"{folder} has format {version}; expected {_FORMAT}")
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise StoreError(f"{folder / _INDEX_FILE} has SHA-256 {found}; expected {expected}")
    return [str(each) for each in ids]


@contextmanager
def _selected(rows: NDArray[np.int64] | None) -> Iterator["faiss.SearchParameters | None"]:
    """What holds a search to these rows."""
    import faiss

    if rows is None:
        yield None
        return
    # FAISS keeps a bare pointer to the selector: it must live as long as the parameters.
    selector = faiss.IDSelectorBatch(rows)
    parameters = faiss.SearchParameters()
    parameters.sel = selector
    yield parameters


def use_one_thread() -> None:
    """From now on FAISS computes in the calling thread alone, when it is called by it.

    FAISS brings an OpenMP of its own, whose threads and torch's get into each other's way: the
    search for a question took up to twice as long.
    """
    import faiss

    faiss.omp_set_num_threads(1)
