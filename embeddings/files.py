"""Writes files so that a reader sees the old content or the new, never a part."""

import os
import secrets
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, flush it to the disk, then put it in place.

    Raises:
        OSError: It cannot be written; `path` is as it was.
    """
    # Not tempfile: its files are for their owner alone, and an index may be shared.
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def array_to_bytes(array: NDArray[np.float32]) -> bytes:
    """The array as the content of a `.npy` file."""
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def array_from_bytes(data: bytes) -> NDArray[np.float32]:
    """The array of a `.npy` file's content.

    Raises:
        ValueError: It is not such a content, or holds Python objects.
    """
    array: NDArray[np.float32] = np.load(BytesIO(data), allow_pickle=False)
    return array
