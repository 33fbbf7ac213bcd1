"""Report files to documents. One bad file is a problem to tell, not the end of the shelf."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from rag.cleaning import clean
from rag.config import RagConfig
from rag.decoding import decode
from rag.errors import DocumentError
from rag.metadata import Given, describe, parse_sidecar, split_front_matter
from rag.parsing import Extract, parse
from rag.parsing.process import KINDS
from rag.types import Document, Span

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


class Loader(Protocol):
    """Turns the bytes of one kind of file into canonical text."""

    def read(self, data: bytes, name: str, config: RagConfig) -> Extract:
        """The text of a file; raises DocumentError, naming the file, if there is none."""
        ...


class TextLoader:
    """Plain text, and Markdown taken as text."""

    def read(self, data: bytes, name: str, config: RagConfig) -> Extract:
        """The text of a file in any usual encoding."""
        return Extract(clean(decode(data, name)))


class ParsedLoader:
    """PDF, DOCX, HTML, CSV and XLSX, parsed in a process of their own."""

    def read(self, data: bytes, name: str, config: RagConfig) -> Extract:
        """The text of a file, with the places where its pages begin."""
        return parse(data, name, config.max_parse_seconds)


LOADERS: dict[str, Loader] = {
    **dict.fromkeys((".txt", ".md"), TextLoader()),
    **dict.fromkeys(KINDS, ParsedLoader()),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not become a document, and why; the message names the file."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The documents of a shelf, and the files that were left out."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


def load_documents(paths: Sequence[Path], config: RagConfig) -> LoadResult:
    """Every report among `paths`: files as given, folders with all that lies in them.

    In folders, README files, hidden files, sidecars (`<stem>.meta.json`) and `.jsonl` are
    passed over. A file that cannot be used is told in `problems`.

    Raises:
        DocumentError: A path is missing, or there is no report to read at all.
    """
    documents: dict[str, Document] = {}
    origins: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in find_files(paths):
        if path.stem in origins:
            problems.append(Problem(path, _same_name(origins[path.stem], path)))
            continue
        try:
            documents[path.stem] = load_document(path, config)
            origins[path.stem] = path
        except DocumentError as exc:
            problems.append(Problem(path, str(exc)))
    if not documents:
        raise DocumentError(f"no report could be read: {'; '.join(p.message for p in problems)}")
    return LoadResult(tuple(documents.values()), tuple(problems))


def load_document(path: Path, config: RagConfig) -> Document:
    """The report in one file.

    Raises:
        DocumentError: The file is missing, too large, of unknown kind, damaged, protected,
            undecodable or without text, it takes too long, or its sidecar is wrong.
    """
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise DocumentError(f"{path.name}: cannot read this kind; {_advice(path)}")
    data = _read(path, config.max_document_bytes)
    sidecar = path.with_name(path.stem + _SIDECAR)
    extra = _read(sidecar, config.max_document_bytes) if sidecar.is_file() else None
    extract = loader.read(data, path.name, config)
    # Where there are pages, their places must stay: such files have no front matter.
    given, text = (
        (Given(), extract.text) if extract.page_starts else split_front_matter(extract.text)
    )
    text = clean(text)
    if not text.strip():
        raise DocumentError(f"{path.name}: holds no text; remove it or give it its text")
    if extra is not None:
        given = _prefer(parse_sidecar(decode(extra, sidecar.name), sidecar.name), given)
    document = describe(path.stem, _hash(data, extra), text, given)
    return replace(document, pages=_pages(extract.page_starts, len(text)))


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The report files that `paths` stand for, folders walked in sorted order.

    Raises:
        DocumentError: A path does not exist, or there is no report in any of them.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not _exists(path):
            raise DocumentError(f"{path} does not exist; give a folder or file of reports")
        found.update(dict.fromkeys(_walk(path) if path.is_dir() else [path]))
    if not found:
        where = ", ".join(map(str, paths)) or "the given paths"
        raise DocumentError(f"no report in {where}; put files ({', '.join(LOADERS)}) there")
    return list(found)


def source_hashes(paths: Sequence[Path], config: RagConfig) -> dict[str, str]:
    """`document_hash` by document id, without decoding: tells cheaply whether files changed.

    Files that cannot be read are left out, as they are by `load_documents`.
    """
    hashes: dict[str, str] = {}
    for path in find_files(paths):
        if path.suffix.lower() not in LOADERS or path.stem in hashes:
            continue
        sidecar = path.with_name(path.stem + _SIDECAR)
        try:
            data = _read(path, config.max_document_bytes)
            extra = _read(sidecar, config.max_document_bytes) if sidecar.is_file() else None
        except DocumentError:
            continue
        hashes[path.stem] = _hash(data, extra)
    return hashes


def _pages(starts: Sequence[int], n_chars: int) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairwise([*starts, n_chars])) if starts else ()


def _advice(path: Path) -> str:
    wanted = _SAVE_AS.get(path.suffix.lower())
    return f"save it as {wanted}" if wanted else f"known: {', '.join(LOADERS)}"


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


def _hash(data: bytes, sidecar: bytes | None) -> str:
    """SHA-256 of the source; a change of the sidecar changes the document too."""
    digest = hashlib.sha256(data)
    if sidecar is not None:
        digest.update(b"\0sidecar\0" + sidecar)
    return digest.hexdigest()


def _prefer(first: Given, second: Given) -> Given:
    return Given(
        first.title or second.title,
        first.place or second.place,
        first.years if first.years is not None else second.years,
        first.published or second.published,
    )


def _same_name(first: Path, second: Path) -> str:
    return (
        f"{second}: has the same name as {first}, and a report is known by its name; "
        "rename one of them"
    )
