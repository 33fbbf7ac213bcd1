"""A pipeline whose questions are counted, timed and logged, and refused once the server stops."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from rag.config import RagConfig
from rag.errors import DeadlineError, QuestionError, QueueFullError, StoppingError
from rag.explanation import Explanation
from rag.logs import new_request_id, request_id, within_request
from rag.types import Answer, Passage, Stage
from rag.ui.operation.callers import caller, stop_request
from rag.ui.operation.metrics import Metrics, Outcome
from rag.ui.operation.stop_request import StopRequest
from rag.ui.operation.turns import Turns
from rag.ui.protocol import Pipeline

logger = logging.getLogger(__name__)

_Step = TypeVar("_Step", bound=Stage | Answer | Explanation)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of a running server: its counts, its stopping, and whose turn it is."""

    metrics: Metrics = field(default_factory=Metrics)
    is_stopping: threading.Event = field(default_factory=threading.Event)
    turns: Turns = field(default_factory=lambda: _turns(RagConfig()))

    @classmethod
    def of(cls, config: RagConfig) -> "Operation":
        """That of a server with these settings."""
        return cls(turns=_turns(config))


def _turns(config: RagConfig) -> Turns:
    return Turns(config.max_waiting, config.max_wait_seconds)


def stopping() -> StoppingError:
    """Why nothing new begins once the server is being stopped."""
    return StoppingError("the server is being stopped; try again when it is back")


def watched(pipeline: Pipeline, operation: Operation) -> Pipeline:
    """`pipeline` with its questions in turns and watched; the rest of it is as it was."""
    return cast(Pipeline, _Watched(pipeline, operation))  # All other names lead to the pipeline.


class _Watched:
    def __init__(self, pipeline: Pipeline, operation: Operation) -> None:
        self._pipeline = pipeline
        self._operation = operation

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (the pipeline's own)
        return getattr(self._pipeline, name)

    def ask(self, question: str, **asked: Any) -> Answer:  # noqa: ANN401 (as the pipeline's)
        with self._question() as seen, within_request(seen.request_id):
            seen.answer = self._in_turn(lambda: self._pipeline.ask(question, **asked))
            return seen.answer

    def search(self, query: str, *args: Any, **asked: Any) -> tuple[Passage, ...]:  # noqa: ANN401
        return self._in_turn(lambda: self._pipeline.search(query, *args, **asked))

    def stream(self, question: str, **asked: Any) -> Iterator[Stage | Answer]:  # noqa: ANN401
        return self._steps(
            lambda: self._pipeline.stream(question, **asked), caller(), stop_request()
        )

    def stream_explained(
        self,
        question: str,
        **asked: Any,  # noqa: ANN401 (as the pipeline's)
    ) -> Iterator[Stage | Explanation]:
        return self._steps(
            lambda: self._pipeline.stream_explained(question, **asked), caller(), stop_request()
        )

    def _steps(
        self, begin: Callable[[], Iterator[_Step]], asker: str, stop: StopRequest | None
    ) -> Iterator[_Step]:
        with self._question() as seen:
            steps = self._operation.turns.steps(asker, lambda: self._begun(begin), stop)
            while True:
                # Around each step alone: the next one may be taken in another thread.
                with within_request(seen.request_id):
                    step = next(steps, None)
                if step is None:
                    return
                if isinstance(step, Explanation):
                    seen.answer = step.answer
                elif isinstance(step, Answer):
                    seen.answer = step
                yield step

    def _in_turn(self, work: Callable[[], _Result]) -> _Result:
        def begun() -> _Result:
            self._check_goes_on()
            return work()

        return self._operation.turns.do(caller(), begun)

    def _begun(self, begin: Callable[[], Iterator[_Step]]) -> Iterator[_Step]:
        self._check_goes_on()
        yield from begin()

    def _check_goes_on(self) -> None:
        if self._operation.is_stopping.is_set():
            raise stopping()

    @contextmanager
    def _question(self) -> Iterator["_Seen"]:
        """What is seen of one question, which is counted and logged at its end."""
        self._check_goes_on()
        seen = _Seen(request_id.get() or new_request_id())
        started = time.perf_counter()
        self._operation.metrics.begin()
        outcome = Outcome.ERROR
        try:
            yield seen
            outcome = seen.outcome
        except GeneratorExit:  # Whoever asked wants no more steps.
            outcome = seen.outcome
            raise
        except QuestionError:
            outcome = Outcome.UNUSABLE
            raise
        except (QueueFullError, DeadlineError, StoppingError):
            outcome = Outcome.BUSY
            raise
        finally:
            seconds = time.perf_counter() - started
            self._operation.metrics.end(outcome, seconds)
            with within_request(seen.request_id):
                _log(seen, outcome, seconds, self._pipeline.index.generation)


@dataclass(slots=True)
class _Seen:
    request_id: str
    answer: Answer | None = None

    @property
    def outcome(self) -> Outcome:
        if self.answer is None:
            return Outcome.STOPPED
        return Outcome.REFUSED if self.answer.abstained else Outcome.ANSWERED


def _log(seen: _Seen, outcome: Outcome, seconds: float, generation: str) -> None:
    """Tell of a question without its words, which are the asker's own."""
    fields: dict[str, object] = {"outcome": outcome.value, "seconds": round(seconds, 3)}
    fields["generation"] = generation
    if seen.answer is not None:
        fields["confidence"] = round(seen.answer.confidence, 3)
        fields["citations"] = [c.document_id for c in seen.answer.citations]
    logger.info("question %s in %.2f s", outcome, seconds, extra={"fields": fields})
