"""Folders for a while: removed by their process or, if that was killed, by the next of its kind."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Younger ones may belong to a process that is just about to claim its own.
_ABANDONED_SECONDS = 60.0


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """An empty folder of this process, which nobody else can read, until the end of the `with`.

    Args:
        prefix: How its name begins; folders of this name that killed processes have left go first.
        parent: Where it is made; None means the machine's place for temporary files.
    """
    root = parent or Path(tempfile.gettempdir())
    remove_abandoned(root, prefix)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=root) as name:
        descriptor = claim(Path(name))
        try:
            yield Path(name)
        finally:
            os.close(descriptor)


def claim(folder: Path) -> int:
    """Let others see that a living process uses `folder`, until the descriptor is closed."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def remove_abandoned(root: Path, prefix: str) -> None:
    """Remove the folders `prefix…` that processes of ours have left in `root` when killed."""
    for folder in root.glob(f"{prefix}*"):
        try:
            if time.time() - folder.stat().st_mtime < _ABANDONED_SECONDS:
                continue
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # It is gone just now, or another user's.
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # Its process lives.
            continue
        finally:
            os.close(descriptor)
