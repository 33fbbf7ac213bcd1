"""The files of an index: what lies in a generation, how it is written and opened.

*                 the files of the first segment; see `rag.segments`
added-1/ …        those of the segments after it
manifest.json     written last; manifest.json.sha256 vouches for it

A large segment to which documents are added is not written again: the next generation holds hard
links to its files. Damage to such a file is damage to both generations.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from embeddings.errors import EmbeddingsError
from embeddings.stores import Backend, JoinedStore, Searchable
from rag.bm25 import BM25
from rag.durable import sync
from rag.generations import Forget, filling, publish, rebuild_command, repair_command
from rag.manifest import IndexManifest, IndexSettings, SegmentRecord, hash_files, write_manifest
from rag.segments import DOCUMENTS_NAME, STORES, Access, Segment, Vectors, write_segment
from rag.types import Chunk, Document, SourceFile

_ADDED = "added-"
_Value = TypeVar("_Value")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Index:
    """A shelf that can be searched. Never changed: an update gives a new one.

    Attributes:
        documents: By document id, in the order of the shelf.
        chunks: By chunk id, in the order of the shelf.
        chunk_ids: Of each document that has any, in their order.
        store: Vectors of whole chunks, by chunk id.
        windows: Vectors of short stretches of chunks; see `window_owner`.
        n_windows: How many windows each chunk has.
        lexical: BM25 over the chunks.
        manifest: How and from what it was made.
        generation: Name of the folder that it lies in.
        segments: What it was put together from.
    """

    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    chunk_ids: Mapping[str, Sequence[str]]
    store: Searchable
    windows: Searchable
    n_windows: Mapping[str, int]
    lexical: BM25
    manifest: IndexManifest
    generation: str
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """An index on disk, of which no more is read than is asked for.

    Attributes:
        name: Of its folder.
        manifest: How and from what it was made.
        segments: What it consists of.
    """

    name: str
    manifest: IndexManifest
    segments: tuple[Segment, ...]

    @property
    def documents(self) -> Mapping[str, Document]:
        """By document id; a segment's are read when one of them is looked up."""
        return _Documents(self.segments)

    def vectors(self) -> dict[str, Vectors]:
        """The vector of each text, by its hash; they are not kept in memory."""
        return {key: row for segment in self.segments for key, row in segment.vectors().items()}

    def verify(self) -> None:
        """Raise IndexCorruptError, naming the first file that is not what was written."""
        for segment in self.segments:
            segment.verify()

    def open(self, held: Index | None = None) -> Index:
        """The index, all of it read and verified.

        Args:
            held: Another generation, of which the segments that are the same are not read again.

        Raises:
            IndexCorruptError: A file is missing or is not what was written.
            StoreUnavailableError: The server of its stores cannot be reached.
        """
        known = {_identity(segment): segment for segment in (held.segments if held else ())}
        for segment in self.segments:
            if (same := known.get(_identity(segment))) is not None:
                segment.take_over(same)
        self.verify()
        segments = self.segments
        return Index(
            _joined([segment.documents for segment in segments]),
            segments[0].chunks if len(segments) == 1 else _Chunks(segments),
            _joined([segment.chunk_ids for segment in segments]),
            _one_store([segment.store for segment in segments]),
            _one_store([segment.windows for segment in segments]),
            _joined([segment.n_windows for segment in segments]),
            BM25.joined([segment.lexical for segment in segments]),
            self.manifest,
            self.name,
            segments,
        )


@dataclass(frozen=True, slots=True)
class NewSegment:
    """What is to be written: documents and their chunks by id, and vectors by hash of the text."""

    documents: Mapping[str, Document]
    chunks: Mapping[str, Chunk]
    vectors: Mapping[str, Vectors]


