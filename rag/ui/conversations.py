"""The conversations that are kept, in the page: listed, opened, renamed, deleted, taken away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import gradio as gr

from rag.errors import HistoryError
from rag.exports import Form
from rag.history import Conversations, Heading
from rag.history.conversations import MAX_TITLE_CHARS
from rag.ui.conversation import Turns
from rag.ui.downloads import DOWNLOAD_SCRIPT, download_link
from rag.ui.events import Connected
from rag.ui.markup import element, escape, notice, plain
from rag.ui.problems import told
from rag.ui.protocol import Pipeline
from rag.ui.recording import turns_of
from rag.ui.users import user_of
from rag.ui.wiring import QUICK, Values
from rag.ui.words import both

_NAMES = {Form.MARKDOWN: "Markdown", Form.JSON: "JSON", Form.DOCX: "Word (DOCX)"}
_EXPORT = both("导出", "Export")
_BUSY = both("正在回答，请等它答完。", "An answer is under way; wait for it or stop it.")
_NONE_CHOSEN = both("请先在列表中打开一个对话。", "Open a conversation of the list first.")


@dataclass(frozen=True, slots=True)
class ConversationParts:
    """The components of the list and of what can be done with the conversation that is open."""

    notice: gr.HTML
    find: gr.Textbox
    listed: gr.Radio
    title: gr.Textbox
    rename: gr.Button
    exports: Mapping[Form, gr.Button]
    delete: gr.Button
    sure: gr.Row
    really: gr.Button
    keep: gr.Button
    download: gr.HTML


def conversations_panel() -> ConversationParts:
    """The components, made where they are to stand; the list is filled when the page loads."""
    notice = gr.HTML("", elem_id="rag-history-notice")
    with gr.Accordion(both("对话", "Conversations"), open=False, elem_id="rag-history"):
        find = gr.Textbox(
            label=both("查找标题", "Find by title"), max_lines=1, elem_id="rag-history-find"
        )
        listed = gr.Radio([], label=both("最近的在前", "Newest first"), elem_id="rag-history-list")
        with gr.Row(elem_classes="rag-history-row"):
            title = gr.Textbox(
                label=both("标题", "Title"),
                max_lines=1,
                max_length=MAX_TITLE_CHARS,
                elem_id="rag-title",
            )
            rename = _button(both("改名", "Rename"), "rag-rename")
        with gr.Row(elem_classes="rag-history-row"):
            exports = {
                form: _button(f"{_EXPORT} {_NAMES[form]}", f"rag-export-{form}") for form in Form
            }
            delete = _button(both("删除", "Delete"), "rag-delete")
        with gr.Row(visible=False, elem_id="rag-sure") as sure:
            gr.HTML(_sure_words())
            really = _button(both("确定删除", "Delete it"), "rag-really")
            keep = _button(both("不删", "Keep it"), "rag-keep")
        download = gr.HTML("", elem_id="rag-download", js_on_load=DOWNLOAD_SCRIPT)
    return ConversationParts(
        notice, find, listed, title, rename, exports, delete, sure, really, keep, download
    )


def connect_conversations(
    app: gr.Blocks,
    pipeline: Pipeline,
    conversations: Conversations,
    parts: ConversationParts,
    turns: gr.State,
    connected: Connected,
) -> None:
    """Wire the list."""
    handlers = _Handlers(pipeline, conversations, connected)
    refresh, rename = handlers.for_user(_Handlers.refresh), handlers.for_user(_Handlers.rename)
    listing = [parts.listed, parts.title, parts.notice, parts.sure]
    app.load(refresh, [turns, parts.find], listing, **QUICK)
    for change in connected.changes:
        change.success(refresh, [turns, parts.find], listing, **QUICK)
    parts.find.change(refresh, [turns, parts.find], listing, **QUICK)
    everything = [*connected.shown, *listing]
    chosen = [turns, parts.find, parts.listed]
    parts.listed.input(handlers.for_user(_Handlers.open), chosen, everything, **QUICK)
    gr.on(
        [parts.rename.click, parts.title.submit], rename, [*chosen, parts.title], listing, **QUICK
    )
    parts.delete.click(handlers.ask_whether, parts.listed, [parts.sure, parts.notice], **QUICK)
    parts.keep.click(lambda: gr.Row(visible=False), None, parts.sure, **QUICK)
    parts.really.click(handlers.for_user(_Handlers.delete), chosen, everything, **QUICK)
    for form, button in parts.exports.items():
        export = handlers.for_user(partial(_Handlers.export, form=form))
        button.click(export, parts.listed, [parts.download, parts.notice], **QUICK)


@dataclass(frozen=True, slots=True)
class _Handlers:
    """Events to calls on the conversations, and back to component values."""

    pipeline: Pipeline
    conversations: Conversations
    connected: Connected

    def for_user(self, act: Callable[..., Values]) -> Callable[..., Values]:
        """`act`, which takes handlers, on the conversations of whoever makes the request."""

        def handle(request: gr.Request, *values: object) -> Values:
            own = replace(self, conversations=self.conversations.of(user_of(request)))
            return act(own, *values)

        return handle

    def refresh(self, turns: Turns, words: str, problem: str = "") -> Values:
        """Values of list, title and notice: what is kept now, and which one is open.

        And of the question whether to delete, which goes: it was asked of what was open before.
        """
        asked = gr.Row(visible=False)
        try:
            headings = self.conversations.headings(words or "")
        except HistoryError as exc:
            return gr.Radio(choices=[], value=None), "", notice(told(exc)), asked
        current = turns[-1].conversation_id if turns else ""
        titles = {heading.conversation_id: heading.title for heading in headings}
        choices = [(_label(heading), heading.conversation_id) for heading in headings]
        value = current if current in titles else None
        listed = gr.Radio(choices=choices, value=value)
        return listed, titles.get(current, ""), notice(problem), asked

    def open(self, turns: Turns, words: str, chosen: str | None) -> Values:
        """The chosen conversation in place of the one on the page."""
        if chosen is None or (turns and turns[-1].is_pending):
            return self._told(turns, words, _BUSY if chosen else _NONE_CHOSEN)
        try:
            kept = self.conversations.load(chosen, self.pipeline.documents)
        except HistoryError as exc:
            return self._told(turns, words, told(exc))
        return self._shown(turns_of(kept), words)

    def rename(self, turns: Turns, words: str, chosen: str | None, title: str) -> Values:
        """The list after the chosen conversation has got another title."""
        if chosen is None:
            return self.refresh(turns, words, _NONE_CHOSEN)
        try:
            self.conversations.rename(chosen, title or "")
        except HistoryError as exc:
            return self.refresh(turns, words, told(exc))
        return self.refresh(turns, words)

    def ask_whether(self, chosen: str | None) -> Values:
        """The question whether to delete, if there is something to delete."""
        return gr.Row(visible=chosen is not None), notice("" if chosen else _NONE_CHOSEN)

    def delete(self, turns: Turns, words: str, chosen: str | None) -> Values:
        """An empty page after the chosen conversation was deleted."""
        if chosen is None or (turns and turns[-1].is_pending):
            return self._told(turns, words, _BUSY if chosen else _NONE_CHOSEN)
        try:
            self.conversations.delete(chosen)
        except HistoryError as exc:
            return self._told(turns, words, told(exc))
        return self._shown((), words)

    def export(self, chosen: str | None, form: Form) -> Values:
        """A link to the file of the chosen conversation; the page follows it by itself."""
        if chosen is None:
            return "", notice(_NONE_CHOSEN)
        documents = self.pipeline.documents
        try:
            kept = self.conversations.load(chosen, documents)
        except HistoryError as exc:
            return "", notice(told(exc))
        return download_link(kept, form, documents), ""

    def _shown(self, turns: Turns, words: str) -> Values:
        """Values of another conversation, and those of `refresh`."""
        return *self.connected.show(turns), *self.refresh(turns, words)

    def _told(self, turns: Turns, words: str, problem: str) -> Values:
        """The conversation is left to itself, since an answer may come just now."""
        return *(gr.skip() for _ in self.connected.shown), *self.refresh(turns, words, problem)


def _label(heading: Heading) -> str:
    changed = datetime.fromisoformat(heading.changed).astimezone()
    return f"{plain(heading.title)} · {changed:%Y-%m-%d %H:%M}"


def _sure_words() -> str:
    words = both(
        "删除后不能恢复；已给的评价另存，仍保留。",
        "Deleted for good; feedback that was given is kept apart and stays.",
    )
    return element("p", escape(words), class_="rag-place")


def _button(words: str, name: str) -> gr.Button:
    return gr.Button(words, size="sm", min_width=90, elem_id=name)
