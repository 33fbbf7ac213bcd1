"""What every vector store does, and the checks that they share."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored vector near a query; a higher `score` is nearer."""

    id: str
    score: float


class Searchable(Protocol):
    """Vectors with ids, searched by inner product. Safe to use from several threads."""

    @property
    def dim(self) -> int:
        """Length of each vector."""
        ...

    def count(self) -> int:
        """How many vectors are stored."""
        ...

    def ids(self) -> tuple[str, ...]:
        """The ids of all vectors, in the order of their adding."""
        ...

    def search(
        self,
        vectors: NDArray[np.float32],
        top_k: int,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[list[Hit]]:
        """For each row of `vectors`, `(n, dim)`, the best hits, best first, ties by id.

        Args:
            vectors: The queries.
            top_k: At most this many hits for each; at least 1.
            allowed: Search among these ids only; ids that are not stored are passed over.

        Raises:
            StoreError: Wrong shape, or a number that is not finite.
            ValueError: `top_k` is below 1.
        """
        ...


class VectorStore(Searchable, Protocol):
    """Vectors that can be added, deleted, saved and loaded."""

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store `vectors`, `(len(ids), dim)`, under ids that are not in use.

        Raises:
            StoreError: Wrong shape, a number that is not finite, or an id that is in use; nothing
                is stored then.
        """
        ...

    def delete(self, ids: Collection[str]) -> None:
        """Forget these ids.

        Raises:
            StoreError: An id is not stored; nothing is deleted then.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the store into `folder`, made if it is missing.

        Raises:
            StoreError: It cannot be written.
        """
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The store that was saved in `folder`.

        Raises:
            StoreError: There is none, or its files are not what was written.
        """
        ...


def check_vectors(vectors: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """`vectors` as contiguous float32, `(n, dim)`.

    Raises:
        StoreError: Wrong shape, or a number that is not finite.
    """
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise StoreError(f"vectors have shape {vectors.shape}; expected (n, {dim})")
    checked = np.ascontiguousarray(vectors, dtype=np.float32)
    if not np.isfinite(checked).all():
        raise StoreError("vectors hold NaN or infinity; expected finite numbers")
    return checked


def check_new_ids(ids: Sequence[str], known: Collection[str], n_vectors: int) -> None:
    """Do nothing if `ids` are as many as the vectors, all different, and none is known.

    Raises:
        StoreError: They are not.
    """
    if len(ids) != n_vectors:
        raise StoreError(f"{len(ids)} ids for {n_vectors} vectors; expected one id a vector")
    seen: set[str] = set()
    for each in ids:
        if each in seen or each in known:
            raise StoreError(f"id {each!r} is already stored; delete it first")
        seen.add(each)


def cut_by_id(ask: Callable[[int], list[list[Hit]]], top_k: int, n_rows: int) -> list[list[Hit]]:
    """The best `top_k` for each query; which of equal scores come in depends on ids alone.

    Args:
        ask: The best so many hits for each query, best first, ties in any order.
        top_k: At most `n_rows`.
        n_rows: How many hits there are for each query.
    """
    n_wanted = top_k
    while True:
        # One more than needed shows whether the cut goes through equal scores.
        n_wanted = min(n_wanted + 1, n_rows)
        found = ask(n_wanted)
        is_cut_in_tie = any(
            len(hits) == n_wanted and hits[top_k - 1].score == hits[-1].score for hits in found
        )
        if n_wanted == n_rows or not is_cut_in_tie:
            return [best_first(hits)[:top_k] for hits in found]
        n_wanted *= 2


def best_first(hits: Iterable[Hit]) -> list[Hit]:
    """The hits by falling score, ties by rising id."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))
