"""The places of the sources panel that the viewer fills when they are looked at."""

from rag.types import Document, Span
from rag.ui.markup import element, escape
from rag.ui.viewer.place import Place
from rag.ui.words import both

_NEAR = both("在全文中看", "In the whole document")


def slots(document: Document, place: Place, passage: str) -> str:
    """A slot for the page, if the document has pages, above one for the text.

    Args:
        document: What is shown.
        place: What is marked in it.
        passage: Markup that stands in the text's slot until the text is there.
    """
    number = document.page_at(place.span.start)
    page = "" if number is None else _slot(place.address("page", number=number), "")
    return page + _slot(place.address("text"), passage)


def near(document: Document, span: Span) -> str:
    """A passage in its whole document, closed until it is asked for."""
    summary = element("summary", escape(_NEAR))
    body = slots(document, Place.of(document, span), "")
    return element("details", summary + body, class_="rag-near")


def _slot(address: str, body: str) -> str:
    return element("div", body, data_view=address)
