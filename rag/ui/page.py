"""The chat page as Gradio blocks."""

import gradio as gr

from rag.config import RagConfig
from rag.history import Conversations, Feedback
from rag.ui.api import add_api
from rag.ui.conversations import ConversationParts, connect_conversations, conversations_panel
from rag.ui.events import Parts, connect
from rag.ui.feedback import FeedbackParts, connect_feedback, feedback_form
from rag.ui.library import Library
from rag.ui.library_page import TITLE, ShelfParts, Shown, add_shelf, connect_library, page_header
from rag.ui.markup import element, escape
from rag.ui.operation.stop_request import StopRequest
from rag.ui.protocol import Pipeline
from rag.ui.recording import recorder
from rag.ui.scope import Scope, add_scope, connect_scope
from rag.ui.shelf import example_questions
from rag.ui.sources import sources_panel
from rag.ui.wiring import QUICK
from rag.ui.words import both

# Questions wait in `rag.ui.operation.turns`; here only what comes faster than it is passed on.
_MAX_EVENTS = 256
_WELCOME = "\n".join(
    (
        f"### {both('想查什么？', 'What would you like to know?')}",
        both("用一句话提问，例如：", "Ask in one sentence, such as:"),
    )
)


def build_app(pipeline: Pipeline, *, can_sign_out: bool = False) -> gr.Blocks:
    """The page over `pipeline`; style and script are added when it is launched.

    Args:
        pipeline: What answers.
        can_sign_out: Whether people have signed in and are shown the way out.
    """
    app = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with app:
        promise = page_header(len(pipeline.documents), can_sign_out)
        header = gr.HTML(promise, elem_id="rag-header")
        with gr.Row(elem_id="rag-main", equal_height=False):
            with gr.Column(scale=3, min_width=320, elem_id="rag-left"):
                chat, rating, question, scope, retry, clear = _chat_column(pipeline)
            with gr.Column(scale=2, min_width=320, elem_id="rag-right"):
                sources, kept, shelf, top_k, fitted, strictness = _side_column(pipeline)
        turns, stopping = gr.State(()), gr.State(StopRequest())
        parts = Parts(
            turns, stopping, chat, sources, question, top_k, fitted, strictness, scope, retry, clear
        )
        add_api(pipeline)  # First, so that no handler takes the endpoints' names.
        history = pipeline.config.history_file
        conversations = Conversations(history)
        connected = connect(pipeline, parts, recorder(conversations))
        connect_scope(scope)
        shown = Shown(header, turns, chat, sources, can_sign_out)
        connect_library(app, Library(pipeline), shelf, scope, shown)
        connect_conversations(app, pipeline, conversations, kept, turns, connected)
        connect_feedback(pipeline, Feedback(history), rating, turns, chat)
    app.queue(max_size=_MAX_EVENTS, default_concurrency_limit=1, api_open=False)
    return app


def _chat_column(
    pipeline: Pipeline,
) -> tuple[gr.Chatbot, FeedbackParts, gr.Textbox, Scope, gr.Button, gr.Button]:
    examples = example_questions(pipeline.documents)
    chat = gr.Chatbot(
        elem_id="rag-chat",
        show_label=False,
        label=both("问答", "Chat"),
        height="100%",
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=[],
        buttons=[],
        feedback_options=None,
        placeholder=_WELCOME,
        examples=[{"text": example} for example in examples],
    )
    rating = feedback_form()
    question = gr.Textbox(
        elem_id="rag-question",
        show_label=False,
        label=both("问题", "Question"),
        placeholder=both("输入问题，按 Enter 提问", "Type a question, press Enter"),
        lines=1,
        max_lines=6,
        autofocus=True,
        submit_btn=both("提问", "Ask"),
        stop_btn=False,
    )
    scope = add_scope(pipeline.documents)
    with gr.Row(elem_id="rag-actions"):
        retry = gr.Button(both("重试", "Retry"), size="sm", interactive=False, elem_id="rag-retry")
        clear = gr.Button(both("新对话", "New"), size="sm", interactive=False, elem_id="rag-clear")
    return chat, rating, question, scope, retry, clear


def _side_column(
    pipeline: Pipeline,
) -> tuple[gr.HTML, ConversationParts, ShelfParts, gr.Slider, gr.Checkbox, gr.Slider]:
    gr.HTML(element("h2", escape(both("来源", "Sources"))), elem_classes="rag-heading")
    sources = gr.HTML(sources_panel((), pipeline.documents), elem_id="rag-sources")
    kept = conversations_panel()
    shelf = add_shelf(pipeline)
    with gr.Accordion(both("设置", "Settings"), open=False, elem_id="rag-settings"):
        top_k, fitted, strictness = _settings(pipeline.config)
    return sources, kept, shelf, top_k, fitted, strictness


def _settings(config: RagConfig) -> tuple[gr.Slider, gr.Checkbox, gr.Slider]:
    is_fitted = config.strictness < 0
    top_k = gr.Slider(
        1, 20, value=config.top_k, step=1, label=both("阅读段数", "Passages to read (top-k)")
    )
    fitted = gr.Checkbox(is_fitted, label=both("自动严格程度", "Use the fitted strictness"))
    strictness = gr.Slider(
        0,
        1,
        value=0.5 if is_fitted else config.strictness,
        step=0.05,
        label=both("严格程度", "Strictness"),
        info=both("可信度低于此值时不作答。", "Answers less certain than this are withheld."),
        interactive=not is_fitted,
    )
    fitted.input(lambda on: gr.Slider(interactive=not on), fitted, strictness, **QUICK)
    return top_k, fitted, strictness
