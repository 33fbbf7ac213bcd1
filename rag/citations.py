"""Answers to citations: exact places in the report, whole sentences around the answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.figures import unsupported
from rag.headings import section_path
from rag.reader.base import Reading
from rag.replies import no_answer, only_marks
from rag.sentences import split_long, split_sentences
from rag.types import Answer, Chunk, Citation, Document, Span

# A sentence longer than this is quoted from one inner mark of punctuation to another.
_MAX_EVIDENCE = 300
# How a sentence begins whose subject stands in the one before.
_POINTS_BACK = re.compile(
    "其中|其(?!他|它|余|次|实)|该|此(?!外|次|后|前)|上述|这(?!样)|前者|后者|它|他们|她们|两者"
)
_SEPARATORS = re.compile(r"[\s、,，;；和及与]+")


@dataclass(frozen=True, slots=True)
class Grounded:
    """An answer whose characters all stand in its passage.

    Attributes:
        text: The answer as it is shown.
        spans: Where its characters stand in the passage, in order.
    """

    text: str
    spans: tuple[Span, ...]


def ground(reading: Reading, passages: Sequence[str]) -> Grounded | None:
    """The answer if it is made of its passage's own characters; None if it is not.

    Spans outside the passage or without words are dropped. What is left must be the whole
    answer, separators of a list aside; without a span, the answer must stand in the passage as
    one piece. A yes/no answer is shown as its word with the evidence behind it.
    """
    if reading.passage is None or not 0 <= reading.passage < len(passages):
        return None
    text, passage = reading.text.strip(), passages[reading.passage]
    if not _SEPARATORS.sub("", text):
        return None
    grounded = Grounded(reading.answer.strip(), ())
    kept = [s for s in reading.spans if s.end <= len(passage) and s.of(passage).strip()]
    if kept and _bare("".join(span.of(passage) for span in kept)) == _bare(text):
        return replace(grounded, spans=tuple(sorted(kept)))
    start = -1 if kept else passage.find(text)
    return replace(grounded, spans=(Span(start, start + len(text)),)) if start >= 0 else None


def cite(chunk: Chunk, spans: Sequence[Span], document: Document, mark: int = 1) -> Citation:
    """The citation of an answer that stands at `spans` of the chunk's text.

    The quoted evidence is the whole sentences that hold the answer, so that the subject before
    it is seen; of a sentence of more than 300 characters, the part between inner punctuation.

    Raises:
        ValueError: There is no span, or one lies outside the chunk, or the chunk is not of
            this document.
    """
    if document.document_id != chunk.document_id or chunk.span.of(document.text) != chunk.text:
        raise ValueError(f"chunk {chunk.chunk_id} is not a part of document {document.document_id}")
    answer = tuple(sorted(_in_document(span, chunk) for span in spans))
    if not answer:
        raise ValueError("a citation needs at least one span of the answer")
    evidence = _evidence(chunk, answer)
    section = section_path(document.sections, evidence.start)
    text = evidence.of(document.text)
    page = document.page_at(evidence.start)
    return Citation(
        mark, document.document_id, document.title, section, evidence, text, answer, page
    )


def cite_answer(chunk: Chunk, spans: Sequence[Span], document: Document) -> tuple[Citation, ...]:
    """Citations of an answer, marked from 1: one, or several if its parts lie far apart."""
    groups: list[list[Span]] = []
    for span in sorted(spans):
        if groups and len(cite(chunk, [*groups[-1], span], document).span) <= _MAX_EVIDENCE:
            groups[-1].append(span)
        else:
            groups.append([span])
    return merge([cite(chunk, group, document) for group in groups])


def stands(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """True if the report still says there, character for character, what is quoted."""
    document = documents.get(citation.document_id)
    quoted = citation.span
    return (
        document is not None
        and len(quoted) > 0
        and quoted.end <= len(document.text)
        and quoted.of(document.text) == citation.text
        and all(quoted.start <= s.start < s.end <= quoted.end for s in citation.answer_spans)
    )


def verify(answer: Answer, documents: Mapping[str, Document]) -> Answer:
    """The answer with the citations that prove it; an abstention if they do not.

    A citation loses its mark if its report no longer says what is quoted, or if what it marks is
    not what the answer says. The figures of the answer must stand in the citations that are
    left, with value and unit. For answers from elsewhere, or from before an update.
    """
    if answer.abstained:
        return answer
    said = [side.answer for side in answer.sides] or [answer.short]
    known = _bare("".join([*said, answer.short, answer.question]))
    kept = tuple(
        c for c in answer.citations if stands(c, documents) and _marks_only(c, documents, known)
    )
    evidence = "\n".join(citation.text for citation in kept)
    if not kept or any(unsupported(each, evidence) for each in said):
        text = no_answer(answer.question)
        return replace(
            answer, text=text, short="", citations=(), sides=(), confidence=0.0, abstained=True
        )
    marks = {citation.mark for citation in kept}
    return replace(answer, text=only_marks(answer.text, marks), citations=kept)


def _marks_only(citation: Citation, documents: Mapping[str, Document], known: str) -> bool:
    """True if every answer span of the citation is a part of what is `known`."""
    text = documents[citation.document_id].text
    return all(_bare(span.of(text)) in known for span in citation.answer_spans)


def merge(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """Citations marked anew from 1, those of the same place made one."""
    merged: dict[tuple[str, Span], Citation] = {}
    for citation in citations:
        place = citation.document_id, citation.span
        first = merged.setdefault(place, replace(citation, mark=len(merged) + 1))
        spans = tuple(sorted({*first.answer_spans, *citation.answer_spans}))
        merged[place] = replace(first, answer_spans=spans)
    return tuple(merged.values())


def _in_document(span: Span, chunk: Chunk) -> Span:
    if not span or span.end > len(chunk.text):
        raise ValueError(
            f"span [{span.start}, {span.end}) is empty or outside the chunk's "
            f"{len(chunk.text)} characters"
        )
    return span.shift(chunk.span.start)


def _evidence(chunk: Chunk, answer: Sequence[Span]) -> Span:
    """From the start of the first sentence touched to the end of the last, in the document.

    A sentence that points back (`其中…`, `该项目…`) brings the one before it along.
    """
    text, offset = chunk.text, chunk.span.start
    pieces = [
        piece
        for sentence in split_sentences(text, _MAX_EVIDENCE)
        for piece in split_long(text, sentence, _MAX_EVIDENCE)
    ]
    shown = [span.shift(-offset) for span in answer]
    touched = [i for i, piece in enumerate(pieces) if any(piece.overlaps(s) for s in shown)]
    first, last = touched[0], touched[-1]
    if first > 0 and _POINTS_BACK.match(pieces[first].of(text)):
        before = text[pieces[first - 1].start : pieces[first].start]
        first -= 0 if "\n" in before else 1
    start = min(pieces[first].start, shown[0].start)
    return Span(start, max(pieces[last].end, shown[-1].end)).shift(offset)


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text)
