"""The store of many vectors: an inverted file that stays as it is, and what came and went since."""

import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError
from embeddings.stores.base import Hit, best_first, check_new_ids, check_vectors
from embeddings.stores.faiss import FaissStore
from embeddings.stores.ivf import IvfVectors
from embeddings.stores.packed_ids import PackedIds
from embeddings.stores.sealed import read_sealed, write_sealed

_FORMAT = 1
_SETTINGS_FILE, _NEW, _SETTLED = "large.json", "new", "settled"


class LargeStore:
    """Vectors in an inverted file, newer ones beside it in a `FaissStore`.

    Adding and deleting cost what is added and deleted: the inverted file is not touched. Scores
    are exact; of the nearest a few may be missed (docs/performance.md says how many).

    Args:
        dim: Length of each vector.
    """

    def __init__(self, dim: int) -> None:
        self._new = FaissStore(dim)
        self._settled: IvfVectors | None = None
        self._gone: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @classmethod
    def build(cls, ids: Sequence[str], vectors: NDArray[np.float32]) -> Self:
        """A store of these vectors, `(len(ids), dim)`, in an inverted file.

        Args:
            ids: All different.
            vectors: May be mapped; they are read block by block, and kept as they are.

        Raises:
            StoreError: Not one id a vector, or an id stands twice.
        """
        check_new_ids(ids, (), len(vectors))
        store = cls(vectors.shape[1])
        store._settled = IvfVectors.build(vectors, PackedIds.of(ids))
        return store

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether such a store was saved in `folder`."""
        return (folder / _SETTINGS_FILE).is_file()

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self._new.dim

    def count(self) -> int:
        """How many vectors are stored."""
        return self._n_settled() - len(self._gone) + self._new.count()

    def ids(self) -> tuple[str, ...]:
        """The ids of all vectors, in the order of their adding."""
        with self._lock:
            settled = self._settled.ids if self._settled else ()
            return (*(each for each in settled if each not in self._gone), *self._new.ids())

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store `vectors` under new ids; see `VectorStore.add`."""
        with self._lock:
            check_new_ids(ids, self._held(ids), len(check_vectors(vectors, self.dim)))
            self._new.add(ids, vectors)

    def delete(self, ids: Collection[str]) -> None:
        """Forget these ids; see `VectorStore.delete`."""
        with self._lock:
            gone, settled = set(ids), self._held(ids)
            new = gone - settled
            self._new.delete(new)
            self._gone |= settled

    def search(
        self,
        vectors: NDArray[np.float32],
        top_k: int,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[list[Hit]]:
        """The best hits for each row of `vectors`; see `VectorStore.search`."""
        queries = check_vectors(vectors, self.dim)
        with self._lock:
            found, gone = self._new.search(queries, top_k, allowed=allowed), self._gone
        if self._settled is None:
            return found
        # The inverted file never changes: searches in it need not wait for each other.
        settled = _search_settled(self._settled, queries, top_k, allowed, gone)
        pairs = zip(found, settled, strict=True)
        return [best_first([*new, *old])[:top_k] for new, old in pairs]

    def save(self, folder: Path) -> None:
        """Write the store into `folder`; see `VectorStore.save`."""
        with self._lock:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                if self._settled:
                    (folder / _SETTLED).mkdir(exist_ok=True)
                    self._settled.save(folder / _SETTLED)
                self._new.save(folder / _NEW)
                settings = {
                    "n_settled": self._n_settled(),
                    "gone": sorted(self._gone),
                    "has_axes": True,
                }
                write_sealed(folder / _SETTINGS_FILE, _FORMAT, settings)
            except OSError as exc:
                raise StoreError(f"cannot write vectors to {folder}: {exc.strerror}") from exc

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The store that was saved in `folder`, mapped; see `VectorStore.load`."""
        settings = read_sealed(folder / _SETTINGS_FILE, _FORMAT)
        try:
            new = FaissStore.load(folder / _NEW)
            store = cls(new.dim)
            store._new, store._gone = new, frozenset(settings["gone"])
            if settings["n_settled"]:
                has_axes = settings.get("has_axes", False)
                store._settled = IvfVectors.load(folder / _SETTLED, has_axes=has_axes)
        except OSError as exc:
            raise StoreError(f"cannot read vectors: {exc.filename}: {exc.strerror}") from exc
        except (ValueError, KeyError, EOFError, RuntimeError) as exc:
            raise StoreError(f"{folder} is damaged: {exc}") from exc
        if store._n_settled() != settings["n_settled"]:
            raise StoreError(f"{folder} holds {store._n_settled()} vectors of {settings}")
        return store

    def _n_settled(self) -> int:
        return len(self._settled.ids) if self._settled else 0

    def _held(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` that the inverted file holds."""
        if self._settled is None:
            return set()
        rows = self._settled.ids.rows_of(ids)
        return {self._settled.ids[int(row)] for row in rows} - self._gone


def _search_settled(
    settled: IvfVectors,
    queries: NDArray[np.float32],
    top_k: int,
    allowed: Collection[str] | None,
    gone: Collection[str],
) -> list[list[Hit]]:
    # So many more than wanted that those which are gone can be left out.
    n_wanted = min(top_k + len(gone), len(settled.ids))
    answers = []
    for rows, scores in settled.search(queries, n_wanted, allowed):
        ids = (settled.ids[int(row)] for row in rows)
        hits = (Hit(each, float(score)) for each, score in zip(ids, scores, strict=True))
        answers.append([hit for hit in hits if hit.id not in gone])
    return answers
