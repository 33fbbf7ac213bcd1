"""Questions with their gold answers, read from JSON lines."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import QuestionError

UNANSWERABLE = "unanswerable"
"""The `type` of a question whose right answer is to abstain."""
UNJUDGED = "unjudged"
"""The `type` of a row that lists wrong answers to a question whose right answer is not known."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what is known of its answer.

    Attributes:
        id: Unique within its file.
        question: As a person asks it.
        lang: `zh`, `en` and so on.
        type: `number`, `date`, `entity`, `how`, `list`, `compare`, `yesno`, `other`,
            `unanswerable`.
        answers: Gold variants, any of which is right; empty when unanswerable.
        documents: Ids of the reports that hold the answer.
        evidence: Stretches of those reports that show it.
    """

    id: str
    question: str
    lang: str
    type: str
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def is_answerable(self) -> bool:
        """False if the right answer is to abstain."""
        return self.type != UNANSWERABLE


def load_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a JSON lines file, in order.

    A row is `{"id", "question", "lang", "type", "answers", "doc", "evidence"}`, where `doc` is
    the stem of a report's file, a list of them, or null. Rows of the type `unjudged`, which
    `rag feedback export` writes, have no gold answer to measure by and are passed over.

    Raises:
        QuestionError: The file cannot be read, holds no question, or a row is wrong; the message
            names the file and the line.
    """
    questions: list[Question] = []
    seen: set[str] = set()
    for place, line in read_lines(path):
        row = parse_row(place, line)
        if row.get("type") == UNJUDGED:
            continue
        question = _parse_question(place, row)
        if question.id in seen:
            raise QuestionError(f"{place}: id {question.id!r} was used before; ids must be unique")
        seen.add(question.id)
        questions.append(question)
    if not questions:
        raise QuestionError(f"{path}: holds no question; expected one JSON object a line")
    return tuple(questions)


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that are not blank, each with its place (`FILE line N`).

    Raises:
        QuestionError: The file cannot be read.
    """
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        if line.strip():
            yield f"{path} line {number}", line


def parse_row(place: str, line: str) -> Mapping[str, object]:
    """The JSON object that `line` holds.

    Raises:
        QuestionError: It holds none; the message starts with `place`.
    """
    try:
        row = json.loads(line)
    except ValueError as exc:
        raise QuestionError(f"{place}: not valid JSON ({exc})") from exc
    if not isinstance(row, dict):
        raise QuestionError(f"{place}: expected a JSON object, got {type(row).__name__}")
    return row


def text_field(place: str, row: Mapping[str, object], name: str) -> str:
    """The text under `name`.

    Raises:
        QuestionError: It is missing, not a string, or blank.
    """
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise QuestionError(f"{place}: {name!r} is {value!r}; expected a text that is not empty")
    return value


def texts_field(place: str, row: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The texts under `name`; none if it is missing or null.

    Raises:
        QuestionError: It is not a list of texts.
    """
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise QuestionError(f"{place}: {name!r} is {value!r}; expected a list of texts")
    return tuple(value)


def hash_questions(questions: Sequence[Question]) -> str:
    """SHA-256, in hex, of the questions and their gold answers."""
    rows = json.dumps([asdict(question) for question in questions], ensure_ascii=False)
    return hashlib.sha256(rows.encode()).hexdigest()


def _parse_question(place: str, row: Mapping[str, object]) -> Question:
    question = Question(
        id=text_field(place, row, "id"),
        question=text_field(place, row, "question"),
        lang=text_field(place, row, "lang"),
        type=text_field(place, row, "type"),
        answers=texts_field(place, row, "answers"),
        documents=_documents(place, row),
        evidence=texts_field(place, row, "evidence"),
    )
    if question.is_answerable != bool(question.answers):
        expected = "at least one answer" if question.is_answerable else "no answers"
        raise QuestionError(f"{place}: type {question.type!r} expects {expected}")
    return question


def _documents(place: str, row: Mapping[str, object]) -> tuple[str, ...]:
    document = row.get("doc")
    return (document,) if isinstance(document, str) else texts_field(place, row, "doc")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise QuestionError(f"cannot read questions from {path}: {exc}") from exc
