"""Where the sentences of a text begin and end: Chinese and English, wrapped lines included."""

import re
from collections.abc import Iterator

from rag.headings import starts_heading
from rag.lines import Line, lines_of
from rag.types import Span

_CLOSING = "”’」』》）)】\"'"
_CHINESE = "\u3400-\u9fff"
# A full stop written `.` ends a sentence behind a Chinese character, or before a blank when
# what stands before is no number of a heading, initial or abbreviation.
_DOT = (
    rf"(?<=[{_CHINESE}])\.(?!\d)"
    r"|(?<!\b[A-Za-z])(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bNo)(?<!\bSt)(?<!\bvs)(?<!\betc)"
    r"(?<=[\w%)\]\"'])\.(?=[)\"'”’]*(?:\s|$))"
)
_END = re.compile(rf"(?:[。！？]|[!?](?![A-Za-z0-9=&/])|…+|{_DOT})[。！？!?…]*[{_CLOSING}]*")
_HEADING_NUMBER = re.compile(r"\s*\(?(?:\d{1,3}|[IVX]{1,4})\.")
_LONG_STRETCH = 200
_SEMICOLON = re.compile(r"[；;]+[”’」』》）)】]*")
# Where a sentence that is too long is cut, best places first.
_INNER = ("；;", "，,", "、：: \n")
# A line this long that closes without punctuation was cut by page width, not by its author.
_FULL_LINE = 30
_FULL_PARAGRAPH = 60


def split_sentences(text: str, long_chars: int = _LONG_STRETCH) -> tuple[Span, ...]:
    """Spans of the sentences of `text`; together they cover all that is not blank, in order.

    A line end closes a sentence unless the line was plainly cut in mid-sentence. Semicolons
    split only sentences of more than `long_chars` characters: shorter ones are read as a whole.
    """
    spans: list[Span] = []
    for block in _blocks(text):
        for sentence in _cut(text, block, _END):
            spans.extend(_split_at_semicolons(text, sentence, long_chars))
    return tuple(spans)


def split_long(text: str, span: Span, max_chars: int) -> Iterator[Span]:
    """`span`, cut at its best inner punctuation into pieces of at most `max_chars`."""
    while len(span) > max_chars:
        cut = span.start + _best_cut(span.of(text)[:max_chars])
        yield trim(text, Span(span.start, cut))
        span = trim(text, Span(cut, span.end))
    if span:
        yield span


def trim(text: str, span: Span) -> Span:
    """`span` without the blanks at both its ends."""
    piece = span.of(text)
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()))


def _blocks(text: str) -> Iterator[Span]:
    """Lines, those that were cut in mid-sentence joined to the next."""
    lines = lines_of(text)
    start = 0
    for number, line in enumerate(lines):
        is_last = number + 1 == len(lines)
        if is_last or not _runs_on(text, line, lines[number + 1]):
            yield Span(lines[start].span.start, line.span.end)
            start = number + 1


def _runs_on(text: str, line: Line, following: Line) -> bool:
    if line.ends_sentence() or line.text[-1] in _CLOSING:
        return False
    if starts_heading(line.text) or starts_heading(following.text):
        return False
    if "\n\n" not in text[line.span.end : following.span.start]:
        return len(line.text) >= _FULL_LINE
    if len(line.text) >= _FULL_PARAGRAPH:
        return True
    return not line.is_balanced() and not following.is_balanced()


def _cut(text: str, block: Span, end: re.Pattern[str]) -> Iterator[Span]:
    start = block.start
    number = _HEADING_NUMBER.match(text, block.start, block.end)
    searched_from = number.end() if number else block.start
    for match in end.finditer(text, searched_from, block.end):
        yield trim(text, Span(start, match.end()))
        start = match.end()
    rest = trim(text, Span(start, block.end))
    if rest:
        yield rest


def _split_at_semicolons(text: str, sentence: Span, long_chars: int) -> Iterator[Span]:
    """The sentence, or stretches of it that close with a semicolon and stay below the limit."""
    if len(sentence) <= long_chars:
        yield sentence
        return
    start, end = sentence.start, sentence.start
    for piece in _cut(text, sentence, _SEMICOLON):
        if end > start and piece.end - start > long_chars:
            yield trim(text, Span(start, end))
            start = piece.start
        end = piece.end
    yield trim(text, Span(start, sentence.end))


def _best_cut(head: str) -> int:
    """Where to cut: behind the last semicolon, else comma, else lesser mark of the second half."""
    from_here = len(head) // 2
    for marks in _INNER:
        cut = max(head.rfind(mark, from_here) for mark in marks)
        if cut >= 0:
            return cut + 1
    return len(head)
