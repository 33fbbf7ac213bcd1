"""What happens on the page's events; handlers only translate them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.ui.conversation import Turns, advance, ask, fail, repeat, understood
from rag.ui.messages import messages
from rag.ui.operation.callers import called_by
from rag.ui.operation.stop_request import StopRequest
from rag.ui.problems import told
from rag.ui.protocol import TOLD_ERRORS, Pipeline
from rag.ui.recording import Record
from rag.ui.scope import Scope
from rag.ui.sources import sources_panel
from rag.ui.users import caller_of, user_of
from rag.ui.wiring import ASKS, PRIVATE, QUICK, Values
from rag.ui.words import both

logger = logging.getLogger(__name__)

_STOPPED = both("已停止。", "Stopped.")
_FAILED = both(
    "未能回答：服务器忙或出了故障，请稍后重试。",
    "No answer: the server is busy or has failed; try again later.",
)
# What the pipeline takes for "as was fitted for the reader".
_FITTED = -1.0
# The question box offers one of two buttons.
_READY: dict[str, Any] = {"submit_btn": both("提问", "Ask"), "stop_btn": False}
_BUSY: dict[str, Any] = {"submit_btn": False, "stop_btn": both("停止", "Stop")}
_STOPPING: dict[str, Any] = {"submit_btn": False, "stop_btn": both("停止中…", "Stopping…")}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a question is to be answered: as the arguments of `RagPipeline.ask`."""

    top_k: int
    strictness: float
    documents: tuple[str, ...]
    years: tuple[int, ...]

    @property
    def held_to(self) -> dict[str, str]:
        """The filter as it is kept with the answer; empty if all reports are asked."""
        chosen = {"documents": self.documents, "years": self.years}
        return {name: ", ".join(map(str, values)) for name, values in chosen.items() if values}


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that handlers read and write."""

    turns: gr.State
    stopping: gr.State
    chat: gr.Chatbot
    sources: gr.HTML
    question: gr.Textbox
    top_k: gr.Slider
    fitted: gr.Checkbox
    strictness: gr.Slider
    scope: Scope
    retry: gr.Button
    clear: gr.Button


@dataclass(frozen=True, slots=True)
class Connected:
    """What other parts of the page need to show a conversation of their own.

    Attributes:
        show: Values of `shown` for a conversation.
        shown: The components that show a conversation.
        changes: Events after which the conversations that are kept may be others.
    """

    show: Callable[[Turns], Values]
    shown: list[Any]
    changes: list[Any]


def connect(pipeline: Pipeline, parts: Parts, record: Record) -> Connected:
    """Wire the events: a quick step that shows the question, then the answering itself.

    `record` keeps each answered turn.
    """
    handlers = _Handlers(pipeline, record)
    turns, stopping, question, chat = parts.turns, parts.stopping, parts.question, parts.chat
    shown = [turns, chat, parts.sources, question, parts.retry, parts.clear]
    starts = [
        question.submit(handlers.ask, [turns, stopping, question], shown, **QUICK),
        chat.example_select(handlers.ask_example, [turns, stopping], shown, **QUICK),
        parts.retry.click(handlers.retry, [turns, stopping], shown, **QUICK),
    ]
    settings = [parts.top_k, parts.fitted, parts.strictness, *parts.scope.inputs]
    answering = [
        start.success(
            handlers.answer,
            [turns, stopping, *settings],
            [turns, chat, parts.sources],
            **ASKS,
            **PRIVATE,
        )
        for start in starts
    ]
    for event in answering:
        event.success(handlers.end, turns, shown, **QUICK)
        event.failure(handlers.fail, turns, shown, **QUICK)
    question.stop(handlers.stop, stopping, question, **QUICK)
    cleared = parts.clear.click(handlers.clear, None, shown, **QUICK)
    return Connected(handlers.show, shown, [*answering, cleared])


@dataclass(frozen=True, slots=True)
class _Handlers:
    """Events to calls on the conversation and the pipeline, and back to component values."""

    pipeline: Pipeline
    record: Record = lambda turn, versions, user: turn

    def ask(self, turns: Turns, stopping: StopRequest, question: str) -> Values:
        if turns and turns[-1].is_pending:  # A second Enter while the first still runs.
            return self.show(turns)
        stopping.is_made = False
        return self.show(ask(turns, question), typed="")

    def ask_example(self, turns: Turns, stopping: StopRequest, event: gr.SelectData) -> Values:
        return self.ask(turns, stopping, str(event.value["text"]))

    def retry(self, turns: Turns, stopping: StopRequest) -> Values:
        stopping.is_made = False
        return self.show(repeat(turns))

    def end(self, turns: Turns) -> Values:
        return self.show(turns)

    def stop(self, stopping: StopRequest) -> gr.Textbox:
        stopping.make()
        return gr.Textbox(**_STOPPING)

    def fail(self, turns: Turns) -> Values:
        return self.show(fail(turns, _FAILED))

    def clear(self) -> Values:
        return self.show((), typed="")

    def answer(
        self,
        turns: Turns,
        stopping: StopRequest,
        top_k: float,
        is_fitted: bool,
        strictness: float,
        documents: Sequence[str] = (),
        years: Sequence[int] = (),
        request: gr.Request | None = None,
    ) -> Iterator[Values]:
        """State, chat and sources after each step of answering the last question."""
        asked = Settings(
            int(top_k), _FITTED if is_fitted else strictness, tuple(documents), tuple(years)
        )
        # Before: the shelf may change meanwhile.
        versions = {**self.pipeline.versions, **asked.held_to}
        for now in self._steps(turns, asked, caller_of(request), stopping):
            on_shelf = self.pipeline.documents
            shown = fail(now, _STOPPED) if stopping.is_made else now
            if shown[-1].answer is not None:
                shown = (*shown[:-1], self.record(shown[-1], versions, user_of(request)))
            if shown[-1].is_pending:  # Its sources are not there yet; the others' stay.
                yield shown, messages(shown, on_shelf), gr.skip()
            else:
                yield shown, messages(shown, on_shelf), sources_panel(shown, on_shelf)
                return

    def _steps(
        self, turns: Turns, settings: Settings, asker: str, stopping: StopRequest
    ) -> Iterator[Turns]:
        if not turns or not turns[-1].is_pending:
            return
        question, earlier = turns[-1].question, understood(turns[:-1])
        try:
            with called_by(asker, stopping):
                steps = self.pipeline.stream_explained(
                    question,
                    top_k=settings.top_k,
                    strictness=settings.strictness,
                    earlier=earlier,
                    documents=settings.documents,
                    years=settings.years,
                )
            for step in steps:
                turns = advance(turns, step)
                yield turns
            if turns[-1].is_pending:  # It was stopped while it waited for its turn.
                yield fail(turns, _STOPPED)
        except TOLD_ERRORS as exc:
            logger.warning("no answer: %s", exc)
            yield fail(turns, told(exc))

    def show(self, turns: Turns, typed: str | None = None) -> Values:
        """Values of state, chat, sources, question box, retry and clear."""
        is_pending = bool(turns) and turns[-1].is_pending
        box = dict(_BUSY if is_pending else _READY)
        if typed is not None:
            box["value"] = typed
        can_act = gr.Button(interactive=bool(turns) and not is_pending)
        documents = self.pipeline.documents
        sources = sources_panel(turns, documents)
        return turns, messages(turns, documents), sources, gr.Textbox(**box), can_act, can_act
