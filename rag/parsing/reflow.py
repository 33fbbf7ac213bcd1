"""The lines of pages to paragraphs: running headers go, lines that the layout broke are joined."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.headings import starts_heading
from rag.parsing.extract import Extract, clean_block
from rag.parsing.joining import is_wide, join_lines, width_of

_PAGE_NUMBER = re.compile(
    r"[-—–―·\s]*\d{1,4}[-—–―·\s]*|第\s*\d{1,4}\s*页.{0,12}|(?:page|p\.)\s*\d{1,4}.{0,10}"
    r"|\d{1,4}\s*(?:/|of)\s*\d{1,4}|[ivxl]{1,6}",
    re.I,
)
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[。！？!?…][”’」』》）)\"']*$|(?<!\d)\.[\"')]*$")
_FOOTNOTE = re.compile(r"\[?\d{1,2}\]?\s*\D|[①-⑳]|[*†]|注")
_INDENT = re.compile(r"(?:\u3000| {2})")
# At most so many lines at the top, and at the bottom, of a page are headers and footers.
_MAX_FURNITURE = 2
_MIN_PAGES = 3
# A line is full if it is nearly as wide as those around it, and no cell of a table.
_FULL_CHINESE, _FULL_LATIN = 0.85, 0.7
_MIN_FULL_EMS = 12
_AROUND = 4
_SMALL = 0.9
_SAME_SIZE = 0.5
_MIN_INDENT_EMS, _MAX_INDENT_EMS = 1.2, 4.0


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line as it stands on a page.

    Attributes:
        text: Its characters, blanks at its start kept.
        size: Height of its letters, in points.
        left: Where it starts, in points from the left.
        bottom: Where it stands, in points from the bottom.
        page: Number of its page, from 0.
    """

    text: str
    size: float
    left: float
    bottom: float
    page: int

    @property
    def width(self) -> float:
        """About how wide it is, in points."""
        return width_of(self.text.strip()) * self.size


Page = Sequence[PageLine]


def reflow(pages: Sequence[Page]) -> Extract:
    """The pages as one text of paragraphs, each page with the offset where it begins.

    A paragraph may run on to the next page; footnotes then stand before it.
    """
    kept = _without_furniture(pages)
    text, marks = "", [(0, 0)]
    for paragraph in _paragraphs(kept, _body_size(kept)):
        text += "\n\n" if text else ""
        block = ""
        for line in paragraph:
            words = clean_block(line.text)
            block = join_lines(block, words)
            marks.append((line.page, len(text) + len(block) - len(words)))
        text += block
    starts = [_start(marks, page, len(text)) for page in range(len(pages))]
    return Extract(text, tuple(starts))


def _start(marks: Sequence[tuple[int, int]], page: int, end: int) -> int:
    """Where the first line of `page`, or of one behind it, stands."""
    number = bisect_left(marks, page, key=lambda mark: mark[0])
    return marks[number][1] if number < len(marks) else end


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without lines that repeat, digits aside, at their tops or bottoms."""
    edges = [_edges(page) for page in pages]
    counts = Counter(key for lines in edges for key in {_key(line) for line in lines})
    n_enough = max(_MIN_PAGES, len(pages) // 2 + 1)
    kept = []
    for page, lines in zip(pages, edges, strict=True):
        repeated = {line for line in lines if counts[_key(line)] >= n_enough}
        rest = [line for line in page if line not in repeated]
        kept.append(_without_number(rest))
    return kept


def _edges(page: Page) -> list[PageLine]:
    """The lines nearest to the top and to the bottom of a page."""
    lines = sorted(page, key=lambda line: line.bottom)
    return [*lines[:_MAX_FURNITURE], *lines[-_MAX_FURNITURE:]]


def _key(line: PageLine) -> tuple[str, float]:
    """What is alike on all pages; a title that says the same in larger letters is not."""
    return _DIGITS.sub("0", "".join(line.text.split())), line.size


def _without_number(page: Page) -> Page:
    """The lines of a page but for its bare number at the top or at the bottom."""
    lines = sorted(page, key=lambda line: line.bottom)
    ends = {line for line in lines[:1] + lines[-1:] if _PAGE_NUMBER.fullmatch(line.text.strip())}
    return [line for line in page if line not in ends]


def _body_size(pages: Sequence[Page]) -> float:
    """The size of most characters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _paragraphs(pages: Sequence[Page], body_size: float) -> Iterator[list[PageLine]]:
    """Runs of lines that belong together, in the order in which they are to be read."""
    split = [_split_footnotes(page, body_size) for page in pages]
    footnotes = {lines[0].page: lines for _, lines in split if lines}
    body = [line for lines, _ in split for line in lines]
    current: list[PageLine] = []
    for number, line in enumerate(body):
        current.append(line)
        following = body[number + 1] if number + 1 < len(body) else None
        runs_on = following is not None and _runs_on(body, number)
        notes = () if following and following.page == line.page else footnotes.get(line.page, ())
        if notes and runs_on and current[0].page == line.page:
            yield from _footnotes(notes)
        elif notes or not runs_on:
            yield current
            yield from _footnotes(notes)
            current = []


def _split_footnotes(page: Page, body_size: float) -> tuple[Page, Page]:
    """The body of a page, and the lines in small letters that close it with a footnote's mark."""
    cut = len(page)
    while cut and page[cut - 1].size < _SMALL * body_size:
        cut -= 1
    while cut < len(page) and not _FOOTNOTE.match(page[cut].text.strip()):
        cut += 1
    return (page[:cut], page[cut:]) if cut else (page, ())


def _footnotes(lines: Page) -> Iterator[list[PageLine]]:
    """Each footnote with the lines on which it runs on."""
    current: list[PageLine] = []
    for line in lines:
        if current and _FOOTNOTE.match(line.text.strip()):
            yield current
            current = []
        current.append(line)
    if current:
        yield current


def _runs_on(lines: Page, number: int) -> bool:
    """True if the layout, not the author, ended this line."""
    line, following = lines[number], lines[number + 1]
    text, next_text = line.text.strip(), following.text.strip()
    if abs(line.size - following.size) > _SAME_SIZE or _INDENT.match(following.text):
        return False
    if text.endswith("-") and text[-2:-1].isalpha() and next_text[:1].islower():
        return True
    if not _is_full(lines, number) or _SENTENCE_END.search(text):
        return False
    if starts_heading(next_text) and next_text[0] not in "—―":
        return False
    indent = (following.left - line.left) / line.size
    return following.page != line.page or not _MIN_INDENT_EMS < indent < _MAX_INDENT_EMS


def _is_full(lines: Page, number: int) -> bool:
    """True if a line reaches as far as those of its size around it, and is no row of a table."""
    line = lines[number]
    around = lines[max(0, number - _AROUND) : number + _AROUND + 1]
    widest = max(other.width for other in around if abs(other.size - line.size) <= _SAME_SIZE)
    share = _FULL_CHINESE if is_wide(line.text.strip()[-1]) else _FULL_LATIN
    is_wide_enough = line.width >= max(share * widest, _MIN_FULL_EMS * line.size)
    return is_wide_enough and not _is_row(line.text)


def _is_row(text: str) -> bool:
    """True if a good part of its words are numbers, as in a row of a table."""
    words = text.split()
    n_numbers = sum(word[0].isdigit() and word[-1] in "0123456789%" for word in words)
    return n_numbers >= 2 and 3 * n_numbers >= len(words)
