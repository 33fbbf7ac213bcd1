"""Passages longer than the reader's window, read in overlapping windows."""

from collections.abc import Iterator

from rag.types import Span

WINDOW_CHARS = 340
OVERLAP_CHARS = 120
_BREAKS = "。！？；!?;\n"


def split_windows(text: str) -> Iterator[Span]:
    """Spans of at most `WINDOW_CHARS` characters that cover `text`.

    Neighbours overlap by about `OVERLAP_CHARS`, so that an answer up to that length stands whole
    in one of them; a window begins behind the end of a sentence where there is one near.
    """
    start = 0
    while len(text) - start > WINDOW_CHARS:
        yield Span(start, start + WINDOW_CHARS)
        start = _sentence_start(text, start + WINDOW_CHARS - OVERLAP_CHARS)
    yield Span(start, len(text))


def _sentence_start(text: str, near: int) -> int:
    """The first sentence's start in the half overlap before `near`, or `near` itself."""
    low = near - OVERLAP_CHARS // 2
    ends = [i + 1 for i in range(low, near) if text[i] in _BREAKS]
    return ends[0] if ends else near
