"""Writes files so that a reader sees the old content or the new, never a part."""

import os
import secrets
from pathlib import Path


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
