"""What is looked at: a stretch of a document, as the page's addresses name it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from rag.types import Document, Span

PREFIX = "source"
# Longer ones are cut: no citation is, but an address may say anything.
_MAX_SPAN_CHARS = 20_000
_MAX_ANSWERS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a document and the answer's own characters in it.

    Attributes:
        document_id: The document.
        document_hash: What it was read from, so that offsets are never held against another text.
        span: The stretch, in the canonical text.
        answers: The answer's characters, same offsets.
    """

    document_id: str
    document_hash: str
    span: Span
    answers: tuple[Span, ...] = ()

    @classmethod
    def of(cls, document: Document, span: Span, answers: Sequence[Span] = ()) -> "Place":
        """The place of a stretch of `document`."""
        return cls(document.document_id, document.document_hash, span, tuple(answers))

    def address(self, view: str, **more: int | str) -> str:
        """The address, relative to the page, at which `view` shows this place."""
        answers = ",".join(f"{span.start}-{span.end}" for span in self.answers[:_MAX_ANSWERS])
        named = {
            "document": self.document_id,
            "hash": self.document_hash,
            "start": self.span.start,
            "end": self.span.end,
            "answers": answers,
            **more,
        }
        return f"{PREFIX}/{view}?{urlencode(named, errors='surrogatepass')}"


def parse_place(given: Mapping[str, str]) -> Place:
    """The place that an address names.

    Raises:
        ValueError: It names none.
    """
    start = offset(given, "start")
    span = Span(start, min(offset(given, "end"), start + _MAX_SPAN_CHARS))
    return Place(given.get("document", ""), given.get("hash", ""), span, _answers(given))


def offset(given: Mapping[str, str], name: str) -> int:
    """The number from 0 that an address gives under `name`.

    Raises:
        ValueError: There is none.
    """
    written = given.get(name, "")
    if not (written.isascii() and written.isdecimal() and len(written) <= 12):
        raise ValueError(f"{name} is {written[:20]!r}; expected a number from 0")
    return int(written)


def _answers(given: Mapping[str, str]) -> tuple[Span, ...]:
    pairs = [pair.partition("-") for pair in given.get("answers", "").split(",") if pair]
    return tuple(
        Span(offset({"answers": start}, "answers"), offset({"answers": end}, "answers"))
        for start, _, end in pairs[:_MAX_ANSWERS]
    )
