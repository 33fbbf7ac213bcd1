"""The lines of a canonical text with their places, as headings, titles and sentences see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.types import Span

_LINE = re.compile(r"[^\n]+")
_FINAL = "。！？!?；;：:…."
_CLOSING = "”’」』》）)】\"' "
_PAIRS = ("“”", "‘’", "「」", "『』", "《》", "（）", "()", "【】")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: `text` is trimmed and `span` covers exactly `text`."""

    text: str
    span: Span

    def ends_sentence(self) -> bool:
        """True if the line closes with final punctuation, behind which quotes may follow."""
        return self.text.rstrip(_CLOSING).endswith(tuple(_FINAL))

    def is_balanced(self) -> bool:
        """True if no quote or bracket is opened and left open, or the reverse."""
        return all(self.text.count(pair[0]) == self.text.count(pair[1]) for pair in _PAIRS)


def lines_of(text: str) -> list[Line]:
    """The lines of `text` that are not blank, in order."""
    return list(iterate_lines(text))


def iterate_lines(text: str) -> Iterator[Line]:
    """Like `lines_of`, one at a time."""
    for match in _LINE.finditer(text):
        body = match.group()
        if stripped := body.strip():
            start = match.start() + len(body) - len(body.lstrip())
            yield Line(stripped, Span(start, start + len(stripped)))