def write_generation(
    root: Path,
    settings: IndexSettings,
    kept: Sequence[Segment],
    new: NewSegment | None,
    sources: tuple[SourceFile, ...],
    backend: Backend,
) -> Generation:
    """A new generation in `root` of the segments `kept` and, last, `new`, put in use.

    `sources` are the files of the whole shelf; `backend` makes the stores of `new`.
    """
    hashes = {name: value for segment in kept for name, value in segment.hashes.items()}
    records = [SegmentRecord((*segment.hashes,), segment.n_chunks) for segment in kept]
    with filling(root, forget_by(backend)) as folder:
        files: dict[str, str] = {}
        for n, segment in enumerate(kept):
            segment.link_into(folder / _place(n))
            files |= {f"{_prefix(n)}{name}": value for name, value in segment.files.items()}
        if new:
            inside = folder / _place(len(kept))
            write_segment(inside, new.documents, new.chunks, new.vectors, backend)
            files |= hash_files(folder, (path for path in inside.rglob("*") if path.is_file()))
            hashes |= {name: each.document_hash for name, each in new.documents.items()}
            records.append(SegmentRecord((*new.documents,), len(new.chunks)))
        n_chunks = sum(record.n_chunks for record in records)
        manifest = IndexManifest(settings, hashes, n_chunks, files, tuple(records), sources)
        _seal_and_publish(folder, manifest, backend)
    return read_generation(folder, manifest, backend)


def read_generation(folder: Path, manifest: IndexManifest, backend: Backend) -> Generation:
    """The generation in `folder`, its stores to be opened by `backend`; nothing else is read.

    Raises:
        IndexCorruptError: Its manifest contradicts itself.
    """
    root = folder.parent
    access = Access(
        backend, manifest.settings.tokenizer, repair_command(root), rebuild_command(root)
    )
    files = _by_segment(manifest.files)
    segments = []
    for n, record in enumerate(manifest.segments):
        hashes = {name: manifest.documents[name] for name in record.documents}
        inside = files.get(_prefix(n), {})
        segments.append(Segment(folder / _place(n), hashes, record.n_chunks, inside, access))
    return Generation(folder.name, manifest, tuple(segments))


def document_files(folder: Path, manifest: IndexManifest) -> list[Path]:
    """The files of a generation that hold its documents."""
    return [folder / _place(n) / DOCUMENTS_NAME for n in range(len(manifest.segments))]


def forget_by(backend: Backend) -> Forget:
    """What removes the vectors of a generation that lie outside of its folder."""

    def forget(generation: Path) -> bool:
        try:
            # Segments whose stores lie elsewhere are never linked: such a generation has but one.
            for name in STORES:
                backend.forget(generation / name)
        except EmbeddingsError as exc:
            _log.warning("%s is kept, for its vectors cannot be removed: %s", generation, exc)
            return False
        return True

    return forget


def _seal_and_publish(folder: Path, manifest: IndexManifest, backend: Backend) -> None:
    """Bring all files to the disk, then the manifest that vouches for them, and use them."""
    for path in sorted(folder.rglob("*")):
        sync(path)
    seal = write_manifest(folder, manifest)
    sync(seal)
    sync(folder)
    publish(seal, forget_by(backend))


def _place(n: int) -> str:
    """The folder of the segment `n`, from 0, inside its generation."""
    return f"{_ADDED}{n}" if n else ""


def _prefix(n: int) -> str:
    return f"{_ADDED}{n}/" if n else ""


def _by_segment(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The files of each segment, by the prefix of their names in the generation."""
    divided: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, value in files.items():
        first, slash, rest = name.partition("/")
        prefix, inside = (first + slash, rest) if first.startswith(_ADDED) else ("", name)
        divided[prefix][inside] = value
    return divided


def _identity(segment: Segment) -> frozenset[tuple[str, str]]:
    return frozenset(segment.files.items())


def _joined(parts: Sequence[Mapping[str, _Value]]) -> Mapping[str, _Value]:
    if len(parts) == 1:
        return parts[0]
    return {key: value for part in parts for key, value in part.items()}


def _one_store(stores: Sequence[Searchable]) -> Searchable:
    return stores[0] if len(stores) == 1 else JoinedStore(stores)


class _Chunks(Mapping[str, Chunk]):
    """The chunks of some segments, of which none is read before it is looked up."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._parts = [segment.chunks for segment in segments]

    def __getitem__(self, chunk_id: str) -> Chunk:
        for part in self._parts:
            if chunk_id in part:
                return part[chunk_id]
        raise KeyError(chunk_id)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))


class _Documents(Mapping[str, Document]):
    """The documents of some segments, read when one is looked up."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._owners = {name: segment for segment in segments for name in segment.hashes}

    def __getitem__(self, document_id: str) -> Document:
        return self._owners[document_id].documents[document_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)
