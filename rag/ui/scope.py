"""The filter below the question box: which reports or years the questions are held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr

from rag.types import Document
from rag.ui.markup import MAX_TITLE_CHARS, clip
from rag.ui.wiring import QUICK
from rag.ui.words import both

_FILTER = both("筛选：", "Filter: ")
_ALL = both("筛选：全部报告", "Filter: all reports")


@dataclass(frozen=True, slots=True)
class Scope:
    """The components of the filter."""

    panel: gr.Accordion
    documents: gr.Dropdown
    years: gr.Dropdown
    clear: gr.Button

    @property
    def inputs(self) -> tuple[gr.Dropdown, gr.Dropdown]:
        """What answering reads: ids of reports, and years."""
        return self.documents, self.years


def add_scope(documents: Mapping[str, Document]) -> Scope:
    """Add the filter to the blocks being built."""
    with gr.Accordion(_ALL, open=False, elem_id="rag-scope") as panel:
        with gr.Row():
            chosen = gr.Dropdown(
                document_choices(documents),
                multiselect=True,
                label=both("只查这些报告", "Only these reports"),
                elem_id="rag-scope-documents",
            )
            years = gr.Dropdown(
                year_choices(documents),
                multiselect=True,
                label=both("只查涉及这些年份的报告", "Only reports on these years"),
                elem_id="rag-scope-years",
            )
        clear = gr.Button(both("清除筛选", "Clear filter"), size="sm", elem_id="rag-scope-clear")
    return Scope(panel, chosen, years, clear)


def connect_scope(scope: Scope) -> None:
    """Wire the filter: its title tells what is chosen, one click clears it."""
    boxes = list(scope.inputs)
    gr.on([box.change for box in boxes], _titled, boxes, scope.panel, **QUICK)
    scope.clear.click(lambda: ([], []), None, boxes, **QUICK)


def document_choices(documents: Mapping[str, Document]) -> list[tuple[str, str]]:
    """What is shown for each report, and its id; reports of one title are told apart by it."""
    return [
        (f"{clip(d.title, MAX_TITLE_CHARS)} · {clip(name, MAX_TITLE_CHARS)}", name)
        for name, d in documents.items()
    ]


def year_choices(documents: Mapping[str, Document]) -> list[tuple[str, int]]:
    """The years that the reports cover, latest first."""
    years = {year for document in documents.values() for year in document.years}
    return [(str(year), year) for year in sorted(years, reverse=True)]


def scope_title(documents: Sequence[str], years: Sequence[int]) -> str:
    """The filter in words, to be seen without opening it."""
    told = []
    if documents:
        told.append(f"{len(documents)} {both('份报告', 'reports')}")
    if years:
        told.append(", ".join(map(str, sorted(years))))
    return f"{_FILTER}{' · '.join(told)}" if told else _ALL


def _titled(documents: Sequence[str], years: Sequence[int]) -> gr.Accordion:
    return gr.Accordion(label=scope_title(documents, years))
