"""One answer with its citations as text to paste elsewhere: plain, Markdown, or with references."""

from collections.abc import Iterator, Mapping

from rag.citations import stands
from rag.exports.markdown import escape_markdown, one_line
from rag.exports.references import gbt_reference
from rag.types import Answer, Citation, Document

Documents = Mapping[str, Document]
_CHANGED = "来源已变 source changed"


def answer_as_text(answer: Answer) -> str:
    """Question, answer and each quotation with its place, as plain text."""
    quoted = (f"[{c.mark}] {c.text} ({place_of(c)})" for c in answer.citations)
    return "\n".join([answer.question, answer.text, *quoted])


def answer_as_markdown(answer: Answer, documents: Documents) -> str:
    """The same as Markdown: the question as a heading, quotations as block quotes.

    A citation whose report has gone or changed since says so.
    """
    return "\n\n".join([f"## {one_line(answer.question)}", *answer_paragraphs(answer, documents)])


def answer_paragraphs(answer: Answer, documents: Documents) -> Iterator[str]:
    """The paragraphs of an answer as Markdown, without its question."""
    if answer.understood:
        yield f"按此检索 Searched as: {one_line(answer.understood)}"
    yield escape_markdown(answer.text)
    for citation in answer.citations:
        changed = "" if stands(citation, documents) else f" **{_CHANGED}**"
        place = one_line(f"[{citation.mark}] {place_of(citation)}")
        quoted = escape_markdown(citation.text).replace("\n", "\n> ")
        yield f"{place}{changed}\n\n> {quoted}"


def answer_as_gbt(answer: Answer, documents: Documents) -> str:
    """Question and answer as plain text, and references in the form of GB/T 7714-2015."""
    references = [gbt_reference(c, documents.get(c.document_id)) for c in answer.citations]
    heading = ["参考文献"] if references else []
    return "\n".join([answer.question, answer.text, *heading, *references])


def place_of(citation: Citation) -> str:
    """Where a quotation stands: title, report, offsets, and the page if there is one."""
    span = citation.span
    place = f"{citation.title}, {citation.document_id} {span.start}-{span.end}"
    return (
        place if citation.page is None else f"{place}, 第 {citation.page} 页 page {citation.page}"
    )


def changed_note(citation: Citation, documents: Documents) -> str:
    """Says that the report has gone or changed since it was cited; empty if it has not."""
    return "" if stands(citation, documents) else _CHANGED
