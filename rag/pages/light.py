"""Where a stretch of a document's text stands on the page that it was read from.

The text of a document is not the page's own: lines were joined, blanks and hyphens went, marks of
footnotes got brackets. So both are compared without what may differ.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.types import Span

# The share of a letter's height by which letters of one line may stand higher or lower.
_SAME_LINE = 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in shares of the page's width and height from its top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as it stands on a page."""

    character: str
    box: Box


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch of a document's text that is looked for on a page.

    Attributes:
        text: The stretch.
        before: Some of what stands before it; tells it from the same words elsewhere.
        after: What stands behind it.
        answers: The answer's own characters, as offsets into `text`.
    """

    text: str
    before: str = ""
    after: str = ""
    answers: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Light:
    """Where the stretch and the answer in it stand: one box for each line."""

    evidence: tuple[Box, ...]
    answers: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without what may differ; `places` has the offset that each character came from."""

    text: str
    places: Sequence[int]


def find_light(glyphs: Sequence[Glyph], wanted: Wanted) -> Light | None:
    """The boxes of `wanted` among the characters of a page; None if it is not to be seen there."""
    page, stretch = _fold([glyph.character for glyph in glyphs]), _fold(wanted.text)
    start = _best_start(page.text, stretch.text, wanted)
    if start is None:
        return None
    # The page's character for each one of the wanted text that was compared.
    at = [page.places[start + number] for number in range(len(stretch.text))]
    is_answer = [any(s.start <= place < s.end for s in wanted.answers) for place in stretch.places]
    answers = [place for place, chosen in zip(at, is_answer, strict=True) if chosen]
    evidence = _lines(glyphs, at)
    return Light(evidence, _lines(glyphs, answers)) if evidence else None


def _fold(characters: Iterable[str]) -> _Folded:
    kept, places = [], []
    for place, character in enumerate(characters):
        for folded in unicodedata.normalize("NFKC", character):
            if not _may_differ(folded):
                kept.append(folded)
                places.append(place)
    return _Folded("".join(kept), places)


def _may_differ(character: str) -> bool:
    """True for blanks, hyphens and invisible marks, and for brackets around a footnote's mark."""
    category = unicodedata.category(character)
    return character in "[]\xad" or category == "Pd" or category[0] in "CZ"


def _best_start(page: str, stretch: str, wanted: Wanted) -> int | None:
    """Where `stretch` stands; of several places the one whose surroundings are most alike."""
    before, after = _fold(wanted.before).text, _fold(wanted.after).text

    def likeness(start: int) -> int:
        end = start + len(stretch)
        earlier, later = page[max(0, start - len(before)) : start], page[end : end + len(after)]
        return _n_alike(earlier[::-1], before[::-1]) + _n_alike(later, after)

    return max(_starts(page, stretch), key=likeness, default=None)


def _starts(page: str, stretch: str) -> Iterator[int]:
    start = page.find(stretch) if stretch else -1
    while start >= 0:
        yield start
        start = page.find(stretch, start + 1)


def _n_alike(one: str, other: str) -> int:
    """How many characters are the same from the start on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _lines(glyphs: Sequence[Glyph], places: Iterable[int]) -> tuple[Box, ...]:
    """The boxes of the characters at `places`, those of one line made one."""
    lines: list[Box] = []
    for place in dict.fromkeys(places):
        box = glyphs[place].box
        if lines and _is_beside(lines[-1], box):
            lines[-1] = _union(lines[-1], box)
        elif box.right > box.left and box.bottom > box.top:
            lines.append(box)
    return tuple(lines)


def _is_beside(line: Box, box: Box) -> bool:
    height = min(line.bottom - line.top, box.bottom - box.top)
    shared = min(line.bottom, box.bottom) - max(line.top, box.top)
    return box.left >= line.left and shared > _SAME_LINE * height


def _union(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
