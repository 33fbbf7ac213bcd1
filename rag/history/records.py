"""Answers as they are kept, in the published form, and back."""

import json
from collections.abc import Mapping
from typing import Any

from rag.headings import section_path
from rag.types import Answer, Chunk, Citation, Document, Passage, Side, Span


class BrokenRecordError(ValueError):
    """What was kept is not what was written."""


AnswerRecord = Mapping[str, Any]  # Any: as JSON is read; `answer_schema.json` says what it holds.


def answer_of(record: AnswerRecord, shown: str, documents: Mapping[str, Document]) -> Answer:
    """The answer that `answer_record` made `record` of.

    Args:
        record: What was kept.
        shown: The answer's text with its marks.
        documents: The reports as they are now: a passage that still stands has its headings
            again. What was not kept (ids and ranks of retrieval) is made up in order.

    Raises:
        BrokenRecordError: The record is not one of an answer.
    """
    try:
        return Answer(
            question=record["question"],
            text=shown,
            short="" if record["abstained"] else record["answer"],
            citations=tuple(map(_citation, record["citations"])),
            confidence=float(record["confidence"]),
            abstained=bool(record["abstained"]),
            passages=tuple(
                _passage(rank, passage, documents)
                for rank, passage in enumerate(record["passages"], start=1)
            ),
            seconds=float(record["seconds"]),
            understood=record["understood"],
            sides=tuple(map(_side, record["sides"])),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise BrokenRecordError(f"a kept answer cannot be read ({exc!r})") from exc


def parse_record(text: str) -> dict[str, Any]:
    """The JSON object that was kept as `text`.

    Raises:
        BrokenRecordError: It is none.
    """
    try:
        record = json.loads(text)
    except ValueError as exc:
        raise BrokenRecordError(f"a kept answer is no JSON ({exc})") from exc
    if not isinstance(record, dict):
        raise BrokenRecordError(f"a kept answer is {type(record).__name__}; expected a JSON object")
    return record


def _citation(record: AnswerRecord) -> Citation:
    return Citation(
        mark=record["mark"],
        document_id=record["document"],
        title=record["title"],
        section=tuple(record["section"]),
        span=_span(record),
        text=record["text"],
        answer_spans=tuple(map(_span, record["answer_spans"])),
        page=record["page"],
    )


def _passage(rank: int, record: AnswerRecord, documents: Mapping[str, Document]) -> Passage:
    span, text = _span(record), record["text"]
    document = documents.get(record["document"])
    still_stands = document is not None and span.of(document.text) == text
    section = section_path(document.sections, span.start) if document and still_stands else ()
    chunk = Chunk("", record["document"], span, text, "", section)
    return Passage(chunk, float(record["score"]), rank, "kept")


def _side(record: AnswerRecord) -> Side:
    return Side(record["place"], record["answer"], tuple(record["marks"]))


def _span(record: AnswerRecord) -> Span:
    return Span(record["start"], record["end"])
