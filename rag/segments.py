"""A segment: documents that were indexed together, in files that are never changed.

documents.jsonl   canonical texts with their metadata: citations stay exact without the sources
chunks.jsonl      in the order of the store and of BM25
vectors.npy       (n_texts, dim) float32: what the next update reuses, whatever the store is
texts.json        hash of the text of each row of vectors.npy
store/            the vector store of whole chunks, with their header
windows/          the vector store of their short windows, without it; of Milvus both hold the ids
                  and the name of a collection
lexical/          BM25: arrays and JSON
"""

import contextlib
import json
import logging
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import StoreError
from embeddings.hashing import text_hash
from embeddings.stores import Backend, VectorStore
from rag.bm25 import BM25
from rag.errors import IndexCorruptError
from rag.manifest import check_files, damaged_error
from rag.records import ChunkLines, read_chunks, read_documents, write_lines
from rag.types import Chunk, Document
from rag.windows import split_windows

DOCUMENTS_NAME, _CHUNKS = "documents.jsonl", "chunks.jsonl"
_VECTORS, _TEXTS = "vectors.npy", "texts.json"
_STORE, _WINDOWS, _LEXICAL = "store", "windows", "lexical"
STORES = _STORE, _WINDOWS
# A chunk takes about 2.3 kB of memory, or 30 microseconds to be read from its file.
MAX_IN_MEMORY = 20_000
_OWNER_MARK = "#"
# What a segment has read, by the names of its properties.
_PARTS = {"documents", "chunks", "chunk_ids", "store", "windows", "n_windows", "lexical"}

Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)


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
    """All texts of which a segment holds the vectors, each once."""
    whole = [indexed_text(chunk) for chunk in chunks.values()]
    return list(dict.fromkeys([*whole, *windows_of(chunks).values()]))


def windows_of(chunks: Mapping[str, Chunk]) -> dict[str, str]:
    """The windows of all chunks, by an id that tells their chunk."""
    return {
        window_id(chunk_id, n): window
        for chunk_id, chunk in chunks.items()
        for n, window in enumerate(split_windows(chunk.text))
    }


@dataclass(frozen=True, slots=True)
class Access:
    """How the files of a segment are read.

    Attributes:
        backend: Opens its stores.
        tokenizer: Of its BM25.
        repair: The command that a message on damage names.
        rebuild: The command that a message on files that do not fit together names.
    """

    backend: Backend
    tokenizer: str
    repair: str
    rebuild: str


