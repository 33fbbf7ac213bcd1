"""Where gold evidence stands in the reports, whatever the width and the white space."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.evaluation.questions import Question
from rag.types import Document, Span

_MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a report."""

    document_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """A gold stretch of text and every place where it stands (a report may repeat itself)."""

    text: str
    places: tuple[Place, ...]

    def is_shown_by(self, place: Place) -> bool:
        """True if `place` covers at least half of this evidence, wherever it stands."""
        return any(
            gold.document_id == place.document_id
            and _n_shared(gold.span, place.span) >= _MIN_SHARE * len(gold.span)
            for gold in self.places
        )


class EvidenceLocator:
    """Finds gold evidence in documents; each document is squeezed once."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._squeezed = {name: _squeeze(document.text) for name, document in documents.items()}

    def locate(self, question: Question) -> tuple[Evidence, ...]:
        """The evidence of `question`, with its places in the question's own reports.

        A question that names no report is looked up in all of them. Evidence without places was
        not found.
        """
        names = question.documents or tuple(self._squeezed)
        return tuple(Evidence(text, self._places(text, names)) for text in question.evidence)

    def _places(self, text: str, names: Sequence[str]) -> tuple[Place, ...]:
        wanted = squeeze(text)
        known = [name for name in names if name in self._squeezed]
        return tuple(
            Place(name, span) for name in known for span in self._squeezed[name].find(wanted)
        )


def squeeze(text: str) -> str:
    """`text` in half width and lower case, without white space."""
    return _squeeze(text).text


@dataclass(frozen=True, slots=True)
class _Squeezed:
    text: str
    offsets: tuple[int, ...]

    def find(self, wanted: str) -> list[Span]:
        found: list[Span] = []
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            found.append(Span(self.offsets[at], self.offsets[at + len(wanted) - 1] + 1))
            at = self.text.find(wanted, at + len(wanted))
        return found


def _squeeze(text: str) -> _Squeezed:
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character).casefold():
            if not folded.isspace():
                characters.append(folded)
                offsets.append(offset)
    return _Squeezed("".join(characters), tuple(offsets))


def _n_shared(a: Span, b: Span) -> int:
    return max(0, min(a.end, b.end) - max(a.start, b.start))
