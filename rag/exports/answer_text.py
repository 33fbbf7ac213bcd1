"""One answer with its citations as text to paste elsewhere: plain, Markdown, or with references."""

from collections.abc import Iterator, Mapping

from rag.citations import stands
from rag.exports.markdown import escape_markdown, one_line
from rag.exports.references import gbt_reference
from rag.types import Answer, Citation, Document

Documents = Mapping[str, Document]


def answer_as_text(answer: Answer, documents: Documents) -> str:
    """Question, answer and each quotation with its place, as plain text."""
    quoted = (f"[{c.mark}] {c.text} ({place_of(c, documents)})" for c in answer.citations)
    return "\n".join([answer.question, answer.text, *quoted])


def answer_as_markdown(answer: Answer, documents: Documents) -> str:
    """The same as Markdown: the question as a heading, quotations as block quotes."""
    return "\n\n".join([f"## {one_line(answer.question)}", *answer_paragraphs(answer, documents)])


def answer_paragraphs(answer: Answer, documents: Documents) -> Iterator[str]:
    """The paragraphs of an answer as Markdown, without its question."""
    if answer.understood:
        yield one_line(searched_as(answer))
    yield escape_markdown(answer.text)
    for citation in answer.citations:
        place = one_line(f"[{citation.mark}] {place_of(citation, documents)}")
        quoted = escape_markdown(citation.text).replace("\n", "\n> ")
        yield f"{place}\n\n> {quoted}"


def answer_as_gbt(answer: Answer, documents: Documents) -> str:
    """Question and answer as plain text, and references in the form of GB/T 7714-2015."""
    references = [
        gbt_reference(c, documents.get(c.document_id)) + _changed(c, documents)
        for c in answer.citations
    ]
    heading = ["参考文献"] if references else []
    return "\n".join([answer.question, answer.text, *heading, *references])


def searched_as(answer: Answer) -> str:
    """How a follow-up was completed, in words."""
    return f"按此检索 Searched as: {answer.understood}"


def place_of(citation: Citation, documents: Documents) -> str:
    """Where a quotation stands: title, report, offsets, and the page if there is one.

    If the report has gone or changed since, that is said too.
    """
    span, page = citation.span, citation.page
    place = f"{citation.title}, {citation.document_id} {span.start}-{span.end}"
    on_page = "" if page is None else f", 第 {page} 页 page {page}"
    return f"{place}{on_page}{_changed(citation, documents)}"


def _changed(citation: Citation, documents: Documents) -> str:
    return "" if stands(citation, documents) else " [来源已变 source changed]"
