"""The shelf of an index: put documents on it, take them off, list them."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.hashing import text_hash
from rag.config import RagConfig
from rag.errors import DocumentError, IndexNotFoundError
from rag.files import find_files
from rag.generations import writing
from rag.index import Generation, Index, generation_in_use, load_intact, put_in_use
from rag.info import index_manifest
from rag.loading import LoadResult, load_documents, log_problems
from rag.manifest import IndexManifest
from rag.opening import known_in
from rag.originals import original_state
from rag.segments import Vectors
from rag.types import Document, SourceFile
from rag.updates import Update, apply


class Status(StrEnum):
    """How a document of the index stands to its file."""

    CURRENT = "current"
    CHANGED = "changed"
    MISSING = "missing"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on the shelf, or a file that was left out of it.

    Attributes:
        document_id: The stem of the file.
        title: None for a file that was left out.
        place: As in `Document`.
        years: As in `Document`.
        n_pages: None where the kind of file has no pages.
        n_chunks: Chunks in the index.
        source: Absolute path of the file; None if the document did not come from one.
        status: `changed` and `missing` say that the index holds what the file once was.
        problem: Why the file was left out or cannot be read now; else empty.
    """

    document_id: str
    title: str | None
    place: str | None
    years: tuple[int, ...]
    n_pages: int | None
    n_chunks: int
    source: str | None
    status: Status
    problem: str = ""


def add_documents(
    paths: Sequence[Path], encoder: Encoder, config: RagConfig, *, show_progress: bool = False
) -> Generation:
    """The index with the reports in `paths` added; it is made if there is none.

    A file that is on the shelf already replaces its document if it changed, and is not read again
    if it did not. All other documents stay as they are, and of a large shelf most of them are not
    even looked at. Files that cannot be used are logged as warnings, and what the index held of
    them stays.

    Raises:
        DocumentError: A path is missing, or none of the files can be read.
        IndexCorruptError: What must be read of the index is damaged.
        IndexMismatchError: The index was made with another model, chunker, loader or format.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    files = find_files(paths)
    # Held from the reading on: what another process adds meanwhile would be lost.
    with writing(config.index):
        shelf = shelf_if_any(config, encoder)
        result = load_documents(files, config, known_in(shelf), owners(shelf, files))
        log_problems(result)
        return put_in_use(adding(result, shelf), encoder, config, show_progress=show_progress)


def remove_documents(document_ids: Sequence[str], config: RagConfig) -> Generation:
    """The index without the documents of these ids, and without the files left out under them.

    No file is touched, and no model is needed.

    Raises:
        DocumentError: There is no such document, or none would be left.
        IndexNotFoundError: There is no index.
        IndexCorruptError: What must be read of the index is damaged.
        IndexMismatchError: The index was made with another chunker, loader or format.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    index_manifest(config)  # Without an index, its folder is not made.
    with writing(config.index):
        return write_without(set(document_ids), config)


def write_without(gone: Set[str], config: RagConfig) -> Generation:
    """The index as `remove_documents` makes it; the caller holds the folder. Errors as there."""
    shelf = generation_in_use(config)
    manifest = shelf.manifest
    _check_known(gone, manifest)
    kept = frozenset(manifest.documents.keys() - gone)
    if not kept:
        raise DocumentError(
            "an index holds at least one report; add another first (rag add PATH), "
            f"or delete the folder {config.index}"
        )
    sources = tuple(s for s in manifest.sources if s.document_id not in gone)
    return apply(Update({}, sources, kept), shelf, manifest.settings, config, _known_only)


def _known_only(texts: Sequence[str], known: Mapping[str, Vectors]) -> dict[str, Vectors]:
    return {key: known[key] for key in map(text_hash, texts)}


