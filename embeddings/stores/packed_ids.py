"""Ids as two mapped arrays: millions of them take no time to load and little memory."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

_IDS_FILE, _ORDER_FILE = "ids.npy", "order.npy"


class PackedIds(Sequence[str]):
    """Different ids in the order of their rows, found by binary search.

    Args:
        ids: `(n,)` UTF-8, filled up with zero bytes.
        order: The rows by rising id.
    """

    def __init__(self, ids: NDArray[np.bytes_], order: NDArray[np.int64]) -> None:
        self._ids, self._order = ids, order

    @classmethod
    def of(cls, ids: Sequence[str]) -> "PackedIds":
        """These ids, packed."""
        packed = np.array([each.encode() for each in ids], dtype=np.bytes_)
        return cls(packed, np.argsort(packed, kind="stable"))

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return (each.decode() for each in self._ids)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[str, ...]: ...
    def __getitem__(self, row: int | slice) -> str | tuple[str, ...]:
        if isinstance(row, slice):
            return tuple(each.decode() for each in self._ids[row])
        return bytes(self._ids[row]).decode()

    def rows_of(self, ids: Collection[str]) -> NDArray[np.int64]:
        """The rows of those of `ids` that are here, rising."""
        if not len(self) or not ids:
            return np.zeros(0, dtype=np.int64)
        wanted = np.array([each.encode() for each in ids], dtype=np.bytes_)
        at = np.searchsorted(self._ids, wanted, sorter=self._order)
        rows = self._order[np.minimum(at, len(self) - 1)]
        return np.unique(rows[self._ids[rows] == wanted])

    def save(self, folder: Path) -> None:
        """Write two arrays into `folder`, which exists."""
        np.save(folder / _IDS_FILE, self._ids, allow_pickle=False)
        np.save(folder / _ORDER_FILE, self._order, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "PackedIds":
        """What `save` wrote, mapped.

        Raises:
            ValueError: The two do not belong together.
        """
        ids = np.asarray(np.load(folder / _IDS_FILE, mmap_mode="r", allow_pickle=False))
        order = np.asarray(np.load(folder / _ORDER_FILE, mmap_mode="r", allow_pickle=False))
        if len(ids) != len(order):
            raise ValueError(f"{folder} holds {len(ids)} ids in an order of {len(order)}")
        return cls(ids, order)
