"""Documents to chunks: whole sentences under their headings, with exact places."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.headings import section_paths
from rag.regions import romanise
from rag.sentences import split_long, split_sentences
from rag.types import Chunk, Document, Span

# Part of an index's identity: raise it when the same file would give other chunks or headers.
CHUNKER_VERSION = "1"

_MAX_HEADER, _MAX_HEADER_TITLE, _MAX_HEADER_SECTION = 80, 36, 24
# Below this share of a chunk a piece joins its neighbour: within a part, and across parts.
_TINY, _MINUTE = 0.35, 0.1


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a sentence, or a part of one that is longer than a chunk."""

    span: Span
    path: tuple[str, ...]


def chunk_document(document: Document, max_chars: int) -> tuple[Chunk, ...]:
    """Chunks of at most about `max_chars` characters that cover the document in order.

    Sentences stay whole unless one is longer than a chunk. Repeated text is left out. A chunk
    begins at a heading where that does not make tiny ones, and never crosses an outermost one
    unless its neighbour is tiny.
    """
    spans = []
    for block in _blocks(_units(document, max_chars), max_chars):
        for group in _pack(block, max_chars):
            spans.append((Span(group[0].span.start, group[-1].span.end), _main_path(group)))
    return tuple(_chunk(document, span, path) for span, path in spans)


def contextual_header(document: Document, section: Sequence[str]) -> str:
    """One line that tells what a chunk is about: title, place in both scripts, section path."""
    parts = [_shorten(document.title, _MAX_HEADER_TITLE)]
    if document.place:
        parts.append(f"{document.place} ({romanise(document.place)})")
    left = _MAX_HEADER - sum(map(len, parts)) - 3 * len(parts)
    path: list[str] = []
    for title in reversed(section):
        short = _shorten(title, _MAX_HEADER_SECTION)
        if len(short) > left:
            break
        path.insert(0, short)
        left -= len(short) + 3
    return " | ".join([*parts, " > ".join(path)] if path else parts)


def _units(document: Document, max_chars: int) -> Iterator[list[_Unit]]:
    """Runs of units between which no repeated text stands."""
    starts = [section.span.start for section in document.sections]
    paths = section_paths(document.sections)
    run: list[_Unit] = []
    for sentence in split_sentences(document.text):
        if any(sentence.overlaps(span) for span in document.repeated):
            if run:
                yield run
            run = []
            continue
        number = bisect_right(starts, sentence.start) - 1
        path = paths[number] if number >= 0 else ()
        for piece in split_long(document.text, sentence, max_chars):
            _append(run, _Unit(piece, path), max_chars)
    if run:
        yield run


def _append(run: list[_Unit], unit: _Unit, max_chars: int) -> None:
    """Add a unit; minute ones go together, or a list of single words would take minutes."""
    if run and run[-1].path == unit.path:
        joined = Span(run[-1].span.start, unit.span.end)
        if len(joined) <= _MINUTE * max_chars:
            run[-1] = _Unit(joined, unit.path)
            return
    run.append(unit)


def _blocks(runs: Iterator[list[_Unit]], max_chars: int) -> Iterator[list[_Unit]]:
    """Units under the same heading; tiny blocks join what follows, the last one what precedes."""
    for run in runs:
        blocks: list[list[_Unit]] = []
        for unit in run:
            if blocks and (unit.path == blocks[-1][-1].path or _joins(blocks[-1], unit, max_chars)):
                blocks[-1].append(unit)
            else:
                blocks.append([unit])
        if len(blocks) > 1 and _joins(blocks[-1], blocks[-2][-1], max_chars):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
        yield from blocks


def _joins(block: Sequence[_Unit], neighbour: _Unit, max_chars: int) -> bool:
    """True if `block` is too small to stand alone, given whether the same part goes on."""
    is_same_part = block[-1].path[:1] in ((), neighbour.path[:1])
    return _stretch(block, 0, len(block)) < (_TINY if is_same_part else _MINUTE) * max_chars


def _pack(block: Sequence[_Unit], max_chars: int) -> list[list[_Unit]]:
    """Groups within the limit, cut where the squares of the room they leave sum to the least."""
    costs, cuts = [0.0], [0]
    for end in range(1, len(block) + 1):
        starts = [end - 1]
        while starts[-1] > 0 and _stretch(block, starts[-1] - 1, end) <= max_chars:
            starts.append(starts[-1] - 1)
        rooms = {s: costs[s] + (max_chars - _stretch(block, s, end)) ** 2 for s in starts}
        cuts.append(min(rooms, key=lambda start: rooms[start]))
        costs.append(rooms[cuts[-1]])
    groups: list[list[_Unit]] = []
    end = len(block)
    while end > 0:
        groups.append(list(block[cuts[end] : end]))
        end = cuts[end]
    return groups[::-1]


def _stretch(units: Sequence[_Unit], first: int, end: int) -> int:
    return units[end - 1].span.end - units[first].span.start


def _main_path(group: Sequence[_Unit]) -> tuple[str, ...]:
    """The section that most of the group's characters stand in."""
    lengths: dict[tuple[str, ...], int] = {}
    for unit in group:
        lengths[unit.path] = lengths.get(unit.path, 0) + len(unit.span)
    return max(lengths, key=lambda path: lengths[path])


def _chunk(document: Document, span: Span, path: tuple[str, ...]) -> Chunk:
    text = span.of(document.text)
    identity = f"{document.document_id}\0{span.start}\0{span.end}\0{text}"
    chunk_id = hashlib.sha256(identity.encode()).hexdigest()[:32]
    header = contextual_header(document, path)
    return Chunk(chunk_id, document.document_id, span, text, header, path)


def _shorten(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"
