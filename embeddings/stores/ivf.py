"""Many vectors: an inverted file of short codes chooses, exact vectors decide."""

from collections.abc import Collection
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings.stores.packed_ids import PackedIds

if TYPE_CHECKING:
    import faiss

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
_CODES_FILE, _VECTORS_FILE = "codes.faiss", "vectors.npy"
# The root of n lists, at most so many: each vector is compared with the centre of each.
_MAX_LISTS = 1024
_TRAINED_A_LIST = 40
# Measured in docs/performance.md: this share of the lists holds 0.98 of the nearest.
_PROBED_SHARE = 1 / 16
_TRAINING_ROUNDS = 8
_BLOCK = 50_000
# Codes are right to a thousandth, so that twice as many are looked at as are wanted.
_REFINED = 2
# So many vectors are compared one by one rather than looked for in the lists.
_FEW = 5000
_CACHED_CHOICES = 4


class IvfVectors:
    """Vectors that are found by inner product nearly always, and scored exactly; never changed.

    FAISS puts each vector on the list of its nearest centre, as a code of one byte a dimension
    (`IndexIVFScalarQuantizer`). A search reads the codes of a sixteenth of the lists, and the
    exact vectors of the best. Exact vectors lie in a mapped file, of which it touches a few
    hundred rows. Several threads may search at once.

    Args:
        index: The codes, by row.
        vectors: `(n, dim)`, L2-normalised.
        ids: The id of each row.
    """

    def __init__(self, index: "faiss.IndexIVF", vectors: Vectors, ids: PackedIds) -> None:
        self._index = index
        self._vectors = vectors
        self.ids = ids
        # Not a method, which would keep this alive until the next collection of cycles.
        self._mask_of = lru_cache(_CACHED_CHOICES)(partial(_mask, ids))

    @classmethod
    def build(cls, vectors: Vectors, ids: PackedIds) -> "IvfVectors":
        """An index over `vectors`, which may be mapped: they are read block by block."""
        import faiss

        n, dim = vectors.shape
        n_lists = min(_MAX_LISTS, max(1, int(np.sqrt(n))))
        centres = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(
            centres,
            dim,
            n_lists,
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
            False,  # the vectors themselves, not how they differ from the centre: 1.3 times faster
        )
        index.cp.niter = _TRAINING_ROUNDS
        step = max(1, n // (n_lists * _TRAINED_A_LIST))
        index.train(np.ascontiguousarray(vectors[::step][: n_lists * _TRAINED_A_LIST]))
        for start in range(0, n, _BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + _BLOCK]))
        return cls(index, vectors, ids)

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
        """Write the codes, vectors and ids into `folder`, which exists."""
        import faiss

        faiss.write_index(self._index, str(folder / _CODES_FILE))
        np.save(folder / _VECTORS_FILE, self._vectors, allow_pickle=False)
        self.ids.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "IvfVectors":
        """What `save` wrote, mapped.

        Raises:
            ValueError: The files do not belong together.
            RuntimeError: FAISS cannot read the codes.
        """
        import faiss

        index = faiss.read_index(str(folder / _CODES_FILE), faiss.IO_FLAG_MMAP)
        if not isinstance(index, faiss.IndexIVF):
            raise ValueError(f"{folder / _CODES_FILE} holds no inverted file")
        path = folder / _VECTORS_FILE
        vectors = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
        ids = PackedIds.load(folder)
        if not len(ids) == len(vectors) == index.ntotal:
            raise ValueError(
                f"{folder}: {len(ids)} ids, {len(vectors)} vectors, {index.ntotal} codes"
            )
        return cls(index, vectors, ids)

    def _best(self, query: Vectors, rows: Rows, top_k: int) -> tuple[Rows, Vectors]:
        scores = self._vectors[rows] @ query
        best = np.argsort(-scores, kind="stable")[:top_k]
        return rows[best], scores[best]

    def _candidates(self, query: Vectors, n: int, mask: NDArray[np.uint8] | None) -> Rows:
        import faiss

        n_lists, n_rows = self._index.nlist, len(self.ids)
        n_probed, selector = max(1, int(n_lists * _PROBED_SHARE)), None
        if mask is not None:
            # The nearest of a choice lie on more lists, the fewer they are.
            n_allowed = int(np.bitwise_count(mask).sum())
            n_probed = min(n_lists, n_probed * n_rows // max(1, n_allowed))
            # FAISS keeps a bare pointer to the mask, which the caller holds.
            selector = faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(mask))
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe, parameters.sel = n_probed, selector
        _, found = self._index.search(query[None, :], min(n, n_rows), params=parameters)
        rows: Rows = found[0][found[0] >= 0]
        return rows


def _mask(ids: PackedIds, allowed: frozenset[str]) -> NDArray[np.uint8]:
    bits = np.zeros(len(ids), dtype=np.bool_)
    bits[ids.rows_of(allowed)] = True
    return np.packbits(bits, bitorder="little")
