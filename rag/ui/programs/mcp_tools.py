"""The tools of the Model Context Protocol at `/mcp`: ask, search, show.

Gradio's own MCP server is not used: it gives records as Python writes them, which is not JSON,
its extra asks for an older pydantic than the tested one, and it goes on without MCP if it fails.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp

from embeddings.errors import EmbeddingsError
from rag.errors import DocumentError, RagError
from rag.filters import ReportFilter
from rag.output import Record, answer_record, as_json, passage_record, stretch_record
from rag.schema import answer_schema, passage_schema
from rag.types import Span
from rag.ui.programs.chat import understood
from rag.ui.programs.guard import MAX_OPEN_REQUESTS
from rag.ui.protocol import Pipeline

MAX_SHOWN_CHARS = 5000
_Arguments = Mapping[str, Any]  # Any: checked against the tool's schema before the call.
Lifespan = Callable[[object], AbstractAsyncContextManager[None]]
_READS = types.ToolAnnotations(readOnlyHint=True, openWorldHint=False)
_OFFSET = {"type": "integer", "minimum": 0}
_FILTER = {
    "documents": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Ids of the reports to ask only.",
    },
    "years": {
        "type": "array",
        "items": {"type": "integer"},
        "description": "Ask only reports that cover one of these years.",
    },
}


def mcp_app(pipeline: Pipeline) -> tuple[ASGIApp, Lifespan]:
    """The tools over `pipeline` as an app, and what must be entered while it is served."""
    # Stateless: no session to keep or to steal, each request stands alone.
    manager = StreamableHTTPSessionManager(
        _server(_Tools(pipeline)), json_response=True, stateless=True
    )

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return manager.handle_request, lifespan


class _Tools:
    """What the tools do."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def call(self, name: str, arguments: _Arguments) -> Record:
        """The record that the tool `name` gives."""
        tools = {"ask": self._ask, "search": self._search, "show": self._show}
        return tools[name](arguments)

    def _ask(self, arguments: _Arguments) -> Record:
        pipeline = self._pipeline
        limit = pipeline.config.max_question_chars
        before = understood(arguments.get("earlier", ()), pipeline.documents.values(), limit)
        top_k = arguments.get("top_k")
        held = _held_to(arguments)
        answer = pipeline.ask(
            arguments["question"],
            top_k=top_k,
            earlier=before,
            documents=held.documents,
            years=held.years,
        )
        return answer_record(None, answer)

    def _search(self, arguments: _Arguments) -> Record:
        held = _held_to(arguments)
        passages = self._pipeline.search(
            arguments["query"],
            arguments.get("top_k"),
            documents=held.documents,
            years=held.years,
        )
        return {"passages": [passage_record(passage) for passage in passages]}

    def _show(self, arguments: _Arguments) -> Record:
        documents, name = self._pipeline.documents, arguments["document"]
        if name not in documents:
            known = ", ".join(sorted(documents))
            raise DocumentError(f"there is no report {name!r}; known: {known}")
        document, start = documents[name], arguments["start"]
        end = min(arguments["end"], start + MAX_SHOWN_CHARS, len(document.text))
        if start > end:
            length = len(document.text)
            raise DocumentError(
                f"there is nothing from {start} to {arguments['end']} in {name!r}, "
                f"which has {length} characters"
            )
        return stretch_record(document, Span(start, end))


def _held_to(arguments: _Arguments) -> ReportFilter:
    return ReportFilter.of(arguments.get("documents", ()), arguments.get("years", ()))


def _server(tools: _Tools) -> "Server[dict[str, Any], Any]":
    # A thread for each call that the guard lets in: they wait for their turn there.
    limiter = CapacityLimiter(MAX_OPEN_REQUESTS)
    server: Server[dict[str, Any], Any] = Server(
        "report-qa",
        instructions="Answers from a shelf of reports, each with the exact place, or a refusal.",
    )
    known = _definitions()

    async def list_tools() -> list[types.Tool]:
        return known

    async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        try:
            record = await to_thread.run_sync(tools.call, name, arguments, limiter=limiter)
        except (RagError, EmbeddingsError) as exc:
            return types.CallToolResult(content=[_text(str(exc))], isError=True)
        return types.CallToolResult(content=[_text(as_json(record))], structuredContent=record)

    server.list_tools()(list_tools)  # type: ignore[no-untyped-call]  # the library's own
    server.call_tool()(call_tool)
    return server


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text.encode("utf-8", "replace").decode("utf-8"))


def _definitions() -> list[types.Tool]:
    text, top_k = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 20}
    ask = types.Tool(
        name="ask",
        description=(
            "Answer a question, in Chinese or English, from the reports on the shelf, with "
            "citations. `abstained` is true if the reports do not say; then do not guess."
        ),
        inputSchema=_inputs(
            ["question"],
            question=text,
            earlier={
                "type": "array",
                "items": text,
                "maxItems": 200,
                "description": "Questions asked before, oldest first, for a follow-up.",
            },
            top_k={**top_k, "description": "Passages to read."},
            **_FILTER,
        ),
        outputSchema=answer_schema(),
        annotations=_READS,
    )
    search = types.Tool(
        name="search",
        description="Find the passages of the reports nearest to a query, best first.",
        inputSchema=_inputs(
            ["query"],
            query=text,
            top_k={**top_k, "description": "Passages to return."},
            **_FILTER,
        ),
        outputSchema=_object({"passages": {"type": "array", "items": passage_schema()}}),
        annotations=_READS,
    )
    show = types.Tool(
        name="show",
        description=(
            "Show a report's text from offset `start` to `end`, as citations and passages count "
            f"them; at most {MAX_SHOWN_CHARS} characters: the `end` given back tells where it "
            "stops."
        ),
        inputSchema=_inputs(
            ["document", "start", "end"], document=text, start=_OFFSET, end=_OFFSET
        ),
        outputSchema=_object(
            {
                "document": text,
                "title": text,
                "start": _OFFSET,
                "end": _OFFSET,
                "text": text,
                "n_chars": {**_OFFSET, "description": "Characters of the whole report."},
            }
        ),
        annotations=_READS,
    )
    return [ask, search, show]


def _inputs(required: list[str], **properties: Mapping[str, object]) -> Record:
    return {**_object(properties), "required": required, "additionalProperties": False}


def _object(properties: Mapping[str, object]) -> Record:
    return {"type": "object", "properties": properties, "required": list(properties)}
