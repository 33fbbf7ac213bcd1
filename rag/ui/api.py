"""The two endpoints that programs may call: `/ask` and `/search`."""

import gradio as gr
from gradio.events import api

from rag.filters import ReportFilter
from rag.output import Record, answer_record, passage_record
from rag.ui.operation.callers import called_by
from rag.ui.protocol import TOLD_ERRORS, Pipeline
from rag.ui.users import caller_of
from rag.ui.wiring import ASKS


def add_api(pipeline: Pipeline) -> None:
    """Add `/ask` and `/search` to the blocks being built."""

    def ask(
        question: str,
        top_k: int = pipeline.config.top_k,
        documents: list[str] | None = None,
        years: list[int] | None = None,
        request: gr.Request | None = None,
    ) -> Record:
        """Answer a question from the reports, with citations.

        Args:
            question: In Chinese or English.
            top_k: Passages to read, 1 to 20.
            documents: Ids of the reports to ask; none means all.
            years: Ask only reports that cover one of these years; none means all.
            request: Gradio's own: who asks.

        Returns:
            The record that `rag ask --json` prints.
        """
        try:
            held = ReportFilter.parse(documents, years)
            with called_by(caller_of(request)):
                answer = pipeline.ask(
                    question, top_k=top_k, documents=held.documents, years=held.years
                )
            return answer_record("", answer)
        except TOLD_ERRORS as exc:
            raise gr.Error(str(exc), print_exception=False) from exc

    def search(
        query: str,
        top_k: int = pipeline.config.top_k,
        documents: list[str] | None = None,
        years: list[int] | None = None,
        request: gr.Request | None = None,
    ) -> list[Record]:
        """Find the passages nearest to a query, best first.

        Args:
            query: In Chinese or English.
            top_k: Passages to return, 1 to 20.
            documents: As of `ask`.
            years: As of `ask`.
            request: As of `ask`.

        Returns:
            For each passage its `document`, `start`, `end`, `text` and `score`.
        """
        try:
            held = ReportFilter.parse(documents, years)
            with called_by(caller_of(request)):
                found = pipeline.search(query, top_k, documents=held.documents, years=held.years)
            return [passage_record(passage) for passage in found]
        except TOLD_ERRORS as exc:
            raise gr.Error(str(exc), print_exception=False) from exc

    api(ask, api_name="ask", **ASKS)
    api(search, api_name="search", **ASKS)
