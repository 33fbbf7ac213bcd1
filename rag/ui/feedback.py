"""Right or wrong, and why: what a person says of an answer, from the page into the file."""

from dataclasses import dataclass, replace

import gradio as gr

from rag.errors import HistoryError
from rag.history import Feedback, Verdict
from rag.history.feedback import MAX_REASON_CHARS
from rag.ui.assets import asset
from rag.ui.conversation import Turn, Turns
from rag.ui.markup import notice
from rag.ui.messages import messages
from rag.ui.problems import told
from rag.ui.protocol import Pipeline
from rag.ui.users import user_of
from rag.ui.wiring import QUICK, Values
from rag.ui.words import both

_WHY = both("哪里不对？（可不填）", "Wrong because… (optional)")


@dataclass(frozen=True, slots=True)
class FeedbackParts:
    """The components of feedback: where clicks arrive, and the form that asks why.

    Attributes:
        links: Tells of clicks on the links below the answers; shows why one was of no effect.
        form: Shown after an answer was called wrong.
        reason: What is wrong with it.
        save: Keeps the reason.
        rated: Id of the turn that the form is about.
    """

    links: gr.HTML
    form: gr.Row
    reason: gr.Textbox
    save: gr.Button
    rated: gr.State


def feedback_form() -> FeedbackParts:
    """The components, made where they are to stand."""
    links = gr.HTML("", elem_id="rag-verdicts", js_on_load=asset("feedback.js"))
    with gr.Row(visible=False, elem_id="rag-wrong") as form:
        reason = gr.Textbox(
            show_label=False,
            label=_WHY,
            placeholder=_WHY,
            max_lines=3,
            max_length=MAX_REASON_CHARS,
            scale=4,
            elem_id="rag-wrong-reason",
        )
        save = gr.Button(
            both("记下", "Save"), size="sm", scale=0, min_width=90, elem_id="rag-wrong-save"
        )
    return FeedbackParts(links, form, reason, save, gr.State(""))


def connect_feedback(
    pipeline: Pipeline, feedback: Feedback, parts: FeedbackParts, turns: gr.State, chat: gr.Chatbot
) -> None:
    """Wire the links below the answers and the form."""
    handlers = _Handlers(pipeline, feedback)
    told = [turns, chat, parts.links, parts.form, parts.reason, parts.rated]
    parts.links.submit(handlers.rate, turns, told, **QUICK)
    gr.on(
        [parts.save.click, parts.reason.submit],
        handlers.explain,
        [parts.rated, parts.reason],
        [parts.links, parts.form],
        **QUICK,
    )


@dataclass(frozen=True, slots=True)
class _Handlers:
    """Events to calls on the feedback, and back to component values."""

    pipeline: Pipeline
    feedback: Feedback

    def rate(self, turns: Turns, event: gr.EventData, request: gr.Request | None = None) -> Values:
        """A click on a verdict: it is kept at once; a second click takes it back.

        Values of state, chat, links, form, reason and the id of the turn that it is about.
        """
        if turns and turns[-1].is_pending:  # The running answer brings its own turns along.
            return _told(both("答完再评。", "Rate it when the answer is there."))
        number, verdict = event.number, Verdict(event.verdict)
        turn = next((turn for turn in turns if turn.number == number), None)
        if turn is None:
            return _told(
                both("这个回答已不在页面上。", "This answer left the page; open it again.")
            )
        try:
            now = _give(self.feedback.of(user_of(request)), turn, verdict)
        except HistoryError as exc:
            return _told(told(exc))
        is_wrong = now.verdict == Verdict.WRONG
        rated = tuple(now if each is turn else each for each in turns)
        chat = messages(rated, self.pipeline.documents)
        return rated, chat, "", gr.Row(visible=is_wrong), "", now.turn_id

    def explain(
        self, turn_id: str, reason: str, request: gr.Request | None = None
    ) -> tuple[str, gr.Row]:
        """The reason why an answer is wrong."""
        try:
            self.feedback.of(user_of(request)).give(turn_id, Verdict.WRONG, reason)
        except HistoryError as exc:
            return notice(told(exc)), gr.Row(visible=True)
        return "", gr.Row(visible=False)


def _give(feedback: Feedback, turn: Turn, verdict: Verdict) -> Turn:
    if turn.verdict == verdict:
        feedback.withdraw(turn.turn_id)
        return replace(turn, verdict="")
    feedback.give(turn.turn_id, verdict)
    return replace(turn, verdict=verdict.value)


def _told(problem: str) -> Values:
    """Nothing changes but the notice: an answer may come, or a reason may be half written."""
    return gr.skip(), gr.skip(), notice(problem), gr.skip(), gr.skip(), gr.skip()
