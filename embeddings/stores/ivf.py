"""Many vectors: an inverted file of short codes chooses, exact vectors decide."""

from collections.abc import Collection
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings.model_thread import n_model_threads
from embeddings.stores.faiss import use_one_thread
from embeddings.stores.packed_ids import PackedIds
from embeddings.stores.row_file import RowFile

if TYPE_CHECKING:
    import faiss

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
_CODES_FILE, _AXES_FILE, _VECTORS_FILE = "codes.faiss", "axes.npy", "vectors.npy"
# Codes are of so many dimensions; measured in docs/performance.md.
_CODE_DIM = 192
# The root of n lists, at most so many: each vector is compared with the centre of each.
_MAX_LISTS = 1024
_TRAINED_A_LIST = 40
# So many lists hold nearly all of the nearest: docs/performance.md.
_PROBED_LISTS = 64
_TRAINING_ROUNDS = 8
_BLOCK = 50_000
# Codes choose about right, so that twice as many are looked at as are wanted.
_REFINED = 2
# So many vectors are compared one by one rather than looked for in the lists.
_FEW = 5000
_CACHED_CHOICES = 4


class IvfVectors:
    """Vectors that are found by inner product nearly always, and scored exactly; never changed.

    Codes are of the axes along which the vectors differ most, one byte an axis, on the list of
    the nearest centre (FAISS, `IndexIVFScalarQuantizer`). A search reads the codes of some lists,
    and the exact vectors of the best from their file, a few hundred rows. Several threads may
    search at once.

    Args:
        index: The codes, by row.
        axes: `(dim, code_dim)`, orthonormal columns.
        vectors: `(n, dim)`, L2-normalised.
        ids: The id of each row.
    """

    def __init__(
        self, index: "faiss.IndexIVF", axes: Vectors, vectors: Vectors | RowFile, ids: PackedIds
    ) -> None:
        self._index = index
        self._axes = axes
        self._vectors = vectors
        self.ids = ids
        # Not a method, which would keep this alive until the next collection of cycles.
        self._mask_of = lru_cache(_CACHED_CHOICES)(partial(_mask, ids))

    @classmethod
    def build(cls, vectors: Vectors, ids: PackedIds) -> "IvfVectors":
        """An index over `vectors`, which may be mapped: they are read block by block."""
        import faiss

        n = len(vectors)
        n_lists = min(_MAX_LISTS, max(1, int(np.sqrt(n))))
        sample = np.ascontiguousarray(
            vectors[:: max(1, n // (n_lists * _TRAINED_A_LIST))][: n_lists * _TRAINED_A_LIST]
        )
        axes = main_axes(sample)
        centres = faiss.IndexFlatIP(axes.shape[1])
        index = faiss.IndexIVFScalarQuantizer(
            centres,
            axes.shape[1],
            n_lists,
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
            False,  # the vectors themselves, not how they differ from the centre: 1.3 times faster
        )
        index.cp.niter = _TRAINING_ROUNDS
        faiss.omp_set_num_threads(n_model_threads())
        index.train(sample @ axes)
        for start in range(0, n, _BLOCK):
            index.add(vectors[start : start + _BLOCK] @ axes)
        use_one_thread()
        return cls(index, axes, vectors, ids)

    def search(
        self, queries: Vectors, top_k: int, allowed: Collection[str] | None = None
    ) -> list[tuple[Rows, Vectors]]:
        """For each query, of `(n, dim)`, the rows of the best vectors, best first, and scores."""
        if allowed is not None and len(allowed) <= _FEW:
            rows = self.ids.rows_of(allowed)
            return [self._best(query, rows, top_k) for query in queries]
        mask = None if allowed is None else self._mask_of(frozenset(allowed))
        near = (self._candidates(query, top_k * _REFINED, mask) for query in queries)
        return [self._best(*pair, top_k) for pair in zip(queries, near, strict=True)]

    def save(self, folder: Path) -> None:
        """Write the codes, axes, vectors and ids into `folder`, which exists."""
        import faiss

        faiss.write_index(self._index, str(folder / _CODES_FILE))
        vectors = self._vectors
        whole = vectors.whole() if isinstance(vectors, RowFile) else vectors
        np.save(folder / _AXES_FILE, self._axes, allow_pickle=False)
        np.save(folder / _VECTORS_FILE, whole, allow_pickle=False)
        self.ids.save(folder)

    @classmethod
    def load(cls, folder: Path, *, has_axes: bool = True) -> "IvfVectors":
        """What `save` wrote, mapped but for the vectors, which stay in their file.

        Args:
            folder: Where it was written.
            has_axes: False if it was before there were axes: codes are of the vectors as they are.

        Raises:
            ValueError: The files do not belong together.
            RuntimeError: FAISS cannot read the codes.
        """
        import faiss

        index = faiss.read_index(str(folder / _CODES_FILE), faiss.IO_FLAG_MMAP)
        if not isinstance(index, faiss.IndexIVF):
            raise ValueError(f"{folder / _CODES_FILE} holds no inverted file")
        vectors = RowFile(folder / _VECTORS_FILE)
        dim = vectors.shape[1]
        axes = np.load(folder / _AXES_FILE, allow_pickle=False) if has_axes else np.eye(dim)
        ids = PackedIds.load(folder)
        if not len(ids) == len(vectors) == index.ntotal:
            raise ValueError(
                f"{folder}: {len(ids)} ids, {len(vectors)} vectors, {index.ntotal} codes"
            )
        if axes.shape != (dim, index.d):
            raise ValueError(f"{folder}: axes {axes.shape}; expected {(dim, index.d)}")
        return cls(index, axes.astype(np.float32), vectors, ids)

    def _best(self, query: Vectors, rows: Rows, top_k: int) -> tuple[Rows, Vectors]:
        scores = self._vectors[rows] @ query
        best = np.argsort(-scores, kind="stable")[:top_k]
        return rows[best], scores[best]

    def _candidates(self, query: Vectors, n: int, mask: NDArray[np.uint8] | None) -> Rows:
        import faiss

        n_lists, n_rows = self._index.nlist, len(self.ids)
        n_probed, selector = min(n_lists, _PROBED_LISTS), None
        if mask is not None:
            # The nearest of a choice lie on more lists, the fewer they are.
            n_allowed = int(np.bitwise_count(mask).sum())
            n_probed = min(n_lists, n_probed * n_rows // max(1, n_allowed))
            # FAISS keeps a bare pointer to the mask, which the caller holds.
            selector = faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(mask))
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe, parameters.sel = n_probed, selector
        use_one_thread()
        short = query[None, :] @ self._axes
        _, found = self._index.search(short, min(n, n_rows), params=parameters)
        rows: Rows = found[0][found[0] >= 0]
        return rows


def main_axes(vectors: Vectors) -> Vectors:
    """Orthonormal columns that keep most of the inner products between `vectors`.

    The leading eigenvectors of the second moments, not of the covariance: inner products depend on
    where the origin is. At most `_CODE_DIM` of them.
    """
    moments = vectors.T.astype(np.float64) @ vectors.astype(np.float64)
    _, rising = np.linalg.eigh(moments)
    axes: Vectors = np.ascontiguousarray(rising[:, ::-1][:, :_CODE_DIM].astype(np.float32))
    return axes


def _mask(ids: PackedIds, allowed: frozenset[str]) -> NDArray[np.uint8]:
    bits = np.zeros(len(ids), dtype=np.bool_)
    bits[ids.rows_of(allowed)] = True
    return np.packbits(bits, bitorder="little")
