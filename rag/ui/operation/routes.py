"""`/health` and `/metrics`: what those who keep the server running ask it."""

from collections.abc import Iterator

import psutil
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from rag.output import Record
from rag.ui.operation.metrics import Gauge
from rag.ui.operation.watched import Operation
from rag.ui.programs.errors import json_response
from rag.ui.protocol import Pipeline

HEALTH_PATH = "/health"
METRICS_PATH = "/metrics"
_KIND = "text/plain; version=0.0.4"


def operation_routes(pipeline: Pipeline, operation: Operation) -> list[Route]:
    """The two addresses."""

    async def health(request: Request) -> Response:
        # No more than this: nobody has to sign in here.
        if operation.is_stopping.is_set():
            return json_response({"status": "stopping"}, 503, {"Retry-After": "10"})
        return json_response(_health(pipeline))

    async def metrics(request: Request) -> Response:
        text = operation.metrics.as_text(_gauges(pipeline, operation))
        return PlainTextResponse(text, headers={"Cache-Control": "no-store"}, media_type=_KIND)

    return [Route(HEALTH_PATH, health), Route(METRICS_PATH, metrics)]


def _health(pipeline: Pipeline) -> Record:
    return {"status": "ok" if pipeline.documents else "no reports"}


def _gauges(pipeline: Pipeline, operation: Operation) -> Iterator[Gauge]:
    yield Gauge("rag_questions_open", "Questions not yet answered.", operation.metrics.n_open)
    n_waiting = operation.turns.n_waiting
    yield Gauge("rag_questions_waiting", "Questions and searches that wait.", n_waiting)
    # One look, so that the numbers are of one generation.
    index = pipeline.index
    number = int(index.generation.rpartition("-")[2])
    yield Gauge("rag_index_generation", "Number of the generation in use.", number)
    yield Gauge("rag_index_documents", "Reports on the shelf.", len(index.documents))
    yield Gauge("rag_index_chunks", "Chunks of the reports.", len(index.chunks))
    memory = psutil.Process().memory_info().rss
    yield Gauge("process_resident_memory_bytes", "Memory in use.", memory)
