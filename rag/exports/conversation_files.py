"""A conversation as a file to take away: Markdown, JSON or DOCX."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rag.exports.answer_text import answer_paragraphs
from rag.exports.markdown import one_line
from rag.history import Conversation, KeptTurn
from rag.output import as_json
from rag.types import Document

FORMAT_VERSION = 1
_MAX_NAME_CHARS = 60
_UNSAFE = re.compile(r"[^\w-]+")


class Form(StrEnum):
    """Kinds of files, by their suffix."""

    MARKDOWN = "md"
    JSON = "json"
    DOCX = "docx"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was not written yet; the name holds letters, digits, `_`, `-` and its suffix."""

    name: str
    data: bytes


def export_conversation(
    conversation: Conversation, form: Form, documents: Mapping[str, Document]
) -> ExportedFile:
    """The conversation as a file, read beside the reports as they are now."""
    if form is Form.DOCX:
        from rag.exports.docx_report import conversation_as_docx

        data = conversation_as_docx(conversation, documents)
    elif form is Form.JSON:
        data = conversation_as_json(conversation).encode("utf-8")
    else:
        data = conversation_as_markdown(conversation, documents).encode("utf-8")
    stem = _UNSAFE.sub("_", conversation.heading.title)[:_MAX_NAME_CHARS].strip("_")
    return ExportedFile(f"{stem or 'conversation'}.{form}", data)


def conversation_as_json(conversation: Conversation) -> str:
    """The conversation as one JSON object; each `answer` is as `rag schema` publishes it."""
    heading = conversation.heading
    record = {
        "format": FORMAT_VERSION,
        "title": heading.title,
        "changed": heading.changed,
        "turns": [
            {
                "answered": turn.answered,
                "verdict": turn.verdict or None,
                "versions": dict(turn.versions),
                "text": turn.answer.text,
                "answer": dict(turn.record),
            }
            for turn in conversation.turns
        ],
    }
    return as_json(record, indent=2) + "\n"


def conversation_as_markdown(conversation: Conversation, documents: Mapping[str, Document]) -> str:
    """The conversation as Markdown; citations that no longer stand say so."""
    turns = (part for turn in conversation.turns for part in _turn(turn, documents))
    return "\n\n".join([f"# {one_line(conversation.heading.title)}", *turns]) + "\n"


def _turn(turn: KeptTurn, documents: Mapping[str, Document]) -> list[str]:
    versions = ", ".join(f"{name} {value}" for name, value in turn.versions.items())
    facts = one_line(f"{turn.answered} · {versions}")
    return [
        f"## {one_line(turn.answer.question)}",
        *answer_paragraphs(turn.answer, documents),
        f"*{facts}*",
    ]
