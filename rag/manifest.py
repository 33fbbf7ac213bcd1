"""What an index says about itself: how it was made, from what, and the hash of each file."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path

from rag.errors import IndexCorruptError, IndexMismatchError
from rag.types import SourceFile

FORMAT_VERSION = 6
_ONE_SEGMENT = 5  # The format before: all documents in one segment, which is not told.
MANIFEST_NAME = "manifest.json"
_LIBRARIES = ("faiss-cpu", "numpy", "sentence-transformers")
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What must be equal for an index to be used.

    Attributes:
        model_id: Name and weights of the encoder.
        dim: Length of a vector; None if it is not known before the encoder is loaded.
        chunker: Versions of chunker and windows, and the length of a chunk.
        tokenizer: Name and version of the lexical tokenizer.
        loader: Version of what makes texts and metadata of files.
        format_version: Version of the folder's layout.
        store: Kind of the vector stores.
    """

    model_id: str
    dim: int | None
    chunker: str
    tokenizer: str
    loader: str
    format_version: int = FORMAT_VERSION
    store: str = "faiss"


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment of an index: its documents, in their order, and how many chunks they have."""

    documents: tuple[str, ...]
    n_chunks: int


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """The last file written into a generation: its presence says that the rest is complete.

    Attributes:
        settings: How the index was made.
        documents: Hash of the source of each document, by document id.
        n_chunks: Chunks of all documents.
        files: SHA-256 of every other file, by path inside the generation.
        segments: What the documents are divided into, in turn; see `rag.segments`.
        sources: The files of the shelf, with those that were left out; empty if the documents
            did not come from files.
        metric: How vectors are compared.
        libraries: Versions of the libraries that wrote the files.
    """

    settings: IndexSettings
    documents: Mapping[str, str]
    n_chunks: int
    files: Mapping[str, str]
    segments: tuple[SegmentRecord, ...]
    sources: tuple[SourceFile, ...] = ()
    metric: str = "inner product of L2-normalised float32"
    libraries: Mapping[str, str] = field(default_factory=lambda: library_versions())


def write_manifest(folder: Path, manifest: IndexManifest) -> Path:
    """Write `manifest` into `folder` and give the file's path."""
    path = folder / MANIFEST_NAME
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2, sort_keys=True)
    # A path may hold bytes that are no UTF-8: Python keeps them as lone surrogates.
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def read_manifest(folder: Path, rebuild: str, repair: str) -> IndexManifest:
    """The manifest in `folder`; the others are the commands that the error messages name.

    Raises:
        IndexCorruptError: It is missing or cannot be read.
        IndexMismatchError: It was written in another format.
    """
    path = folder / MANIFEST_NAME
    try:
        record = json.loads(path.read_bytes())
        seen = record["settings"]["format_version"]
        if seen == _ONE_SEGMENT:
            record["settings"]["format_version"] = seen = FORMAT_VERSION
            whole = {"documents": [*record["documents"]], "n_chunks": record["n_chunks"]}
            record["segments"] = [whole]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise damaged_error(path, repair) from exc
    if seen != FORMAT_VERSION:
        raise _mismatch("format_version", seen, FORMAT_VERSION, rebuild)
    try:
        settings = IndexSettings(**record["settings"])
        sources = tuple(SourceFile(**source) for source in record["sources"])
        segments = tuple(
            SegmentRecord(tuple(each["documents"]), each["n_chunks"]) for each in record["segments"]
        )
        parts = {"settings": settings, "sources": sources, "segments": segments}
        return IndexManifest(**(record | parts))
    except (TypeError, KeyError) as exc:
        raise damaged_error(path, repair) from exc


def check_settings(seen: IndexSettings, expected: IndexSettings, rebuild: str) -> None:
    """Raise IndexMismatchError, naming both values, unless an index made so can be used."""
    for setting in fields(IndexSettings):
        has, wants = getattr(seen, setting.name), getattr(expected, setting.name)
        if wants is not None and has != wants:
            if setting.name == "store":
                # Nothing need be encoded again.
                rebuild = f"rag ... --store {has}, or: {rebuild.replace('--rebuild ', '')}"
            raise _mismatch(setting.name, has, wants, rebuild)


def check_files(folder: Path, files: Mapping[str, str], repair: str) -> None:
    """Raise IndexCorruptError, naming the first of `files` that does not have its SHA-256."""
    for path in damaged_files(folder, files):
        raise damaged_error(path, repair)


def damaged_files(folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """Those of `files`, SHA-256 by path in `folder`, that are missing or have another hash."""
    for name, expected in files.items():
        path = folder / name
        try:
            is_whole = hash_file(path) == expected
        except OSError:  # Missing or unreadable: it is named either way.
            is_whole = False
        if not is_whole:
            yield path


def damaged_error(path: Path, repair: str) -> IndexCorruptError:
    """What tells that a file is not what was written, and the command that mends it."""
    return IndexCorruptError(f"{path} is damaged or missing; run: {repair}")


def hash_files(folder: Path, paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each path, by its name inside `folder`."""
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in sorted(paths)}


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of the libraries that write an index."""
    return {name: version(name) for name in _LIBRARIES}


def _mismatch(name: str, seen: object, expected: object, rebuild: str) -> IndexMismatchError:
    what = f"index was built with {name} {seen!r}, this program wants {expected!r}"
    return IndexMismatchError(f"{what}; run: {rebuild}")
