"""A page of a PDF as HTML: its picture, with what is cited lit on it."""

from collections.abc import Iterable

from rag.errors import DocumentError
from rag.originals import OriginalState, read_original
from rag.pages import Box, Picture, Wanted, draw
from rag.types import Document
from rag.ui.markup import element, escape, note, void_element
from rag.ui.problems import told
from rag.ui.viewer.place import Place
from rag.ui.words import both

_CONTEXT_CHARS = 200
_NO_FILE = {
    OriginalState.MISSING: both(
        "原文件已不在原处，只显示文字。", "The file is no longer there; only its text is shown."
    ),
    OriginalState.CHANGED: both(
        "原文件在建立索引之后已更改，只显示文字。",
        "The file has changed since it was indexed; only its text is shown.",
    ),
}
_NOT_DRAWN = both("这一页无法显示，只显示文字。", "The page cannot be shown, only its text.")
_NOT_FOUND = both(
    "引文未能在这一页的图上定位，请看下面的文字。",
    "The quotation could not be found on the picture of this page; see the text below.",
)
_ELSEWHERE = both("引文不在这一页。", "The quotation is not on this page.")


def page_view(
    document: Document, place: Place, number: int, path: str | None, max_bytes: int
) -> str:
    """The page `number`, from 1, or why there is none.

    Args:
        document: What is shown.
        place: What is lit on it.
        number: Which page.
        path: As in `read_original`: never from outside, only the index knows where files are.
        max_bytes: As in `read_original`.

    Raises:
        ValueError: The document has no such page.
    """
    if not 1 <= number <= len(document.pages):
        raise ValueError(f"page is {number}; expected 1 to {len(document.pages)}")
    original = read_original(document, path, max_bytes)
    if original.state in _NO_FILE:
        return note(_NO_FILE[original.state])
    return _drawn(document, place, number, original.data)


def wanted_on(document: Document, place: Place, number: int) -> Wanted:
    """The part of the cited stretch that stands on page `number`, with what surrounds it."""
    text, page = document.text, document.pages[number - 1]
    span = place.span.within(page)
    answers = tuple(
        one.within(span).shift(-span.start) for one in place.answers if one.overlaps(span)
    )
    before = text[max(page.start, span.start - _CONTEXT_CHARS) : span.start]
    after = text[span.end : min(page.end, span.end + _CONTEXT_CHARS)]
    return Wanted(span.of(text), before, after, answers)


def _drawn(document: Document, place: Place, number: int, data: bytes) -> str:
    wanted = wanted_on(document, place, number)
    try:
        picture = draw(data, f"{document.document_id}.pdf", number, wanted)
    except DocumentError as exc:
        return note(f"{_NOT_DRAWN} ({told(exc)})")
    notes = "" if picture.light else note(_NOT_FOUND if wanted.text.strip() else _ELSEWHERE)
    turning = _turning(place, number, len(document.pages))
    return turning + notes + _sheet(picture, number)


def _sheet(picture: Picture, number: int) -> str:
    image = void_element("img", **_image(picture, number))
    light = picture.light
    lit = (
        "" if light is None else _boxes(light.evidence, "lit") + _boxes(light.answers, "lit-answer")
    )
    sheet = element("div", image + lit, class_="rag-sheet")
    label = both(f"第 {number} 页的图", f"Picture of page {number}")
    return element(
        "div", sheet, class_="rag-pane rag-page", tabindex="0", role="region", aria_label=label
    )


def _image(picture: Picture, number: int) -> dict[str, str]:
    return {
        "src": f"data:image/png;base64,{picture.png}",
        "alt": both(f"第 {number} 页，文字见下。", f"Page {number}; its text stands below."),
        "width": str(picture.width),
        "height": str(picture.height),
    }


def _boxes(boxes: Iterable[Box], kind: str) -> str:
    return "".join(element("span", "", class_=f"rag-{kind}", style=_style(box)) for box in boxes)


def _style(box: Box) -> str:
    sides = {
        "left": box.left,
        "top": box.top,
        "width": box.right - box.left,
        "height": box.bottom - box.top,
    }
    return ";".join(f"{name}:{share:.3%}" for name, share in sides.items())


def _turning(place: Place, number: int, n_pages: int) -> str:
    """Which page this is, with buttons to those beside it."""
    before = _turn(both("‹ 上一页", "‹ Previous"), place, number - 1) if number > 1 else ""
    behind = _turn(both("下一页 ›", "Next ›"), place, number + 1) if number < n_pages else ""
    words = both(f"第 {number} / {n_pages} 页", f"Page {number} of {n_pages}")
    where = element("span", escape(words))
    return element("div", before + where + behind, class_="rag-turning")


def _turn(words: str, place: Place, number: int) -> str:
    address = place.address("page", number=number)
    return element("button", escape(words), type="button", data_turn=address)
