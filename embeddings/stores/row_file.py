"""Rows of a file, read when they are asked for."""

import os
import weakref
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError

Vectors = NDArray[np.float32]


class RowFile:
    """The rows of a `.npy` file of float32, of which none is kept in memory.

    They are read, not mapped: a mapped file's pages count as this process's memory, and a row that
    is not in the system's cache brings megabytes with it where the system reads far ahead. Several
    threads may read at once; a file that is removed meanwhile stays readable.

    Args:
        path: What `np.save` wrote for an array of `shape` `(n, dim)`.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds something else.
    """

    def __init__(self, path: Path) -> None:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        if mapped.ndim != 2 or mapped.dtype != np.float32 or not mapped.flags.c_contiguous:
            raise ValueError(f"{path} holds {mapped.dtype} {mapped.shape}, not rows of float32")
        self.shape: tuple[int, int] = mapped.shape
        self._start: int = mapped.offset
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """These rows, `(len(rows), dim)`.

        Raises:
            StoreError: The file cannot be read, or has become shorter.
        """
        found = np.empty((len(rows), self.shape[1]), dtype=np.float32)
        size = found.itemsize * self.shape[1]
        # Rows that follow each other are read at once, as the windows of a chunk are.
        starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        places = (self._start + rows[starts] * size).tolist()
        parts = np.split(found, starts[1:]) if len(rows) else []
        try:
            # Told of all, the system fetches from a disk what it has not, many at a time.
            for place, part in zip(places, parts, strict=True):
                os.posix_fadvise(self._file, place, part.nbytes, os.POSIX_FADV_WILLNEED)
            n_read = sum(map(os.preadv, repeat(self._file), ([part] for part in parts), places))
        except OSError as exc:
            raise StoreError(f"cannot read vectors: {exc.strerror}") from exc
        if n_read != found.nbytes:
            raise StoreError("cannot read vectors: their file has become shorter")
        return found

    def whole(self) -> Vectors:
        """All rows, mapped."""
        with os.fdopen(os.dup(self._file), "rb") as file:
            return np.asarray(np.memmap(file, np.float32, "r", self._start, self.shape))
