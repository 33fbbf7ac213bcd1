"""Writes that a power cut does not undo."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Ask the disk to hold a file's bytes, or a folder's list of names, across a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it, so that a power cut does not undo it."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync(each.parent)


def write_synced(path: Path, text: str) -> None:
    """Write a small file and bring its bytes to the disk; its name is for the caller to sync."""
    path.write_text(text, encoding="utf-8")
    sync(path)
