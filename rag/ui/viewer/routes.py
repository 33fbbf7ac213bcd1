"""The source viewer's addresses: pieces of the page that its script asks for when needed."""

from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from rag.types import Document
from rag.ui.markup import element, escape
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


def viewer_route(pipeline: Pipeline) -> Mount:
    """The viewer over the documents of `pipeline`, for this page's own script only."""
    viewer = _Viewer(pipeline)
    routes = [
        Route(f"/{name}", view)
        for name, view in (
            ("text", viewer.text),
            ("earlier", viewer.earlier),
            ("later", viewer.later),
            ("page", viewer.page),
        )
    ]
    return Mount(f"/{PREFIX}", app=Guard(Starlette(routes=routes)))


class _Viewer:
    """The views, each of which answers one kind of address."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._drawing = CapacityLimiter(1)  # The cores are for the questions.

    async def text(self, request: Request) -> Response:
        """The text around the cited stretch, or around the offset `at`."""
        given = request.query_params

        def view(document: Document, place: Place) -> str:
            return text_view(document, place, offset(given, "at") if "at" in given else None)

        return await self._answer(request, view)

    async def earlier(self, request: Request) -> Response:
        """What stands before `edge`."""
        return await self._answer(
            request, lambda d, place: earlier_text(d, place, offset(request.query_params, "edge"))
        )

    async def later(self, request: Request) -> Response:
        """What stands behind `edge`."""
        return await self._answer(
            request, lambda d, place: later_text(d, place, offset(request.query_params, "edge"))
        )

    async def page(self, request: Request) -> Response:
        """The page `number` as a picture."""

        def view(document: Document, place: Place) -> str:
            number = offset(request.query_params, "number")
            max_bytes = self._pipeline.config.max_document_bytes
            return page_view(document, place, number, self._pipeline.sources, max_bytes)

        return await self._answer(request, view, self._drawing)

    async def _answer(
        self,
        request: Request,
        view: Callable[[Document, Place], str],
        limiter: CapacityLimiter | None = None,
    ) -> Response:
        try:
            place = parse_place(request.query_params)
            document = self._pipeline.documents.get(place.document_id)
            if document is None or document.document_hash != place.document_hash:
                # No error: the reader of the page has done nothing wrong and is told what to do.
                return _fragment(_note(_CHANGED))
            return _fragment(await to_thread.run_sync(view, document, place, limiter=limiter))
        except ValueError as exc:
            return _fragment(_note(str(exc)), 400)


def _fragment(markup: str, status: int = 200) -> Response:
    return HTMLResponse(markup, status, _NO_CACHE)


def _note(words: str) -> str:
    return element("p", escape(words), class_="rag-gone")