class Segment:
    """A segment on disk. Each part is read when it is needed first, and its files verified then.

    Args:
        folder: Where its files lie.
        hashes: Hash of the source of each of its documents, by document id, in their order.
        n_chunks: How many chunks they have.
        files: SHA-256 of each file, by path in `folder`.
        access: How they are read.

    Whatever is read raises IndexCorruptError if a file of it is not what was written.
    """

    def __init__(
        self,
        folder: Path,
        hashes: Mapping[str, str],
        n_chunks: int,
        files: Mapping[str, str],
        access: Access,
    ) -> None:
        self.folder, self.hashes, self.n_chunks, self.files = folder, hashes, n_chunks, files
        self._access = access
        self._verified: set[str] = set()

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """By document id."""
        with self._reading(DOCUMENTS_NAME):
            documents = {d.document_id: d for d in read_documents(self.folder / DOCUMENTS_NAME)}
            if documents.keys() != self.hashes.keys():
                raise ValueError("its documents are not those of the manifest")
            return documents

    @cached_property
    def chunks(self) -> Mapping[str, Chunk]:
        """By chunk id; many are left in their file until they are looked up."""
        with self._reading(_CHUNKS):
            if self.n_chunks > MAX_IN_MEMORY:
                return ChunkLines(self.folder / _CHUNKS)
            return {c.chunk_id: c for c in read_chunks(self.folder / _CHUNKS)}

    @cached_property
    def chunk_ids(self) -> Mapping[str, Sequence[str]]:
        """The ids of the chunks of each document that has any, in their order."""
        if isinstance(self.chunks, ChunkLines):
            return self.chunks.ids_by_document
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for chunk in self.chunks.values():
            ids[chunk.document_id].append(chunk.chunk_id)
        return dict(ids)

    @cached_property
    def store(self) -> VectorStore:
        """Of whole chunks."""
        with self._reading(_STORE):
            store = self._access.backend.load(self.folder / _STORE)
            if store.ids() != tuple(self.chunks):
                raise ValueError("its files do not belong together")
            return store

    @cached_property
    def windows(self) -> VectorStore:
        """Of the windows of its chunks."""
        with self._reading(_WINDOWS):
            return self._access.backend.load(self.folder / _WINDOWS)

    @cached_property
    def n_windows(self) -> Mapping[str, int]:
        """How many windows each chunk has: they are numbered from 0."""
        with self._reading(_WINDOWS):
            n_windows = Counter(map(window_owner, self.windows.ids()))
            if n_windows.keys() != self.chunks.keys():
                raise ValueError("its files do not belong together")
            return n_windows

    @cached_property
    def lexical(self) -> BM25:
        """Over its chunks."""
        with self._reading(_LEXICAL):
            ids = list(self.chunks)
            return BM25.load(self.folder / _LEXICAL, ids, self._access.tokenizer)

    def vectors(self) -> dict[str, Vectors]:
        """The vector of each text, by its hash; they are not kept in memory."""
        with self._reading(_VECTORS, _TEXTS):
            rows = np.load(self.folder / _VECTORS, allow_pickle=False)
            hashes = json.loads((self.folder / _TEXTS).read_bytes())
            return dict(zip(hashes, rows, strict=True))

    def take_over(self, other: "Segment") -> None:
        """What `other`, of the same files in another folder, has read is not read again."""
        self._verified |= other._verified
        vars(self).update({n: value for n, value in vars(other).items() if n in _PARTS})

    def verify(self) -> None:
        """Raise IndexCorruptError, naming the first file that is not what was written."""
        self._verify(self.files)

    def link_into(self, folder: Path) -> None:
        """The same files in another folder, without their bytes being read or written."""
        for name in self.files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                _link(self.folder / name, folder / name)
            except FileNotFoundError as exc:
                raise damaged_error(self.folder / name, self._access.repair) from exc

    @contextlib.contextmanager
    def _reading(self, *parts: str) -> Iterator[None]:
        """While `parts`, files or folders, are read: verified before, errors told."""
        self._verify([n for n in self.files if n.split("/")[0] in parts])
        try:
            yield
        # The hashes are right, so that only a wrong writer can lead here.
        except (StoreError, ValueError, KeyError, TypeError, OSError) as exc:
            raise IndexCorruptError(
                f"{self.folder} cannot be read ({exc}); run: {self._access.rebuild}"
            ) from exc

    def _verify(self, names: Iterable[str]) -> None:
        new = {name: self.files[name] for name in names if name not in self._verified}
        check_files(self.folder, new, self._access.repair)
        self._verified.update(new)


def write_segment(
    folder: Path,
    documents: Mapping[str, Document],
    chunks: Mapping[str, Chunk],
    vectors: Mapping[str, Vectors],
    backend: Backend,
) -> None:
    """Write all files of a segment into `folder`, made if it is missing.

    Args:
        folder: Without files of these names.
        documents: By id.
        chunks: Theirs, by id; at least one.
        vectors: Of each of `texts_of(chunks)`, by hash of the text, and no others.
        backend: Makes the stores.
    """
    folder.mkdir(exist_ok=True)
    whole = {chunk_id: indexed_text(chunk) for chunk_id, chunk in chunks.items()}
    write_lines(folder / DOCUMENTS_NAME, documents.values())
    write_lines(folder / _CHUNKS, chunks.values())
    np.save(folder / _VECTORS, np.stack(list(vectors.values())), allow_pickle=False)
    (folder / _TEXTS).write_text(json.dumps(list(vectors)), encoding="utf-8")
    BM25.build(list(whole), list(whole.values())).save(folder / _LEXICAL)
    for name, texts in ((_STORE, whole), (_WINDOWS, windows_of(chunks))):
        rows = np.stack([vectors[text_hash(text)] for text in texts.values()])
        backend.write(list(texts), rows, folder / name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as exc:  # Some file systems know no links; a full disk is told by the copy.
        _log.info("%s is copied, for it cannot be linked: %s", source, exc)
        shutil.copy2(source, target)
