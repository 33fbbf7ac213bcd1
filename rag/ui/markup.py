"""Text to HTML: the only place where text from reports, files and people becomes markup."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rag.controls import without_controls
from rag.types import Span
from rag.ui.words import both

_SYNTAX = re.compile(r"[\t\n!-/:-@\[-`{-~]")

MAX_TITLE_CHARS = 80


def escape(text: str) -> str:
    """HTML that shows `text` and nothing else, in a Markdown message as well as in a page.

    Every ASCII punctuation mark and line break becomes a character reference, which neither
    HTML, nor Markdown, nor a LaTeX or autolink scanner reads as syntax. Control characters,
    direction overrides and lone surrogates are shown as U+FFFD, one for one.
    """
    return _SYNTAX.sub(lambda found: f"&#{ord(found[0])};", _visible(text))


def plain(text: str) -> str:
    """`text` for a component that shows text itself: one line that reads as it is stored."""
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    # A carriage return is no line end here: it would be lost, and with it an offset.
    return without_controls(text).replace("\r", "\ufffd")


def element(tag: str, body: str, **attributes: str) -> str:
    """`<tag …>body</tag>`; `body` is HTML already, attribute values are escaped here.

    `class_` gives `class`, and `_` in other names gives `-`.
    """
    return f"{void_element(tag, **attributes)}{body}</{tag}>"


def void_element(tag: str, **attributes: str) -> str:
    """`<tag …>`, for elements that have no body; attributes as in `element`."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    given = "".join(f' {names[name]}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{given}>"


def note(words: str) -> str:
    """A line that tells why something is not there."""
    return element("p", escape(words), class_="rag-gone")


def clip(text: str, max_chars: int) -> str:
    """`text`, cut to `max_chars` characters with a word on how long it is."""
    if len(text) <= max_chars:
        return text
    return text[:max_chars] + both(f"…（共 {len(text)} 字）", f"… ({len(text)} characters)")


def notice(problem: str) -> str:
    """Why something had no effect, read out by screen readers; nothing if there is no problem."""
    return element("div", escape(problem), class_="rag-notice", role="status") if problem else ""


def highlight(text: str, shown: Span, evidence: Span, answers: Sequence[Span]) -> str:
    """The `shown` stretch of `text`, its evidence marked lightly and the answer strongly.

    All spans are offsets into `text`; what lies outside `shown` is not marked.
    """
    evidence = evidence.within(shown)
    cuts = (Span(shown.start, evidence.start), Span(evidence.end, shown.end))
    before, after = (escape(cut.of(text)) for cut in cuts)
    inner = _mark_answers(text, evidence, _merged(span.within(evidence) for span in answers))
    return before + element("span", inner, class_="evidence") + after


def _mark_answers(text: str, evidence: Span, answers: Iterable[Span]) -> str:
    parts = []
    position = evidence.start
    for span in answers:
        parts.append(escape(text[position : span.start]))
        parts.append(element("mark", escape(span.of(text)), class_="answer"))
        position = span.end
    return "".join([*parts, escape(text[position : evidence.end])])


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same characters as non-empty spans in order that neither overlap nor touch."""
    current: Span | None = None
    for span in sorted(span for span in spans if len(span)):
        if current is None or span.start > current.end:
            if current is not None:
                yield current
            current = span
        else:
            current = Span(current.start, max(current.end, span.end))
    if current is not None:
        yield current
