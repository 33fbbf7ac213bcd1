"""The files of an index: what lies in a generation, how it is written and read.

documents.jsonl   canonical texts with their metadata: citations stay exact without the sources
chunks.jsonl      in the order of the store and of BM25
vectors.npy       (n_texts, dim) float32: what the next update reuses, whatever the store is
texts.json        hash of the text of each row of vectors.npy
store/            the vector store of whole chunks, with their header
windows/          the vector store of their short windows, without it; of Milvus both hold the ids
                  and the name of a collection
lexical/          BM25: arrays and JSON
manifest.json     written last; manifest.json.sha256 vouches for it
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import EmbeddingsError
from embeddings.hashing import text_hash
from embeddings.stores import Backend, VectorStore
from rag.bm25 import BM25
from rag.durable import sync
from rag.generations import Forget, filling, publish
from rag.manifest import IndexManifest, IndexSettings, hash_files, write_manifest
from rag.records import read_chunks, read_documents, write_lines
from rag.types import Chunk, Document, SourceFile
from rag.windows import split_windows

DOCUMENTS_NAME, _CHUNKS = "documents.jsonl", "chunks.jsonl"
_VECTORS, _TEXTS = "vectors.npy", "texts.json"
_STORE, _WINDOWS, _LEXICAL = "store", "windows", "lexical"
_OWNER_MARK = "#"

Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Index:
    """A shelf that can be searched. Never changed: an update gives a new one.

    Attributes:
        documents: By document id, in the order of the shelf.
        chunks: By chunk id, in the order of the shelf.
        store: Vectors of whole chunks, by chunk id.
        windows: Vectors of short stretches of chunks; see `window_owner`.
        lexical: BM25 over the chunks.
        manifest: How and from what it was made.
        generation: Name of the folder that it lies in.
    """

    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    store: VectorStore
    windows: VectorStore
    lexical: BM25
    manifest: IndexManifest
    generation: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index is to hold: documents and chunks by id, and the files they come from."""

    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    sources: tuple[SourceFile, ...] = ()


def indexed_text(chunk: Chunk) -> str:
    """What is encoded and what BM25 sees: the contextual header, then the text."""
    return f"{chunk.header}\n{chunk.text}"


def window_id(chunk_id: str, number: int) -> str:
    """The id of a window of a chunk; they are numbered from 0."""
    return f"{chunk_id}{_OWNER_MARK}{number}"


def window_owner(window_id: str) -> str:
    """The id of the chunk that a window is a part of."""
    return window_id.rpartition(_OWNER_MARK)[0]


def texts_of(chunks: Mapping[str, Chunk]) -> list[str]:
    """All texts of which an index holds the vectors, each once."""
    whole = [indexed_text(chunk) for chunk in chunks.values()]
    return list(dict.fromkeys([*whole, *windows_of(chunks).values()]))


def windows_of(chunks: Mapping[str, Chunk]) -> dict[str, str]:
    """The windows of all chunks, by an id that tells their chunk."""
    return {
        window_id(chunk_id, n): window
        for chunk_id, chunk in chunks.items()
        for n, window in enumerate(split_windows(chunk.text))
    }


def write_index(
    root: Path,
    settings: IndexSettings,
    contents: Contents,
    vectors: Mapping[str, Vectors],
    backend: Backend,
) -> Index:
    """A new generation in `root` with everything that an index holds, put in use.

    `vectors` holds the vector of each of `texts_of(chunks)`, by hash of the text, and no others;
    `backend` makes the stores.
    """
    documents, chunks = contents.documents, contents.chunks
    whole = {chunk_id: indexed_text(chunk) for chunk_id, chunk in chunks.items()}
    lexical = BM25.build(list(whole), list(whole.values()))
    with filling(root, forget_by(backend)) as folder:
        write_lines(folder / DOCUMENTS_NAME, documents.values())
        write_lines(folder / _CHUNKS, chunks.values())
        np.save(folder / _VECTORS, np.stack(list(vectors.values())), allow_pickle=False)
        (folder / _TEXTS).write_text(json.dumps(list(vectors)), encoding="utf-8")
        lexical.save(folder / _LEXICAL)
        store = _write_store(folder / _STORE, whole, vectors, backend)
        windows = _write_store(folder / _WINDOWS, windows_of(chunks), vectors, backend)
        manifest = _seal_and_publish(folder, settings, contents, backend)
    return Index(documents, chunks, store, windows, lexical, manifest, folder.name)


def _write_store(
    folder: Path, texts: Mapping[str, str], vectors: Mapping[str, Vectors], backend: Backend
) -> VectorStore:
    rows = np.stack([vectors[text_hash(text)] for text in texts.values()])
    return backend.write(list(texts), rows, folder)


def forget_by(backend: Backend) -> Forget:
    """What removes the vectors of a generation that lie outside of its folder."""

    def forget(generation: Path) -> bool:
        try:
            for name in (_STORE, _WINDOWS):
                backend.forget(generation / name)
        except EmbeddingsError as exc:
            _log.warning("%s is kept, for its vectors cannot be removed: %s", generation, exc)
            return False
        return True

    return forget


def _seal_and_publish(
    folder: Path, settings: IndexSettings, contents: Contents, backend: Backend
) -> IndexManifest:
    """Bring all files to the disk, then the manifest that vouches for them, and use them."""
    inside = sorted(folder.rglob("*"))
    files = [path for path in inside if path.is_file()]
    for path in inside:
        sync(path)
    hashes = {document_id: d.document_hash for document_id, d in contents.documents.items()}
    manifest = IndexManifest(
        settings, hashes, len(contents.chunks), hash_files(folder, files), contents.sources
    )
    seal = write_manifest(folder, manifest)
    sync(seal)
    sync(folder)
    publish(seal, forget_by(backend))
    return manifest


def read_index(folder: Path, manifest: IndexManifest, backend: Backend) -> Index:
    """The index in a generation whose files were checked, its stores opened by `backend`.

    Raises:
        ValueError: Its files do not belong together.
    """
    documents = {d.document_id: d for d in read_documents(folder / DOCUMENTS_NAME)}
    chunks = {c.chunk_id: c for c in read_chunks(folder / _CHUNKS)}
    store, windows = backend.load(folder / _STORE), backend.load(folder / _WINDOWS)
    lexical = BM25.load(folder / _LEXICAL, list(chunks), manifest.settings.tokenizer)
    owners = {window_owner(window) for window in windows.ids()}
    if store.ids() != tuple(chunks) or owners != set(chunks):
        raise ValueError("its files do not belong together")
    return Index(documents, chunks, store, windows, lexical, manifest, folder.name)


def read_reusable(folder: Path) -> tuple[list[Document], list[Chunk], dict[str, Vectors]]:
    """What the next update can take over: documents, chunks, and vectors by hash of their text."""
    rows = np.load(folder / _VECTORS, allow_pickle=False)
    vectors = dict(zip(json.loads((folder / _TEXTS).read_bytes()), rows, strict=True))
    return read_documents(folder / DOCUMENTS_NAME), read_chunks(folder / _CHUNKS), vectors
