"""A conversation as a Word document: answers as paragraphs, citations as footnotes."""

import io
import re
from collections.abc import Mapping

from docx import Document as new_document
from docx.document import Document as DocxDocument
from docx.text.paragraph import Paragraph

from rag.controls import without_controls
from rag.exports.answer_text import place_of, searched_as
from rag.exports.footnotes import Footnotes
from rag.history import Conversation, KeptTurn
from rag.types import Answer, Document

_MARK = re.compile(r" ?\[(\d{1,3})\]")


def conversation_as_docx(conversation: Conversation, documents: Mapping[str, Document]) -> bytes:
    """The bytes of the document. Citations that no longer stand say so in their footnote."""
    report, footnotes = new_document(), Footnotes()
    title = without_controls(conversation.heading.title)
    report.core_properties.title = title
    report.core_properties.author = ""
    report.add_heading(title, level=0)
    for turn in conversation.turns:
        _add_turn(report, footnotes, turn, documents)
    footnotes.attach(report)
    written = io.BytesIO()
    report.save(written)
    return written.getvalue()


def _add_turn(
    report: DocxDocument, footnotes: Footnotes, turn: KeptTurn, documents: Mapping[str, Document]
) -> None:
    answer = turn.answer
    report.add_heading(without_controls(answer.question), level=1)
    if answer.understood:
        report.add_paragraph().add_run(without_controls(searched_as(answer))).italic = True
    notes = {
        c.mark: without_controls(f"{place_of(c, documents)}: “{c.text}”") for c in answer.citations
    }
    _add_answer(report.add_paragraph(), footnotes, answer, notes)


def _add_answer(
    paragraph: Paragraph, footnotes: Footnotes, answer: Answer, notes: Mapping[int, str]
) -> None:
    """The answer, each of its marks replaced by the reference to a footnote."""
    text = without_controls(answer.text)
    position = 0
    for match in _MARK.finditer(text):
        if int(match[1]) in notes:
            paragraph.add_run(text[position : match.start()])
            footnotes.refer(paragraph, notes[int(match[1])])
            position = match.end()
    paragraph.add_run(text[position:])
