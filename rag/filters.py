"""Questions held to chosen reports or years."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rag.errors import QuestionError
from rag.types import Document


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports a question is held to; without any condition, all of them.

    Attributes:
        documents: Ids of the reports; empty means every report.
        years: Only reports that cover one of these years; empty means whatever the years. A
            report whose years are unknown covers none.
    """

    documents: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()

    @classmethod
    def of(cls, documents: Collection[str], years: Collection[int]) -> "ReportFilter":
        """The filter for these ids and years."""
        return cls(frozenset(documents), frozenset(years))

    @property
    def is_on(self) -> bool:
        """True if there is a condition."""
        return bool(self.documents or self.years)

    def apply(self, shelf: Mapping[str, Document]) -> dict[str, Document]:
        """The reports of `shelf` that fit, in its order.

        Raises:
            QuestionError: A report is not on the shelf, or none fits.
        """
        if unknown := sorted(self.documents - shelf.keys()):
            raise QuestionError(
                f"there is no report {unknown[0]!r} on the shelf to ask only; "
                "choose others, or clear the filter"
            )
        kept = {name: document for name, document in shelf.items() if self._fits(document)}
        if not kept:
            wanted = ", ".join(map(str, sorted(self.years)))
            raise QuestionError(
                f"none of the reports asked covers {wanted}; choose other years, "
                "or clear the filter"
            )
        return kept

    def _fits(self, document: Document) -> bool:
        is_chosen = not self.documents or document.document_id in self.documents
        return is_chosen and (not self.years or not self.years.isdisjoint(document.years))
