"""Change an index: what is new is written, what did not change is kept as it lies on the disk."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress
from operator import not_

from embeddings.stores import Backend
from rag.chunking import chunk_document
from rag.config import RagConfig
from rag.errors import DocumentError, IndexCorruptError
from rag.generations import write_errors
from rag.index_files import Generation, NewSegment, write_generation
from rag.manifest import IndexSettings
from rag.segments import Segment, Vectors, texts_of
from rag.types import Chunk, Document, SourceFile
from rag.vector_stores import open_backend

# So many chunks are written again rather than kept in a segment of their own: it takes a second or
# two (docs/performance.md), and few segments are searched faster than many.
SMALL_SEGMENT = 2_000

_log = logging.getLogger(__name__)

Known = Mapping[str, Vectors]
Encode = Callable[[Sequence[str], Known], Mapping[str, Vectors]]
"""The vector of each text, by its hash, of which some are known."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an index is to hold.

    Attributes:
        documents: Those that may be new or changed, by id, in the order of the shelf.
        sources: The files of the whole shelf.
        kept: Ids of the other documents: they stay as the index has them.
        chunks: Of those of `documents` that are cut already, by document id.
    """

    documents: Mapping[str, Document]
    sources: tuple[SourceFile, ...] = ()
    kept: frozenset[str] = frozenset()
    chunks: Mapping[str, Sequence[Chunk]] = field(default_factory=dict)


def apply(
    update: Update,
    old: Generation | None,
    settings: IndexSettings,
    config: RagConfig,
    encode: Encode,
) -> Generation:
    """The index that `update` wants, put in use; `old` itself if that is it already.

    Segments of `old` whose documents all stay are linked, not written. What is new becomes one
    segment, together with the segments before it as long as they are small or not larger than it:
    each chunk is written again as often, at most, as its segment doubles (O'Neil et al. 1996, "The
    log-structured merge-tree"). The caller holds the folder.

    Raises:
        DocumentError: No document has text to index.
        IndexCorruptError: What is taken over of `old` is damaged.
        ConfigError: The folder cannot be written.
    """
    backend = open_backend(config)
    plan = _Plan.of(update, old, settings)
    is_same = old is not None and plan.is_nothing and old.manifest.sources == update.sources
    if old is not None and is_same and _has_stores(old, backend):
        return old
    cut = partial(_cut, done=dict(update.chunks), chunk_chars=config.chunk_chars)
    chunks = cut(plan)
    while plan.kept and (not backend.is_in_folder or plan.is_better_joined(len(chunks))):
        plan = plan.joined(update)
        chunks = cut(plan)
    if not chunks and not plan.kept:
        raise DocumentError("the documents hold no text to index; give at least one with text")
    new = None
    if chunks:
        known = _vectors(plan.replaced) if old and _is_same_model(old, settings) else {}
        new = NewSegment(plan.documents, chunks, encode(texts_of(chunks), known))
    with write_errors(config.index):
        return write_generation(config.index, settings, plan.kept, new, update.sources, backend)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of the segments that there are.

    Attributes:
        segments: All of them.
        stays: Of each, whether it stays as it is; else what is left of it is written again.
        documents: What is written, by id.
        is_cut_alike: True if the segments were cut into chunks as this program cuts.
    """

    segments: tuple[Segment, ...]
    stays: tuple[bool, ...]
    documents: Mapping[str, Document]
    is_cut_alike: bool

    @classmethod
    def of(cls, update: Update, old: Generation | None, settings: IndexSettings) -> "_Plan":
        """The least that must be written."""
        if old is None:
            return cls((), (), update.documents, False)
        seen = old.manifest.settings
        stays = tuple(seen == settings and _stays(each, update) for each in old.segments)
        documents = _left(update, old.segments, stays)
        return cls(old.segments, stays, documents, seen.chunker == settings.chunker)

    @property
    def kept(self) -> tuple[Segment, ...]:
        """They stay as they are."""
        return tuple(compress(self.segments, self.stays))

    @property
    def replaced(self) -> tuple[Segment, ...]:
        """What is left of them is written again."""
        return tuple(compress(self.segments, map(not_, self.stays)))

    @property
    def is_nothing(self) -> bool:
        """True if all segments stay and there is no other document."""
        return all(self.stays) and not self.documents

    def is_better_joined(self, n_chunks: int) -> bool:
        """True if the last segment kept is to become one with what is written, of `n_chunks`."""
        last = self.kept[-1].n_chunks
        is_textless = bool(self.documents) and not n_chunks
        return is_textless or last <= n_chunks or last + n_chunks <= SMALL_SEGMENT

    def joined(self, update: Update) -> "_Plan":
        """The plan by which the last segment kept is written again, too."""
        last = max(compress(range(len(self.stays)), self.stays))
        stays = (*self.stays[:last], False, *self.stays[last + 1 :])
        return replace(self, stays=stays, documents=_left(update, self.segments, stays))


def _is_same_model(old: Generation, settings: IndexSettings) -> bool:
    seen = old.manifest.settings
    is_same = (seen.model_id, seen.dim) == (settings.model_id, settings.dim)
    if not is_same:
        _log.info("encoding all: the old index was built with model %s", seen.model_id)
    return is_same


def _vectors(segments: Sequence[Segment]) -> dict[str, Vectors]:
    return {key: row for segment in segments for key, row in segment.vectors().items()}


def _has_stores(generation: Generation, backend: Backend) -> bool:
    """False if its stores are gone from their server, where no hash of ours can tell."""
    if backend.is_in_folder:
        return True
    try:
        generation.open()
    except IndexCorruptError:
        return False
    return True


def _stays(segment: Segment, update: Update) -> bool:
    """True if all documents of `segment` stay as they are."""
    given = update.documents
    if not segment.hashes.keys() <= update.kept | given.keys():
        return False
    return all(segment.documents[name] == given[name] for name in segment.hashes if name in given)


def _left(
    update: Update, segments: Sequence[Segment], stays: Sequence[bool]
) -> Mapping[str, Document]:
    """The documents of no segment that stays, in the order of the shelf."""
    held = {name for segment in compress(segments, stays) for name in segment.hashes}
    new = {name: each for name, each in update.documents.items() if name not in held}
    if not update.kept:
        return new
    others = compress(segments, map(not_, stays))
    before = {name: each for part in others for name, each in part.documents.items()}
    old = {name: each for name, each in before.items() if name in update.kept or name in new}
    return old | new


def _cut(plan: _Plan, done: dict[str, Sequence[Chunk]], chunk_chars: int) -> dict[str, Chunk]:
    """The chunks of what is written, by id.

    `done` holds what is cut already, by document id, and is filled.
    """
    left = {name: each for name, each in plan.documents.items() if name not in done}
    if plan.is_cut_alike:
        done |= _cut_before(plan.replaced, left)
    for name, document in left.items():
        if name not in done:
            done[name] = chunk_document(document, chunk_chars)
    return {chunk.chunk_id: chunk for name in plan.documents for chunk in done[name]}


def _cut_before(
    segments: Sequence[Segment], documents: Mapping[str, Document]
) -> Mapping[str, Sequence[Chunk]]:
    """The chunks that `segments` have of those of `documents` that are the same there, by id."""
    cut: defaultdict[str, list[Chunk]] = defaultdict(list)
    for segment in segments:
        same = {name for name, each in segment.documents.items() if documents.get(name) == each}
        for chunk in segment.chunks.values():
            if chunk.document_id in same:
                cut[chunk.document_id].append(chunk)
    return cut
