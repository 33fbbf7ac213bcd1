"""Answers, conversations and feedback in the forms in which they leave the program."""

from rag.exports.answer_text import answer_as_gbt, answer_as_markdown, answer_as_text
from rag.exports.conversation_files import ExportedFile, Form, export_conversation
from rag.exports.feedback_table import feedback_as_csv
from rag.exports.question_file import feedback_as_questions
from rag.exports.references import gbt_reference

__all__ = [
    "ExportedFile",
    "Form",
    "answer_as_gbt",
    "answer_as_markdown",
    "answer_as_text",
    "export_conversation",
    "feedback_as_csv",
    "feedback_as_questions",
    "gbt_reference",
]
