"""The library in the page: give files, see how far they are, find and remove reports."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rag.types import Document
from rag.ui.assets import asset
from rag.ui.conversation import Turns
from rag.ui.entrance.login import LOGOUT_PATH
from rag.ui.language import language_switch
from rag.ui.library import Library
from rag.ui.library_view import ShelfPage, lines_list, page_words, shelf_page, table
from rag.ui.markup import element, escape
from rag.ui.messages import Message, messages
from rag.ui.problems import told
from rag.ui.protocol import TOLD_ERRORS, Pipeline
from rag.ui.scope import Scope, document_choices, year_choices
from rag.ui.sources import sources_panel
from rag.ui.wiring import PRIVATE, QUICK, Values
from rag.ui.words import both

TITLE = both("报告问答", "Report QA")
_SIGN_OUT = both("退出登录", "Sign out")
_ADD = both("拖放或点击添加报告", "Drop or click to add reports")


@dataclass(frozen=True, slots=True)
class ShelfParts:
    """The components of the library."""

    panel: gr.Accordion
    upload: gr.File
    lines: gr.HTML
    words: gr.Textbox
    table: gr.HTML
    place: gr.HTML
    earlier: gr.Button
    later: gr.Button
    number: gr.State


@dataclass(frozen=True, slots=True)
class Shown:
    """What else in the page tells of the reports; `can_sign_out` as for `page_header`."""

    header: gr.HTML
    turns: gr.State
    chat: gr.Chatbot
    sources: gr.HTML
    can_sign_out: bool


def page_header(n_reports: int, can_sign_out: bool) -> str:
    """The title of the page, with the switch of its language and, where there is one, the way out.

    Args:
        n_reports: How many there are on the shelf.
        can_sign_out: Whether people have signed in.
    """
    promise = both(
        f"答案只取自书架上的 {n_reports} 份报告，逐字标明出处；报告没有写的，就如实说没有。"
        "全部在本机运行，不联网。",
        f"Answers come only from the {n_reports} reports on the shelf, each with its exact place; "
        "what they do not say is said to be missing. All of it runs on this machine, offline.",
    )
    way_out = element("a", escape(_SIGN_OUT), href=LOGOUT_PATH.lstrip("/"), class_="rag-sign-out")
    beside = language_switch() + (way_out if can_sign_out else "")
    return beside + element("h1", escape(TITLE)) + element("p", escape(promise))


def add_shelf(pipeline: Pipeline) -> ShelfParts:
    """Add the library to the blocks being built."""
    page = shelf_page(pipeline.index, pipeline.config)
    is_long = page.n_pages > 1
    with gr.Accordion(_title(len(pipeline.documents)), open=False, elem_id="rag-reports") as panel:
        upload = gr.File(
            file_count="multiple",
            label=f"{_ADD}: PDF, DOCX, HTML, MD, TXT, CSV, XLSX",
            height=140,
            elem_id="rag-upload",
        )
        lines = gr.HTML("", elem_id="rag-intake")
        words = gr.Textbox(
            label=both("查找报告", "Find a report"),
            placeholder=both("标题、地名、年份", "Title, place, year"),
            lines=1,
            max_lines=1,
            elem_id="rag-find",
        )
        listed = gr.HTML(table(page), js_on_load=asset("library.js"), elem_id="rag-shelf")
        with gr.Row(elem_id="rag-pages"):
            earlier = gr.Button(both("上一页", "Previous"), size="sm", interactive=False)
            place = gr.HTML(page_words(page))
            later = gr.Button(both("下一页", "Next"), size="sm", interactive=is_long)
        number = gr.State(0)
    return ShelfParts(panel, upload, lines, words, listed, place, earlier, later, number)


def connect_library(
    app: gr.Blocks, library: Library, parts: ShelfParts, scope: Scope, shown: Shown
) -> None:
    """Wire the library's events."""
    handlers = _Handlers(library, library.pipeline.index.generation, shown.can_sign_out)
    listing = [parts.table, parts.place, parts.earlier, parts.later, parts.number]
    where = [parts.words, parts.number]
    parts.words.change(handlers.find, parts.words, listing, **QUICK)
    parts.earlier.click(handlers.turn_back, where, listing, **QUICK)
    parts.later.click(handlers.turn_on, where, listing, **QUICK)
    added = parts.upload.upload(handlers.add, parts.upload, [parts.upload, parts.lines], **QUICK)
    removed = parts.table.click(handlers.remove, None, parts.lines, **QUICK)
    begun: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (added.then, handlers.renew),
        (removed.then, handlers.renew),
        (app.load, handlers.renew_opened),
    ]
    for after, renew in begun:
        # A watch only waits, so that it takes nothing from the limit on questions.
        watched = after(handlers.watch, None, parts.lines, concurrency_limit=None, **PRIVATE)
        watched.then(
            renew,
            [*where, shown.turns, *scope.inputs],
            [*listing, parts.panel, shown.header, shown.chat, shown.sources, *scope.inputs],
            **QUICK,
        )


