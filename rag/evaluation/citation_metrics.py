"""Whether citations are exact and show the gold evidence: pure functions of an answer."""

from collections.abc import Collection, Mapping, Sequence

from rag.citations import stands
from rag.evaluation.evidence import Evidence, Place
from rag.types import Citation, Document


def citation_precision(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> float | None:
    """Share of the citations that show some gold evidence; None without citations.

    A citation shows evidence when it covers at least half of it, or lies within it. Citations for
    an unanswerable question show none.
    """
    if not citations:
        return None
    return sum(any(_shows(cited, gold) for gold in evidence) for cited in citations) / len(
        citations
    )


def citation_recall(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> float | None:
    """Share of the gold evidence that some citation shows; None if no evidence was located."""
    located = [gold for gold in evidence if gold.places]
    if not located:
        return None
    return sum(any(_shows(cited, gold) for cited in citations) for gold in located) / len(located)


def right_report(citations: Sequence[Citation], documents: Collection[str]) -> float | None:
    """Share of the citations from `documents`, the right ones; None without either."""
    if not citations or not documents:
        return None
    return sum(cited.document_id in documents for cited in citations) / len(citations)


def count_inexact(citations: Sequence[Citation], documents: Mapping[str, Document]) -> int:
    """How many citations are not, character for character, what their report says there.

    The quoted text must be `document.text[start:end]`, and each answer span must lie within it.
    """
    return sum(not stands(citation, documents) for citation in citations)


def _shows(citation: Citation, gold: Evidence) -> bool:
    place = Place(citation.document_id, citation.span)
    return gold.is_shown_by(place) or any(_lies_within(place, whole) for whole in gold.places)


def _lies_within(place: Place, whole: Place) -> bool:
    same_document = place.document_id == whole.document_id
    return same_document and whole.span.start <= place.span.start < place.span.end <= whole.span.end
