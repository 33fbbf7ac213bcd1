"""Build, update and load the index of a shelf; `rag.index_files` owns what lies on disk."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.cache import text_hash
from embeddings.encoder import Encoder
from embeddings.errors import StoreError
from rag.chunking import CHUNKER_VERSION, chunk_document
from rag.config import RagConfig
from rag.errors import (
    DocumentError,
    IndexCorruptError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.generations import current_generation, write_errors, writing
from rag.index_files import (
    Index,
    Vectors,
    indexed_text,
    read_index,
    read_reusable,
    texts_of,
    window_owner,
    write_index,
)
from rag.lexical import DEFAULT_TOKENIZER
from rag.manifest import (
    IndexSettings,
    check_files,
    check_settings,
    compare_documents,
    read_manifest,
)
from rag.types import Chunk, Document
from rag.windows import WINDOWS_VERSION

__all__ = [
    "Index",
    "build_index",
    "index_settings",
    "indexed_text",
    "is_stale",
    "load_index",
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
    )


def build_index(
    documents: Sequence[Document],
    encoder: Encoder,
    config: RagConfig,
    *,
    rebuild: bool = False,
    show_progress: bool = False,
) -> Index:
    """The index over exactly `documents`, written into `config.index` and put in use.

    Texts that the index in use holds already are not encoded again, unless `rebuild` is set or
    it was made with another model. If nothing changed, nothing is written. An interruption at
    any point leaves the old index in use.

    Raises:
        DocumentError: There is no document, none has text to index, or two have the same id.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    by_id = _by_id(documents)
    chunks = {c.chunk_id: c for d in documents for c in chunk_document(d, config.chunk_chars)}
    if not chunks:
        raise DocumentError("the documents hold no text to index; give at least one with text")
    settings = index_settings(config, encoder)
    with writing(config.index):
        old = None if rebuild else _previous(config.index, settings)
        if old and old.is_same(settings, by_id, chunks):
            return load_index(config, encoder)
        known = old.vectors if old else {}
        vectors = _encode(texts_of(chunks), known, encoder, show_progress)
        with write_errors(config.index):
            return write_index(config.index, settings, by_id, chunks, vectors)


def load_index(config: RagConfig, encoder: Encoder | str) -> Index:
    """The index in use in `config.index`, every file verified.

    Args:
        config: Where it is, and what it must have been made with.
        encoder: What queries will be encoded with, or its model id.

    Raises:
        IndexNotFoundError: There is none.
        IndexCorruptError: A file is missing or is not what was written.
        IndexMismatchError: It was made with another model, dimension, chunker, tokenizer or
            format.
    """
    build, rebuild = _commands(config.index)
    folder = current_generation(config.index, build)
    manifest = read_manifest(folder, rebuild)
    check_settings(manifest.settings, index_settings(config, encoder), rebuild)
    check_files(folder, manifest, rebuild)
    try:
        return read_index(folder, manifest)
    # The hashes are right, so that only a wrong writer can lead here.
    except (StoreError, ValueError, KeyError, TypeError, OSError) as exc:
        raise IndexCorruptError(f"{folder} cannot be read ({exc}); run: {rebuild}") from exc


def is_stale(config: RagConfig, encoder: Encoder | str, sources: Mapping[str, str]) -> bool:
    """True unless the index in use fits the settings and `sources` (document id to hash)."""
    build, rebuild = _commands(config.index)
    try:
        manifest = read_manifest(current_generation(config.index, build), rebuild)
        check_settings(manifest.settings, index_settings(config, encoder), rebuild)
    except (IndexNotFoundError, IndexCorruptError, IndexMismatchError) as exc:
        _log.info("the index must be built: %s", exc)
        return True
    return bool(compare_documents(manifest.documents, sources))


@dataclass(frozen=True, slots=True)
class _Previous:
    """What an update can take over from the index in use."""

    settings: IndexSettings
    documents: list[Document]
    chunks: list[Chunk]
    vectors: Mapping[str, Vectors]

    def is_same(
        self, settings: IndexSettings, by_id: Mapping[str, Document], chunks: Mapping[str, Chunk]
    ) -> bool:
        return (self.settings, self.documents, self.chunks) == (
            settings,
            list(by_id.values()),
            list(chunks.values()),
        )


def _previous(root: Path, settings: IndexSettings) -> _Previous | None:
    build, rebuild = _commands(root)
    try:
        folder = current_generation(root, build)
        manifest = read_manifest(folder, rebuild)
        check_files(folder, manifest, rebuild)
    except IndexNotFoundError:
        return None
    except (IndexCorruptError, IndexMismatchError) as exc:
        _log.warning("nothing of the old index is reused: %s", exc)
        return None
    seen = manifest.settings
    if (seen.model_id, seen.dim) != (settings.model_id, settings.dim):
        _log.info("encoding all: the old index was built with model %s", seen.model_id)
        return None
    return _Previous(seen, *read_reusable(folder))


def _encode(
    texts: Sequence[str], known: Mapping[str, Vectors], encoder: Encoder, show_progress: bool
) -> dict[str, Vectors]:
    """The vector of each text, by its hash; those that are `known` are not encoded."""
    hashes = {text_hash(text): text for text in texts}
    new = {key: text for key, text in hashes.items() if key not in known}
    _log.info("encoding %s of %s different texts", len(new), len(texts))
    fresh: dict[str, Vectors] = {}
    if new:
        vectors = encoder.encode_passages(list(new.values()), show_progress=show_progress)
        fresh = dict(zip(new, vectors, strict=True))
    return {key: fresh[key] if key in fresh else known[key] for key in hashes}


def _by_id(documents: Sequence[Document]) -> dict[str, Document]:
    if not documents:
        raise DocumentError("no documents to index; give a folder or files of reports")
    by_id = {document.document_id: document for document in documents}
    if len(by_id) != len(documents):
        raise DocumentError("two documents have the same name; rename one of the files")
    return by_id


def _commands(root: Path) -> tuple[str, str]:
    """How to build the index in `root`, and how to rebuild it."""
    return f"rag index PATH --index {root}", f"rag index --rebuild PATH --index {root}"
