"""PDF to text, page by page."""

import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pypdf import PageObject, PasswordType, PdfReader, mult
from pypdf.errors import DependencyError

from rag.errors import DocumentError
from rag.parsing.extract import Extract, clean_block
from rag.parsing.joining import width_of
from rag.parsing.limits import check_pages
from rag.parsing.reflow import PageLine, reflow

_NOTE_MARK = re.compile(r"\[?\d{1,2}\]?|[①-⑳*†]")
_LENGTH_UNIT = re.compile(r"(?:^|[^A-Za-z])[cdhkm]?m$")
_RAISED = 0.75
_SAME_LINE = 0.6
_MIN_CHARS_PER_PAGE = 5
# Some programs place each Chinese character on its own, which reads as blanks between them.
_CHINESE = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_SPACED = re.compile(rf"(?<={_CHINESE}) (?={_CHINESE})")
_SPACED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class _Fragment:
    """What was drawn at one go: its text, size of letters, and place on the page."""

    text: str
    size: float
    left: float
    bottom: float


def parse_pdf(data: bytes, name: str) -> Extract:
    """The text of a PDF with the places where its pages begin.

    Raises:
        DocumentError: It needs a password, has too many pages, or no text: it was scanned.
    """
    reader = PdfReader(io.BytesIO(data))
    _open(reader, name)
    check_pages(len(reader.pages), name)
    pages = [_page_lines(page, number) for number, page in enumerate(reader.pages)]
    n_chars = sum(len(line.text.strip()) for page in pages for line in page)
    if n_chars < _MIN_CHARS_PER_PAGE * len(pages):
        raise DocumentError(
            f"{name}: has hardly any text on its {len(pages)} pages and looks scanned; "
            "make its text readable by OCR first"
        )
    return reflow(pages)


def _open(reader: PdfReader, name: str) -> None:
    """Open a PDF whose password is empty, as it is where only printing is restricted."""
    if not reader.is_encrypted:
        return
    try:
        is_open = reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except DependencyError:  # Its cipher is in no library that we need.
        is_open = False
    if not is_open:
        raise DocumentError(f"{name}: is encrypted; save it anew with its password removed")


def _page_lines(page: PageObject, number: int) -> list[PageLine]:
    """The lines of a page in the order in which they were drawn."""
    fragments: list[_Fragment] = []

    def collect(
        text: str, cm: Sequence[float], tm: Sequence[float], font: object, size: float
    ) -> None:
        matrix = mult(list(tm), list(cm))
        height = abs(size) * math.hypot(matrix[2], matrix[3])
        fragments.append(_Fragment(text, round(height, 1), matrix[4], matrix[5]))

    page.extract_text(visitor_text=collect)
    lines = _joined([line for line in _split(fragments) if any(f.text.strip() for f in line)])
    return [_line(line, number) for line in lines if clean_block("".join(f.text for f in line))]


def _split(fragments: Iterable[_Fragment]) -> list[list[_Fragment]]:
    """The fragments of each line, as their line ends tell."""
    lines: list[list[_Fragment]] = [[]]
    for fragment in fragments:
        for number, piece in enumerate(fragment.text.split("\n")):
            if number:
                lines.append([])
            lines[-1].append(replace(fragment, text=piece))
    return lines


def _joined(lines: Sequence[list[_Fragment]]) -> list[list[_Fragment]]:
    """The lines, those made one that were drawn apart but stand side by side."""
    joined: list[list[_Fragment]] = []
    for line in lines:
        if joined and _is_beside(joined[-1], line):
            joined[-1] += line
        else:
            joined.append(line)
    return joined


def _is_beside(line: Sequence[_Fragment], following: Sequence[_Fragment]) -> bool:
    before = [fragment for fragment in line if fragment.text.strip()][-1]
    behind = next(fragment for fragment in following if fragment.text.strip())
    size = max(before.size, behind.size, 1.0)
    gap = behind.left - before.left - width_of(before.text) * before.size
    return abs(behind.bottom - before.bottom) < _SAME_LINE * size and -size < gap < size


def _line(fragments: Sequence[_Fragment], page: int) -> PageLine:
    """Fragments that stand side by side, raised marks of footnotes in brackets."""
    written = [fragment for fragment in fragments if fragment.text.strip()]
    main = max(written, key=lambda fragment: (fragment.size, len(fragment.text)))
    text = ""
    for fragment in fragments:
        is_mark = _is_note_mark(fragment, main, text)
        text += f"[{fragment.text.strip(' []')}]" if is_mark else fragment.text
    return PageLine(_closed_up(text), max(main.size, 1.0), written[0].left, main.bottom, page)


def _closed_up(text: str) -> str:
    """The text without blanks between Chinese characters, if they stand between most of them."""
    closed, n_blanks = _SPACED.subn("", text)
    return closed if n_blanks > _SPACED_SHARE * len(closed.strip()) else text


def _is_note_mark(fragment: _Fragment, main: _Fragment, before: str) -> bool:
    """True for small raised digits that would otherwise become part of a number before them."""
    return (
        fragment.size <= _RAISED * main.size
        and fragment.bottom > main.bottom
        and bool(before.strip())
        and bool(_NOTE_MARK.fullmatch(fragment.text.strip()))
        and not _LENGTH_UNIT.search(before)
    )