@dataclass(frozen=True, slots=True)
class _Handlers:
    """Events to calls on the library, and back to component values.

    Attributes:
        library: The shelf as the page changes it.
        built_over: The generation of the index that the page was built over.
        can_sign_out: As for `page_header`.
    """

    library: Library
    built_over: str
    can_sign_out: bool

    def add(self, files: Sequence[str] | None) -> Values:
        """The emptied upload box and the lines of the files."""
        try:
            self.library.add([Path(file) for file in files or ()])
        except TOLD_ERRORS as exc:
            raise gr.Error(told(exc), print_exception=False) from exc
        return None, lines_list(self.library.lines)

    def remove(self, event: gr.EventData) -> str:
        """The lines, with one for the report."""
        self.library.remove(str(event.document))
        return lines_list(self.library.lines)

    def find(self, words: str | None) -> Values:
        return self._listing(words, 0)

    def turn_back(self, words: str | None, number: int) -> Values:
        return self._listing(words, number - 1)

    def turn_on(self, words: str | None, number: int) -> Values:
        return self._listing(words, number + 1)

    def watch(self) -> Iterator[str]:
        """The lines after each step of a change, until all is done."""
        for _ in self.library.watch():
            yield lines_list(self.library.lines)

    def renew(
        self,
        words: str | None,
        number: int,
        turns: Turns,
        documents: Sequence[str],
        years: Sequence[int],
    ) -> Values:
        """All that tells of the shelf, as it is now; in the filter what is left to choose."""
        shelf = self.library.pipeline.documents
        covered = year_choices(shelf)
        known = {year for _, year in covered}
        return (
            *self._listing(words, number),
            gr.Accordion(label=_title(len(shelf))),
            page_header(len(shelf), self.can_sign_out),
            _chat(turns, shelf),
            sources_panel(turns, shelf),
            _choice(document_choices(shelf), [name for name in documents if name in shelf]),
            _choice(covered, [year for year in years if year in known]),
        )

    def renew_opened(
        self,
        words: str | None,
        number: int,
        turns: Turns,
        documents: Sequence[str],
        years: Sequence[int],
    ) -> Values | dict[str, Any]:
        """As `renew`; nothing where the page shows the shelf as it is, and may be in use."""
        if self.library.pipeline.index.generation == self.built_over:
            everything: dict[str, Any] = gr.skip()
            return everything
        return self.renew(words, number, turns, documents, years)

    def _listing(self, words: str | None, number: int) -> Values:
        pipeline = self.library.pipeline
        # Gradio gives None for the box while its panel has not been opened yet.
        page = shelf_page(pipeline.index, pipeline.config, words or "", number)
        return table(page), page_words(page), *_buttons(page), page.number


def _chat(turns: Turns, shelf: Mapping[str, Document]) -> list[Message] | dict[str, Any]:
    """The chat, where marks of what has gone say so; a question under way is left to itself."""
    return gr.skip() if turns and turns[-1].is_pending else messages(turns, shelf)


def _buttons(page: ShelfPage) -> tuple[gr.Button, gr.Button]:
    can_go_back, can_go_on = page.number > 0, page.number < page.n_pages - 1
    return gr.Button(interactive=can_go_back), gr.Button(interactive=can_go_on)


def _choice(choices: Sequence[tuple[str, str | int]], chosen: list[str | int]) -> gr.Dropdown:
    return gr.Dropdown(choices, value=chosen, multiselect=True)


def _title(n_reports: int) -> str:
    return f"{both('报告', 'Reports')} ({n_reports})"
