"""Build, update, save and load the index of a shelf; owns the layout of a generation.

documents.jsonl   canonical texts with their metadata: citations stay exact without the sources
chunks.jsonl      in the order of the vectors' rows
vectors.npy       (n_chunks, dim) float32: what the next update reuses, whatever the store is
store/            the vector store's own files
lexical/          BM25: arrays and JSON
manifest.json     written last
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.cache import text_hash
from embeddings.encoder import Encoder
from embeddings.errors import StoreError
from embeddings.stores import FaissStore, VectorStore
from rag.chunking import CHUNKER_VERSION, chunk_document
from rag.config import RagConfig
from rag.errors import (
    DocumentError,
    IndexCorruptError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.generations import current_generation, new_generation, publish, sync, write_errors, writing
from rag.lexical import BM25, DEFAULT_TOKENIZER
from rag.manifest import (
    IndexManifest,
    IndexSettings,
    check_files,
    check_settings,
    compare_documents,
    hash_files,
    read_manifest,
    write_manifest,
)
from rag.records import read_chunks, read_documents, write_lines
from rag.types import Chunk, Document

_DOCUMENTS, _CHUNKS, _VECTORS = "documents.jsonl", "chunks.jsonl", "vectors.npy"
_STORE, _LEXICAL = "store", "lexical"
_log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Index:
    """A shelf that can be searched. Never changed: an update gives a new one.

    Attributes:
        documents: By document id, in the order of the shelf.
        chunks: By chunk id, in the order of the store's rows.
        store: Vectors of the chunks.
        lexical: BM25 over the chunks.
        manifest: How and from what it was made.
    """

    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    store: VectorStore
    lexical: BM25
    manifest: IndexManifest


def indexed_text(chunk: Chunk) -> str:
    """What is encoded and what BM25 sees: the contextual header, then the text."""
    return f"{chunk.header}\n{chunk.text}"


def index_settings(config: RagConfig, encoder: Encoder | str) -> IndexSettings:
    """What an index must be made with; `encoder` or, before it is loaded, its model id."""
    model_id, dim = (encoder, None) if isinstance(encoder, str) else (encoder.model_id, encoder.dim)
    return IndexSettings(
        model_id=model_id,
        dim=dim,
        chunker=f"{CHUNKER_VERSION}, {config.chunk_chars} characters",
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
        known = old.vectors_by_text() if old else {}
        vectors = _encode(chunks, known, encoder, show_progress)
        with write_errors(config.index):
            return _write(config.index, settings, by_id, chunks, vectors)


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
        return _read(folder, manifest)
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
    vectors: Vectors

    def is_same(
        self, settings: IndexSettings, by_id: Mapping[str, Document], chunks: Mapping[str, Chunk]
    ) -> bool:
        return (self.settings, self.documents, self.chunks) == (
            settings,
            list(by_id.values()),
            list(chunks.values()),
        )

    def vectors_by_text(self) -> dict[str, Vectors]:
        hashes = (text_hash(indexed_text(chunk)) for chunk in self.chunks)
        return dict(zip(hashes, self.vectors, strict=True))


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
    vectors = np.load(folder / _VECTORS, allow_pickle=False)
    documents, chunks = read_documents(folder / _DOCUMENTS), read_chunks(folder / _CHUNKS)
    return _Previous(seen, documents, chunks, vectors)


def _encode(
    chunks: Mapping[str, Chunk],
    known: Mapping[str, Vectors],
    encoder: Encoder,
    show_progress: bool,
) -> Vectors:
    texts = {text_hash(indexed_text(c)): indexed_text(c) for c in chunks.values()}
    new = {key: text for key, text in texts.items() if key not in known}
    _log.info("encoding %s of %s different texts", len(new), len(texts))
    found = dict(known)
    if new:
        fresh = encoder.encode_passages(list(new.values()), show_progress=show_progress)
        found.update(zip(new, fresh, strict=True))
    rows = [found[text_hash(indexed_text(chunk))] for chunk in chunks.values()]
    return np.stack(rows).astype(np.float32, copy=False)


def _write(
    root: Path,
    settings: IndexSettings,
    documents: Mapping[str, Document],
    chunks: Mapping[str, Chunk],
    vectors: Vectors,
) -> Index:
    store = FaissStore(vectors.shape[1])
    store.add(list(chunks), vectors)
    lexical = BM25.build(list(chunks), [indexed_text(c) for c in chunks.values()])
    folder = new_generation(root)
    write_lines(folder / _DOCUMENTS, documents.values())
    write_lines(folder / _CHUNKS, chunks.values())
    np.save(folder / _VECTORS, vectors, allow_pickle=False)
    lexical.save(folder / _LEXICAL)
    store.save(folder / _STORE)
    manifest = _seal_and_publish(folder, settings, documents, len(chunks))
    return Index(documents, chunks, store, lexical, manifest)


def _seal_and_publish(
    folder: Path, settings: IndexSettings, documents: Mapping[str, Document], n_chunks: int
) -> IndexManifest:
    """Bring all files to the disk, then the manifest that vouches for them, and use them."""
    inside = sorted(folder.rglob("*"))
    files = [path for path in inside if path.is_file()]
    for path in inside:
        sync(path)
    hashes = {document_id: d.document_hash for document_id, d in documents.items()}
    manifest = IndexManifest(settings, hashes, n_chunks, hash_files(folder, files))
    seal = write_manifest(folder, manifest)
    sync(seal)
    sync(folder)
    publish(seal)
    return manifest


def _read(folder: Path, manifest: IndexManifest) -> Index:
    documents = {d.document_id: d for d in read_documents(folder / _DOCUMENTS)}
    chunks = {c.chunk_id: c for c in read_chunks(folder / _CHUNKS)}
    store = FaissStore.load(folder / _STORE)
    lexical = BM25.load(folder / _LEXICAL, list(chunks), manifest.settings.tokenizer)
    if store.ids() != tuple(chunks) or manifest.documents.keys() != documents.keys():
        raise ValueError("its files do not belong together")
    return Index(documents, chunks, store, lexical, manifest)


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
