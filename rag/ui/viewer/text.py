"""A stretch of a document's canonical text as HTML, with ways to what stands around it."""

from rag.types import Document, Section, Span
from rag.ui.markup import MAX_TITLE_CHARS, clip, element, escape, highlight
from rag.ui.viewer.place import Place
from rag.ui.viewer.stretch import around, earlier, later, outline
from rag.ui.words import both

_LABEL = both("原文", "The document's text")
_EARLIER, _LATER = both("更早", "Earlier"), both("更后", "Later")


def text_view(document: Document, place: Place, offset: int | None = None) -> str:
    """The outline, and the text around the cited stretch, or around `offset` if one is given."""
    at = place.span if offset is None else Span(offset, offset)
    shown = around(document.text, at)
    text = _earlier_button(place, shown.start) + _stretch(document, place, shown)
    text += _later_button(document, place, shown.end)
    label = f"{_LABEL}: {clip(document.title, MAX_TITLE_CHARS)}"
    pane = element("div", text, class_="rag-pane", tabindex="0", role="region", aria_label=label)
    return _outline(document, place, at.start) + pane


def earlier_text(document: Document, place: Place, edge: int) -> str:
    """What stands before `edge`, below a button for what stands before that."""
    shown = earlier(document.text, edge)
    return _earlier_button(place, shown.start) + _stretch(document, place, shown)


def later_text(document: Document, place: Place, edge: int) -> str:
    """What stands behind `edge`, above a button for what stands behind that."""
    shown = later(document.text, edge)
    return _stretch(document, place, shown) + _later_button(document, place, shown.end)


def _stretch(document: Document, place: Place, shown: Span) -> str:
    text = document.text
    if place.span.overlaps(shown):
        body = highlight(text, shown, place.span, place.answers)
    else:
        body = escape(shown.of(text))
    return element("blockquote", body, class_="rag-stretch")


def _earlier_button(place: Place, edge: int) -> str:
    return _button(_EARLIER, edge, place.address("earlier", edge=edge)) if edge else ""


def _later_button(document: Document, place: Place, edge: int) -> str:
    n_left = len(document.text) - edge
    return _button(_LATER, n_left, place.address("later", edge=edge)) if n_left else ""


def _button(words: str, n_chars: int, address: str) -> str:
    label = words + both(f"（还有 {n_chars:,} 字）", f" ({n_chars:,} more characters)")
    return element("button", escape(label), type="button", class_="rag-more", data_more=address)


def _outline(document: Document, place: Place, offset: int) -> str:
    """The headings, closed until they are asked for; empty for a document without."""
    shown = outline(document.sections, offset)
    if not shown:
        return ""
    here = max((s.span.start for s in shown if s.span.start <= offset), default=-1)
    items = "".join(_heading(section, place, section.span.start == here) for section in shown)
    n_all = len(document.sections)
    count = f"{len(shown)}/{n_all}" if len(shown) < n_all else str(n_all)
    title = element("summary", escape(f"{both('目录', 'Outline')} ({count})"))
    return element("details", title + element("ol", items), class_="rag-outline")


def _heading(section: Section, place: Place, is_here: bool) -> str:
    title = element("bdi", escape(clip(section.title, MAX_TITLE_CHARS)))
    attributes = {"aria_current": "true"} if is_here else {}
    address = place.address("text", at=section.span.start)
    button = element("button", title, type="button", data_jump=address, **attributes)
    return element("li", button, class_=f"rag-level-{min(section.level, 4)}")
