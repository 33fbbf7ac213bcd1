"""Which stretch of a long text is shown, and which of its headings: cut by whole lines."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from rag.types import Section, Span

AROUND_CHARS = 2_500
MORE_CHARS = 5_000
_MAX_HEADINGS = 60


def around(text: str, span: Span, n_chars: int = AROUND_CHARS) -> Span:
    """`span` with about `n_chars` of `text` on either side, from line start to line end."""
    start, end = (min(place, len(text)) for place in (span.start, span.end))
    return Span(earlier(text, start, n_chars).start, later(text, end, n_chars).end)


def earlier(text: str, edge: int, n_chars: int = MORE_CHARS) -> Span:
    """At most `n_chars` before `edge`, from the start of a line if there is one."""
    edge = min(edge, len(text))
    if edge <= n_chars:
        return Span(0, edge)
    lowest = edge - n_chars
    # One character before counts too: then a line starts just there.
    line_end = text.find("\n", lowest - 1, edge - 1)
    return Span(lowest if line_end < 0 else line_end + 1, edge)


def later(text: str, edge: int, n_chars: int = MORE_CHARS) -> Span:
    """At most `n_chars` behind `edge`, to the end of a line if there is one."""
    edge = min(edge, len(text))
    highest = edge + n_chars
    if highest >= len(text):
        return Span(edge, len(text))
    line_end = text.rfind("\n", edge, highest)
    return Span(edge, highest if line_end < 0 else line_end + 1)


def outline(sections: Sequence[Section], offset: int) -> tuple[Section, ...]:
    """The headings shown beside the text: the outer ones, as many levels as fit.

    Of more than fit at the outermost level, those around `offset`.
    """
    counts = Counter(section.level for section in sections)
    levels = sorted(counts)
    n_down_to = accumulate(counts[level] for level in levels)
    fitting = [level for level, n in zip(levels, n_down_to, strict=True) if n <= _MAX_HEADINGS]
    deepest = max(fitting, default=min(levels, default=0))
    shown = [section for section in sections if section.level <= deepest]
    n_before = sum(section.span.start <= offset for section in shown)
    first = max(0, min(n_before - _MAX_HEADINGS // 2, len(shown) - _MAX_HEADINGS))
    return tuple(shown[first : first + _MAX_HEADINGS])
