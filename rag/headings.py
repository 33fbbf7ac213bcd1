"""Headings of a report: numbered, bracketed, Markdown, or a short line that stands alone."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.lines import Line, lines_of
from rag.types import Section, Span

_HAN = "一二三四五六七八九十百零〇"
_STYLES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("part", rf"第[{_HAN}\d]{{1,4}}(?:部分|[编篇部章卷])[、：:\s]*"),
        ("section", rf"第[{_HAN}\d]{{1,4}}节[、：:\s]*"),
        ("bracket", r"【(?=[^】\n]{2,30}】)"),
        ("han", rf"[{_HAN}]{{1,3}}[、．.]\s*"),
        ("han_bracket", rf"[（(][{_HAN}]{{1,3}}[)）][、．.]?\s*"),
        ("digit", r"\d{1,2}(?:[、．]|\.(?!\d)|\)(?=\D))\s*"),
        ("digit_bracket", r"[（(]\d{1,2}[)）][、．.]?\s*"),
        ("circled", r"[①-⑳]\s*"),
    )
)
_MARKDOWN = re.compile(r"(#{1,6})\s+")
_DECIMAL = re.compile(r"\d{1,2}((?:\.\d{1,2}){1,3})\s+(?=\D)")
_TITLE_END = re.compile(r"[。！？!?；;：:】\n]")
_CLAUSE_END = re.compile(r"[,，、]")
_MAX_TITLE = 40
_MAX_PLAIN = 30
_MIN_BODY = 40
# Lines that name people, sources and page furniture look like headings and are none.
_NOT_PLAIN = re.compile(
    r"记者|通讯员|作者|编辑|来源|供稿|审核|字数|浏览|摄$|供图$|^[（(]?单位\s*[:：]|^[—―•·*\-|>&<]|^\d[\d\s\-:/.年月日时分]*$"
    r"|(?:省长|市长|县长|区长|州长|主席|书记|主任)\s*\S{1,2}\s*\S{1,2}$"
)


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    style: str
    start: int


def starts_heading(line: str) -> bool:
    """True if the line opens as a heading or list item does: `一、`, `(1)`, `【`, `#`, `-`."""
    if _MARKDOWN.match(line) or _DECIMAL.match(line) or line[:1] in "—―•·*-":
        return True
    return any(pattern.match(line) for _, pattern in _STYLES)


def find_sections(text: str, title_end: int = 0) -> tuple[Section, ...]:
    """The headings of `text` in order, those before `title_end` left out.

    A heading's level is how many styles of heading it stands under: the first style seen is
    level 1, and a style not yet open is one level below the heading before it.
    """
    found = list(_find(text, title_end))
    levels = _levels([heading.style for heading in found])
    return tuple(
        Section(heading.title, level, Span(heading.start, _end(number, found, levels, len(text))))
        for number, (heading, level) in enumerate(zip(found, levels, strict=True))
    )


def section_paths(sections: Sequence[Section]) -> list[tuple[str, ...]]:
    """For each section, the titles of the headings that it stands under, and its own."""
    paths: list[tuple[str, ...]] = []
    above: list[Section] = []
    for section in sections:
        above = [*(s for s in above if s.level < section.level), section]
        paths.append(tuple(s.title for s in above))
    return paths


def section_path(sections: Sequence[Section], offset: int) -> tuple[str, ...]:
    """Titles of the headings above `offset`, outermost first."""
    number = bisect_right(sections, offset, key=lambda section: section.span.start)
    return section_paths(sections[:number])[-1] if number else ()


def _find(text: str, title_end: int) -> Iterator[_Heading]:
    lines = [line for line in lines_of(text) if line.span.start >= title_end]
    for number, line in enumerate(lines):
        numbered = list(_numbered(line))
        if numbered:
            yield from numbered
        elif _is_plain(lines, number):
            yield _Heading(line.text, "plain", line.span.start)


def _numbered(line: Line) -> Iterator[_Heading]:
    """Headings at the start of the line; several may follow each other: `【成效】 (一)减贫。`."""
    offset = 0
    while opening := _opening(line.text, offset):
        style, end = opening
        title, stop = _title(line.text, end)
        if not title:
            return
        yield _Heading(title, style, line.span.start + offset)
        if style != "bracket":
            return
        offset = stop + len(line.text[stop:]) - len(line.text[stop:].lstrip())


def _opening(text: str, offset: int) -> tuple[str, int] | None:
    if match := _MARKDOWN.match(text, offset):
        return match.group(1), match.end()
    if match := _DECIMAL.match(text, offset):
        is_heading = len(text) <= _MAX_TITLE
        return ("decimal" + "." * match.group(1).count("."), match.end()) if is_heading else None
    for style, pattern in _STYLES:
        if match := pattern.match(text, offset):
            return style, match.end()
    return None


def _title(text: str, start: int) -> tuple[str, int]:
    """The heading's words and where they end: up to its full stop, or to a comma if long."""
    match = _TITLE_END.search(text, start)
    end = match.start() if match else len(text)
    stop = match.end() if match else len(text)
    if end - start > _MAX_TITLE:
        commas = [m.start() for m in _CLAUSE_END.finditer(text, start, start + _MAX_TITLE)]
        end = max(commas, default=start + _MAX_TITLE)
    return text[start:end].strip(" #"), stop


def _is_plain(lines: Sequence[Line], number: int) -> bool:
    """A short line without final punctuation, between lines of body text."""
    line = lines[number]
    if not 4 <= len(line.text) <= _MAX_PLAIN or line.ends_sentence() or not line.is_balanced():
        return False
    if _NOT_PLAIN.search(line.text) or number + 1 == len(lines):
        return False
    if number and not _closes_body(lines[number - 1]):
        return False
    following = lines[number + 1]
    return following.ends_sentence() or len(following.text) >= _MIN_BODY


def _closes_body(line: Line) -> bool:
    """True if a heading may follow: a sentence has ended, and it was no label (`来源:`)."""
    is_label = len(line.text) <= 10 and line.text.endswith((":", "："))
    return line.ends_sentence() and not is_label


def _levels(styles: Sequence[str]) -> list[int]:
    open_styles: list[str] = []
    levels: list[int] = []
    for style in styles:
        if style in open_styles:
            del open_styles[open_styles.index(style) + 1 :]
        else:
            open_styles.append(style)
        levels.append(len(open_styles))
    return levels


def _end(number: int, found: Sequence[_Heading], levels: Sequence[int], length: int) -> int:
    for later in range(number + 1, len(found)):
        if levels[later] <= levels[number]:
            return found[later].start
    return length