def list_documents(config: RagConfig) -> tuple[Entry, ...]:
    """The documents of the index, in its order, then the files that were left out.

    Raises:
        IndexNotFoundError: There is no index.
        IndexCorruptError: The index is damaged.
        IndexMismatchError: The index was made with another chunker, loader or format.
    """
    index = load_intact(config)
    return (*entries(index, index.documents.keys(), config), *left_out(index))


def entries(index: Index, document_ids: Collection[str], config: RagConfig) -> tuple[Entry, ...]:
    """The documents of these ids, in the order of the ids; their files are looked at for changes.

    Raises:
        KeyError: There is no such document.
    """
    paths = sources_by_id(index)
    return tuple(
        _entry(index.documents[name], len(index.chunk_ids.get(name, ())), paths.get(name), config)
        for name in document_ids
    )


def left_out(index: Index) -> tuple[Entry, ...]:
    """The files that were left out of the index."""
    return tuple(_left_out(source) for source in index.manifest.sources if source.message)


def sources_by_id(shelf: Index | Generation) -> dict[str, str]:
    """The path of the file of each document that came from one."""
    sources = shelf.manifest.sources
    return {source.document_id: source.path for source in sources if not source.message}


def shelf_if_any(config: RagConfig, encoder: Encoder) -> Generation | None:
    """The index in use, None if there is none; errors as of `generation_in_use`."""
    try:
        return generation_in_use(config, encoder)
    except IndexNotFoundError:
        return None


def owners(shelf: Generation | None, files: Sequence[Path]) -> dict[str, str]:
    """The ids that none of `files` may take, with their paths: other files that are still there."""
    new = set(map(str, files))
    return {
        source.document_id: source.path
        for source in (shelf.manifest.sources if shelf else ())
        if not source.message and source.path not in new and Path(source.path).exists()
    }


def adding(result: LoadResult, shelf: Generation | None) -> Update:
    """What was loaded beside what the shelf has, or in place of what it replaces there."""
    loaded = {document.document_id: document for document in result.documents}
    if shelf is None:
        return Update(loaded, _merged((), result))
    in_order = dict.fromkeys((*shelf.documents, *loaded))
    documents = {name: loaded[name] for name in in_order if name in loaded}
    kept = frozenset(in_order.keys() - loaded.keys())
    return Update(documents, _merged(shelf.manifest.sources, result), kept)


def _merged(old: Sequence[SourceFile], result: LoadResult) -> tuple[SourceFile, ...]:
    """The files of the shelf in a stable order, each document and each file left out once."""
    merged = {_key(source): source for source in (*old, *result.sources)}
    read = {source.path for source in result.sources if not source.message}
    return tuple(s for s in merged.values() if not (s.message and s.path in read))


def _key(source: SourceFile) -> tuple[bool, str]:
    return bool(source.message), source.path if source.message else source.document_id


def _check_known(document_ids: Set[str], manifest: IndexManifest) -> None:
    known = manifest.documents.keys() | {source.document_id for source in manifest.sources}
    if unknown := sorted(document_ids - known):
        raise DocumentError(
            f"there is no report {unknown[0]!r} in the index; known: {', '.join(sorted(known))}"
        )


def _entry(document: Document, n_chunks: int, path: str | None, config: RagConfig) -> Entry:
    status, problem = _status(document, path, config)
    return Entry(
        document_id=document.document_id,
        title=document.title,
        place=document.place,
        years=document.years,
        n_pages=len(document.pages) or None,
        n_chunks=n_chunks,
        source=path,
        status=status,
        problem=problem,
    )


def _left_out(source: SourceFile) -> Entry:
    return Entry(
        document_id=source.document_id,
        title=None,
        place=None,
        years=(),
        n_pages=None,
        n_chunks=0,
        source=source.path,
        status=Status.LEFT_OUT,
        problem=source.message,
    )


def _status(document: Document, path: str | None, config: RagConfig) -> tuple[Status, str]:
    state, problem = original_state(document, path, config.max_document_bytes)
    return Status(state), problem
