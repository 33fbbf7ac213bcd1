"""The source viewer's addresses: pieces of the page that its script asks for when needed."""

from collections.abc import Awaitable, Callable, Mapping

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from rag.shelf import sources_by_id
from rag.types import Document
from rag.ui.markup import note
from rag.ui.programs.guard import Guard
from rag.ui.protocol import Pipeline
from rag.ui.viewer.page import page_view
from rag.ui.viewer.place import PREFIX, Place, offset, parse_place
from rag.ui.viewer.text import earlier_text, later_text, text_view
from rag.ui.words import both

_CHANGED = both(
    "报告已不在书架上或已更改，请重新提问。",
    "The report has gone or changed since; ask the question again.",
)
_NO_CACHE = {"Cache-Control": "no-store"}

_View = Callable[[Document, Place, Mapping[str, str]], str]


def viewer_route(pipeline: Pipeline) -> Mount:
    """The viewer over the documents of `pipeline`, for this page's own script only."""

    def page(document: Document, place: Place, given: Mapping[str, str]) -> str:
        path = sources_by_id(pipeline.index).get(document.document_id)
        max_bytes = pipeline.config.max_document_bytes
        return page_view(document, place, offset(given, "number"), path, max_bytes)

    drawing = CapacityLimiter(1)  # The cores are for the questions.
    routes = [
        Route("/text", _endpoint(pipeline, _text)),
        Route("/earlier", _endpoint(pipeline, _earlier)),
        Route("/later", _endpoint(pipeline, _later)),
        Route("/page", _endpoint(pipeline, page, drawing)),
    ]
    return Mount(f"/{PREFIX}", app=Guard(Starlette(routes=routes)))


def _text(document: Document, place: Place, given: Mapping[str, str]) -> str:
    return text_view(document, place, offset(given, "at") if "at" in given else None)


def _earlier(document: Document, place: Place, given: Mapping[str, str]) -> str:
    return earlier_text(document, place, offset(given, "edge"))


def _later(document: Document, place: Place, given: Mapping[str, str]) -> str:
    return later_text(document, place, offset(given, "edge"))


def _endpoint(
    pipeline: Pipeline, view: _View, limiter: CapacityLimiter | None = None
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        given = request.query_params
        try:
            place = parse_place(given)
            document = pipeline.documents.get(place.document_id)
            if document is None or document.document_hash != place.document_hash:
                # No error: the reader of the page has done nothing wrong and is told what to do.
                return _fragment(note(_CHANGED))
            markup = await to_thread.run_sync(view, document, place, given, limiter=limiter)
            return _fragment(markup)
        except ValueError as exc:
            return _fragment(note(str(exc)), 400)

    return answer


def _fragment(markup: str, status: int = 200) -> Response:
    return HTMLResponse(markup, status, _NO_CACHE)
