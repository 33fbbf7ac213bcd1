"""The interface under `/v1`, in the form of OpenAI's."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from embeddings.errors import EmbeddingsError
from rag.errors import RagError
from rag.output import Record, as_json
from rag.types import Answer, Stage
from rag.ui.operation.callers import caller, on_behalf_of
from rag.ui.operation.turns import Turns
from rag.ui.programs.chat import (
    MODEL,
    ChatRequest,
    Heading,
    completion,
    first_chunk,
    last_chunks,
    parse_chat,
    understood,
)
from rag.ui.programs.embeddings import embeddings_reply, encode, parse_embeddings
from rag.ui.programs.errors import ApiError, error_response, json_response, told_error
from rag.ui.programs.fields import Body, parse_body, text
from rag.ui.programs.guard import MAX_OPEN_REQUESTS
from rag.ui.protocol import Pipeline

_Result = TypeVar("_Result")


def openai_app(pipeline: Pipeline, turns: Turns) -> Starlette:
    """The interface over `pipeline`, whose questions are in turns; so is what is encoded."""
    api = _Api(pipeline, turns)
    return Starlette(
        routes=[
            Route("/models", api.models),
            Route("/models/{model_id:path}", api.model),
            Route("/chat/completions", api.chat, methods=["POST"]),
            Route("/embeddings", api.embeddings, methods=["POST"]),
        ],
        exception_handlers={
            ApiError: _tell,
            HTTPException: _tell_http,
            Exception: _tell_fault,
        },
    )


class _Api:
    """The endpoints."""

    def __init__(self, pipeline: Pipeline, turns: Turns) -> None:
        self._pipeline = pipeline
        self._turns = turns
        # A thread for each request that the guard lets in: they wait for their turn there.
        self._limiter = CapacityLimiter(MAX_OPEN_REQUESTS)

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`."""
        known = [_model(model_id) for model_id in self._model_ids]
        return json_response({"object": "list", "data": known})

    async def model(self, request: Request) -> Response:
        """`GET /v1/models/ID`."""
        model_id = request.path_params["model_id"]
        _check_model(model_id, self._model_ids)
        return json_response(_model(model_id))

    async def chat(self, request: Request) -> Response:
        """`POST /v1/chat/completions`."""
        body = parse_body(await request.body())
        _check_model(text(body, "model"), (MODEL,))
        asked = parse_chat(body, self._pipeline.config)
        steps = self._steps(asked)
        # Before the response begins, while a question that cannot be used still has a status.
        with on_behalf_of(asked.end_user):
            first = await self._work(lambda: next(steps))
        if asked.is_streamed:
            events = self._events(first, steps, asked.tells_usage)
            headers = {"Cache-Control": "no-store"}
            return StreamingResponse(events, 200, headers, "text/event-stream")
        answer = await self._work(lambda: _last(steps))
        return json_response(completion(answer))

    async def embeddings(self, request: Request) -> Response:
        """`POST /v1/embeddings`."""
        body: Body = parse_body(await request.body())
        encoder = self._pipeline.encoder
        _check_model(text(body, "model"), (encoder.model_id,))
        asked = parse_embeddings(body, encoder.dim)
        turn = caller()
        vectors = await self._work(lambda: self._turns.do(turn, lambda: encode(encoder, asked)))
        return json_response(embeddings_reply(encoder.model_id, asked, vectors))

    @property
    def _model_ids(self) -> tuple[str, ...]:
        return MODEL, self._pipeline.encoder.model_id

    def _steps(self, asked: ChatRequest) -> Iterator[Stage | Answer]:
        documents, limit = self._pipeline.documents, self._pipeline.config.max_question_chars
        yield from self._pipeline.stream(
            asked.question,
            top_k=asked.top_k,
            strictness=asked.strictness,
            earlier=understood(asked.earlier, documents.values(), limit),
            documents=asked.held_to.documents,
            years=asked.held_to.years,
        )

    async def _events(
        self, step: Stage | Answer, steps: Iterator[Stage | Answer], tells_usage: bool
    ) -> AsyncIterator[str]:
        """Server-sent events: the steps as comments, which keep the line open, then the answer."""
        heading = Heading()
        yield _event(first_chunk(heading))
        while isinstance(step, Stage):
            yield f": {step.name}\n\n"
            try:
                step = await self._work(lambda: next(steps))
            except ApiError as error:
                yield _event(error.as_record())
                return
        for chunk in last_chunks(heading, step, tells_usage):
            yield _event(chunk)
        yield "data: [DONE]\n\n"

    async def _work(self, work: Callable[[], _Result]) -> _Result:
        """The result of `work`, done in a thread."""
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        except (RagError, EmbeddingsError) as exc:
            raise told_error(exc) from exc


def _last(steps: Iterator[Stage | Answer]) -> Answer:
    *_, answer = steps
    assert isinstance(answer, Answer)
    return answer


def _event(record: Record) -> str:
    return f"data: {as_json(record)}\n\n"


def _model(model_id: str) -> Record:
    return {"id": model_id, "object": "model", "created": 0, "owned_by": MODEL}


def _check_model(model_id: str, known: tuple[str, ...]) -> None:
    if model_id not in known:
        message = f"there is no model {model_id!r} here; known: {', '.join(known)}"
        raise ApiError(404, message, "model_not_found", "model")


async def _tell(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ApiError)
    return error_response(exc)


async def _tell_http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    message = f"{request.method} {request.url.path}: {exc.detail}"
    return error_response(ApiError(exc.status_code, message, headers=exc.headers or {}))


async def _tell_fault(request: Request, exc: Exception) -> Response:
    # Starlette raises `exc` again behind this response, so that the server logs it.
    return error_response(ApiError(500, "the server has failed; its log says more", "failed"))
