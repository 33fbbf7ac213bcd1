"""Whose conversations and feedback a file holds: one file for each user."""

import re
from pathlib import Path


def file_of(path: Path, user: str) -> Path:
    """The file of `user` beside that of the local user, whose name is empty."""
    return path.with_name(f"{path.stem}-{user}{path.suffix}") if user else path


def files_of_all(path: Path) -> dict[str, Path]:
    """The files that are there, by user; `path` is that of the local user."""
    if not path.parent.is_dir():
        return {}
    name = re.compile(f"{re.escape(path.stem)}(?:-([a-z0-9_-]+))?{re.escape(path.suffix)}")
    found = ((name.fullmatch(file.name), file) for file in sorted(path.parent.iterdir()))
    return {match[1] or "": file for match, file in found if match}
