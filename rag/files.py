"""The files of a shelf: which they are, their bytes, and the hash that tells of a change."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.errors import DocumentError
from rag.parsing.process import KINDS

TEXT_KINDS = (".txt", ".md")
_SIDECAR = ".meta.json"
_IGNORED_SUFFIXES = (_SIDECAR, ".jsonl")
_IGNORED_STEM = "readme"
# Office programs put such a file beside each one that they have open.
_LOCK_PREFIX = "~$"
_SAVE_AS = (
    dict.fromkeys((".doc", ".dot", ".wps", ".rtf", ".odt", ".pages"), "DOCX or PDF")
    | dict.fromkeys((".xls", ".xlsb", ".et", ".ods", ".numbers"), "XLSX")
    | dict.fromkeys((".ppt", ".pptx", ".dps", ".odp", ".key", ".caj", ".ofd"), "PDF")
)
_KNOWN = ", ".join((*TEXT_KINDS, *KINDS))


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a report's file, and of the sidecar `<stem>.meta.json` if there is one."""

    data: bytes
    sidecar: bytes | None
    sidecar_name: str

    def hash(self) -> str:
        """SHA-256 of both, in hex: a change of the sidecar changes the document too."""
        digest = hashlib.sha256(self.data)
        if self.sidecar is not None:
            digest.update(b"\0sidecar\0" + self.sidecar)
        return digest.hexdigest()


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The report files that `paths` stand for, absolute, folders walked in sorted order.

    Raises:
        DocumentError: A path does not exist, or there is no report in any of them.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not _exists(path):
            raise DocumentError(f"{path} does not exist; give a folder or file of reports")
        # A link keeps its own name, by which its report is known.
        file = path.parent.resolve() / path.name
        found.update(dict.fromkeys(_walk(path.resolve()) if path.is_dir() else [file]))
    if not found:
        where = ", ".join(map(str, paths)) or "the given paths"
        raise DocumentError(f"no report in {where}; put files ({_KNOWN}) there")
    return list(found)


def read_content(path: Path, max_bytes: int) -> Content:
    """The bytes of a report's file and of its sidecar.

    Raises:
        DocumentError: The file is of unknown kind, missing, too large or may not be read.
    """
    if path.suffix.lower() not in (*TEXT_KINDS, *KINDS):
        raise DocumentError(f"{path.name}: cannot read this kind; {_advice(path)}")
    data = _read(path, max_bytes)
    sidecar = _sidecar_of(path)
    extra = _read(sidecar, max_bytes) if sidecar.is_file() else None
    return Content(data, extra, sidecar.name)


def content_hash(path: Path, max_bytes: int) -> str:
    """`Content.hash` of a file, which is read only if it was touched since it was asked for last.

    Errors as in `read_content`.
    """
    return _hash_of(path, max_bytes, _touched(path), _touched(_sidecar_of(path)))


@lru_cache(maxsize=4096)
def _hash_of(path: Path, max_bytes: int, *_touched: tuple[int, ...]) -> str:
    return read_content(path, max_bytes).hash()


def _touched(path: Path) -> tuple[int, ...]:
    """What differs after every change of a file; empty if there is none."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _sidecar_of(path: Path) -> Path:
    return path.with_name(path.stem + _SIDECAR)


def _advice(path: Path) -> str:
    wanted = _SAVE_AS.get(path.suffix.lower())
    return f"save it as {wanted}" if wanted else f"known: {_KNOWN}"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as exc:  # A name that is too long, a folder that may not be entered.
        raise DocumentError(f"{path}: cannot be read ({exc.strerror})") from exc


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith((".", _LOCK_PREFIX)) and not _is_ignored(name):
                yield Path(parent, name)


def _is_ignored(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_IGNORED_SUFFIXES) or Path(lower).stem == _IGNORED_STEM


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise DocumentError(
                f"{path.name}: has {size} bytes, more than max_document_bytes ({max_bytes}); "
                "split it or raise the setting"
            )
        return path.read_bytes()
    except OSError as exc:
        raise DocumentError(f"{path.name}: cannot be read ({exc.strerror})") from exc
