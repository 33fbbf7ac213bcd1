"""What the command line prints: answers, passages and documents as records and as text.

The fields of the records are a contract: other programs read them. Add to them, never rename.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rag.controls import escaped_in_json, without_commands
from rag.reader.base import Reading
from rag.types import Answer, Citation, Document, Passage, Span

if TYPE_CHECKING:
    from rag.shelf import Entry

Record = dict[str, object]

_MAX_SHOWN_CHARS = 160


def emit(text: str) -> None:
    """Write `text` and a line end to standard output, and flush: readers of a pipe wait for it.

    Control characters, which a terminal would obey, are shown as U+FFFD.
    """
    sys.stdout.write(without_commands(text) + "\n")
    sys.stdout.flush()


def as_json(record: Mapping[str, object], *, indent: int | None = None) -> str:
    """`record` as JSON, in the script it is written in; control characters are escaped."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=indent)
    return escaped_in_json(text)


def answer_record(question_id: str | int | None, answer: Answer) -> Record:
    """One line of `ask --jsonl`; `answer` is what is shown, without marks."""
    return {
        "id": question_id,
        "question": answer.question,
        "answer": answer.text if answer.abstained else answer.short,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "citations": [_citation_record(citation) for citation in answer.citations],
        "passages": [passage_record(passage) for passage in answer.passages],
        "seconds": answer.seconds,
        "understood": answer.understood,
        "sides": [asdict(side) for side in answer.sides],
    }


def reading_record(question_id: str | int, reading: Reading, seconds: float) -> Record:
    """One line of `read --jsonl`; `passage` counts from 0, offsets are into that passage."""
    spans = reading.spans
    return {
        "id": question_id,
        "answer": reading.answer,
        "abstained": reading.abstained,
        "confidence": reading.confidence,
        "passage": reading.passage,
        "start": min(span.start for span in spans) if spans else None,
        "end": max(span.end for span in spans) if spans else None,
        "seconds": seconds,
    }


def passage_record(passage: Passage) -> Record:
    """A retrieved passage: where it stands and what it says."""
    chunk = passage.chunk
    return {
        "document": chunk.document_id,
        "start": chunk.span.start,
        "end": chunk.span.end,
        "text": chunk.text,
        "score": passage.score,
    }


def stretch_record(document: Document, span: Span) -> Record:
    """What a report says within `span`, which must lie in its text."""
    return {
        "document": document.document_id,
        "title": document.title,
        **_span_record(span),
        "text": span.of(document.text),
        "n_chars": len(document.text),
    }


def document_record(document: Document) -> Record:
    """What is known of a report, without its text."""
    return {
        "document": document.document_id,
        "title": document.title,
        "place": document.place,
        "years": list(document.years),
        "published": document.published,
        "n_chars": len(document.text),
        "hash": document.document_hash,
        "sections": [
            {"title": s.title, "level": s.level, **_span_record(s.span)} for s in document.sections
        ],
        "repeated": [_span_record(span) for span in document.repeated],
        "pages": [_span_record(span) for span in document.pages],
    }


def answer_text(answer: Answer) -> str:
    """An answer with its confidence and sources, or with related passages, for people."""
    lines = [answer.text]
    if not answer.abstained:
        lines.append(f"confidence {answer.confidence:.0%}, {answer.seconds:.2f} s")
    lines.extend(_citation_text(citation) for citation in answer.citations)
    if answer.abstained and answer.passages:
        lines.append("related:")
        lines.extend(passage_text(passage) for passage in answer.passages)
    return "\n".join(lines)


def passage_text(passage: Passage) -> str:
    """A retrieved passage in two lines."""
    chunk = passage.chunk
    place = place_text(chunk.document_id, chunk.section, chunk.span)
    return f"{passage.rank:>3}. {passage.score:.4f}  {place}\n     {shorten(chunk.text)}"


def document_text(document: Document) -> str:
    """What is known of a report, for people."""
    facts = {
        "document": document.document_id,
        "title": document.title,
        "place": document.place or "unknown",
        "years": ", ".join(map(str, document.years)) or "unknown",
        "published": document.published or "unknown",
        "characters": str(len(document.text)),
        "repeated": str(sum(map(len, document.repeated))),
        "pages": str(len(document.pages)) if document.pages else "none",
    }
    sections = (
        f"{'  ' * section.level}{section.title}  [{section.span.start}:{section.span.end}]"
        for section in document.sections
    )
    return "\n".join([*(f"{name:<11} {value}" for name, value in facts.items()), *sections])


def entry_record(entry: "Entry") -> Record:
    """One line of `list --json`."""
    return {
        "document": entry.document_id,
        "title": entry.title,
        "place": entry.place,
        "years": list(entry.years),
        "n_pages": entry.n_pages,
        "n_chunks": entry.n_chunks,
        "source": entry.source,
        "status": entry.status.value,
        "problem": entry.problem,
    }


def entry_text(entry: "Entry") -> str:
    """A document on the shelf in three lines, for people."""
    facts = [
        entry.place or "place unknown",
        ", ".join(map(str, entry.years)) or "years unknown",
        *([f"{entry.n_pages} pages"] if entry.n_pages else []),
        f"{entry.n_chunks} chunks",
    ]
    status = f"{entry.status}: {entry.problem}" if entry.problem else entry.status
    lines = [entry.source or "not from a file", status]
    if entry.title is not None:
        lines = ["; ".join(facts), *lines]
    return "\n    ".join([f"{entry.document_id}  {entry.title or ''}".rstrip(), *lines])


def _citation_record(citation: Citation) -> Record:
    return {
        "mark": citation.mark,
        "document": citation.document_id,
        "title": citation.title,
        "section": list(citation.section),
        **_span_record(citation.span),
        "text": citation.text,
        "answer_spans": [_span_record(span) for span in citation.answer_spans],
        "page": citation.page,
    }


def _span_record(span: Span) -> Record:
    return {"start": span.start, "end": span.end}


def _citation_text(citation: Citation) -> str:
    place = place_text(citation.document_id, citation.section, citation.span)
    if citation.page is not None:
        place += f", page {citation.page}"
    return f"[{citation.mark}] {citation.title}  ({place})\n    {' '.join(citation.text.split())}"


def place_text(document_id: str, section: Sequence[str], span: Span) -> str:
    """Where a stretch of a report stands: its id, the headings above it, and its offsets."""
    return " > ".join([document_id, *section]) + f" [{span.start}:{span.end}]"


def shorten(text: str, max_chars: int = _MAX_SHOWN_CHARS) -> str:
    """`text` as one line of at most `max_chars` characters."""
    line = " ".join(text.split())
    return line if len(line) <= max_chars else line[: max_chars - 1] + "…"
