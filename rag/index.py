"""Build, update and load the index of a shelf; `rag.index_files` owns what lies on disk."""

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.encoder import Encoder
from embeddings.errors import StoreError
from rag.chunking import CHUNKER_VERSION, chunk_document
from rag.config import RagConfig
from rag.encoding import EncodingProgress, encode_new
from rag.errors import (
    DocumentError,
    IndexCorruptError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.generations import (
    build_command,
    current_generation,
    rebuild_command,
    repair_command,
    sealed_generations,
    write_errors,
    writing,
)
from rag.index_files import (
    Contents,
    Index,
    Vectors,
    indexed_text,
    read_index,
    read_reusable,
    texts_of,
    window_id,
    window_owner,
    write_index,
)
from rag.lexical import DEFAULT_TOKENIZER
from rag.loading import LOADER_VERSION
from rag.manifest import IndexSettings, check_files, check_settings, read_manifest
from rag.types import Chunk, Document, SourceFile
from rag.vector_stores import open_backend, store_kind
from rag.windows import WINDOWS_VERSION

__all__ = [
    "Index",
    "build_index",
    "contents_of",
    "index_settings",
    "indexed_text",
    "known_vectors",
    "load_index",
    "load_intact",
    "put_in_use",
    "usable_index",
    "window_id",
    "window_owner",
]

_log = logging.getLogger(__name__)


def index_settings(config: RagConfig, encoder: Encoder | str) -> IndexSettings:
    """What an index must be made with; `encoder` or, before it is loaded, its model id."""
    model_id, dim = (encoder, None) if isinstance(encoder, str) else (encoder.model_id, encoder.dim)
    return IndexSettings(
        model_id=model_id,
        dim=dim,
        chunker=f"{CHUNKER_VERSION}, {config.chunk_chars} characters, windows {WINDOWS_VERSION}",
        tokenizer=DEFAULT_TOKENIZER,
        loader=LOADER_VERSION,
        store=store_kind(config),
    )


def build_index(
    documents: Sequence[Document],
    encoder: Encoder,
    config: RagConfig,
    *,
    sources: tuple[SourceFile, ...] = (),
    rebuild: bool = False,
    show_progress: bool = False,
) -> Index:
    """The index over exactly `documents`, written into `config.index` and put in use.

    Texts that the index in use holds already are not encoded again, unless `rebuild` is set or
    it was made with another model. If nothing changed, nothing is written. An interruption at
    any point leaves the old index in use. `sources` are the files that the documents come from,
    and those that were left out.

    Raises:
        DocumentError: There is no document, none has text to index, or two have the same id.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    contents = contents_of(documents, sources, config)
    with writing(config.index):
        return put_in_use(contents, encoder, config, rebuild=rebuild, show_progress=show_progress)


def contents_of(
    documents: Sequence[Document],
    sources: tuple[SourceFile, ...],
    config: RagConfig,
    known: Index | Contents | None = None,
) -> Contents:
    """The documents and their chunks, by id.

    Args:
        documents: All that there are to be.
        sources: The files that they come from, and those that were left out.
        config: The length of a chunk.
        known: What was cut with the same settings before, and is not cut again.

    Raises:
        DocumentError: There is no document, none has text to index, or two have the same id.
    """
    by_id = _by_id(documents)
    chunks = {c.chunk_id: c for c in _cut(documents, config.chunk_chars, known)}
    if not chunks:
        raise DocumentError("the documents hold no text to index; give at least one with text")
    return Contents(by_id, chunks, sources)


def put_in_use(
    contents: Contents,
    encoder: Encoder,
    config: RagConfig,
    *,
    rebuild: bool = False,
    show_progress: bool = False,
    on_encoded: EncodingProgress | None = None,
) -> Index:
    """The index over `contents`, as `build_index` makes it; the caller holds the folder.

    With `on_encoded` the encoder is left to others, again and again, while there is much to encode.

    Raises:
        ConfigError: The folder cannot be written.
    """
    settings = index_settings(config, encoder)
    old = None if rebuild else _previous(config.index, settings)
    # A store may be gone from its server, where no hash of ours can tell.
    is_same = old is not None and old.is_same(settings, contents)
    if is_same and (index := usable_index(config, encoder)):
        return index
    backend = open_backend(config)
    known = old.vectors if old else {}
    texts = texts_of(contents.chunks)
    vectors = encode_new(texts, known, encoder, show_progress, on_encoded)
    with write_errors(config.index):
        return write_index(config.index, settings, contents, vectors, backend)


def load_index(config: RagConfig, encoder: Encoder | str | None = None) -> Index:
    """The index in use in `config.index`, every file verified.

    Args:
        config: Where it is, and what it must have been made with.
        encoder: What queries will be encoded with, or its model id; None for whatever it was
            made with, where nothing will be encoded.

    Raises:
        IndexNotFoundError: There is none.
        IndexCorruptError: A file is missing or is not what was written.
        IndexMismatchError: It was made with another model, dimension, chunker, tokenizer or
            format.
    """
    build, _ = _commands(config.index)
    return _load(current_generation(config.index, build), config, encoder)


def load_intact(config: RagConfig, encoder: Encoder | str | None = None) -> Index:
    """As `load_index`, for questions; if that index is damaged, the newest that is whole.

    A warning tells what is damaged and which generation answers. Nothing is to be built upon it:
    what changed since is missing.

    Errors as in `load_index`, if no other generation is whole.
    """
    try:
        return load_index(config, encoder)
    except IndexCorruptError as exc:
        for folder in sealed_generations(config.index):
            with contextlib.suppress(IndexCorruptError, IndexMismatchError):
                index = _load(folder, config, encoder)
                _log.warning("%s; until then %s answers, without later changes", exc, folder.name)
                return index
        raise


def _load(folder: Path, config: RagConfig, encoder: Encoder | str | None) -> Index:
    _, rebuild = _commands(config.index)
    repair = repair_command(config.index)
    manifest = read_manifest(folder, rebuild, repair)
    expected = index_settings(config, encoder or manifest.settings.model_id)
    check_settings(manifest.settings, expected, rebuild)
    check_files(folder, manifest, repair)
    try:
        return read_index(folder, manifest, open_backend(config))
    # The hashes are right, so that only a wrong writer can lead here.
    except (StoreError, ValueError, KeyError, TypeError, OSError) as exc:
        raise IndexCorruptError(f"{folder} cannot be read ({exc}); run: {rebuild}") from exc


def usable_index(config: RagConfig, encoder: Encoder | str) -> Index | None:
    """The index in use if it can be used; None if it must be built."""
    try:
        return load_index(config, encoder)
    except (IndexNotFoundError, IndexCorruptError, IndexMismatchError) as exc:
        _log.info("the index must be built: %s", exc)
        return None


def known_vectors(config: RagConfig) -> Mapping[str, Vectors]:
    """The vectors that the index in use holds, by hash of their text."""
    build, _ = _commands(config.index)
    return read_reusable(current_generation(config.index, build))[2]


@dataclass(frozen=True, slots=True)
class _Previous:
    """What an update can take over from the index in use."""

    settings: IndexSettings
    sources: tuple[SourceFile, ...]
    documents: list[Document]
    chunks: list[Chunk]
    vectors: Mapping[str, Vectors]

    def is_same(self, settings: IndexSettings, contents: Contents) -> bool:
        return (self.settings, self.sources, self.documents, self.chunks) == (
            settings,
            contents.sources,
            list(contents.documents.values()),
            list(contents.chunks.values()),
        )


def _previous(root: Path, settings: IndexSettings) -> _Previous | None:
    build, rebuild = _commands(root)
    try:
        folder = current_generation(root, build)
        repair = repair_command(root)
        manifest = read_manifest(folder, rebuild, repair)
        check_files(folder, manifest, repair)
    except IndexNotFoundError:
        return None
    except (IndexCorruptError, IndexMismatchError) as exc:
        _log.warning("nothing of the old index is reused: %s", exc)
        return None
    seen = manifest.settings
    if (seen.model_id, seen.dim) != (settings.model_id, settings.dim):
        _log.info("encoding all: the old index was built with model %s", seen.model_id)
        return None
    return _Previous(seen, manifest.sources, *read_reusable(folder))


def _cut(
    documents: Sequence[Document], chunk_chars: int, known: Index | Contents | None
) -> Iterator[Chunk]:
    """The chunks of the documents in turn, those that did not change as they are `known`."""
    by_document: defaultdict[str, list[Chunk]] = defaultdict(list)
    for chunk in known.chunks.values() if known else ():
        by_document[chunk.document_id].append(chunk)
    for document in documents:
        name = document.document_id
        if known and known.documents.get(name) == document:
            yield from by_document[name]
        else:
            yield from chunk_document(document, chunk_chars)


def _by_id(documents: Sequence[Document]) -> dict[str, Document]:
    if not documents:
        raise DocumentError("no documents to index; give a folder or files of reports")
    by_id = {document.document_id: document for document in documents}
    if len(by_id) != len(documents):
        raise DocumentError("two documents have the same name; rename one of the files")
    return by_id


def _commands(root: Path) -> tuple[str, str]:
    """How to build the index in `root`, and how to rebuild it."""
    return build_command(root), rebuild_command(root)
