"""Questions held to chosen reports or years."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import FilterError
from rag.types import Document

_MAX_NAMED = 5


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

    @classmethod
    def parse(cls, documents: object, years: object) -> "ReportFilter":
        """The filter for what a program sent: lists, or None for no condition.

        Raises:
            FilterError: One of them is something else.
        """
        names = _items("documents", documents)
        for name in names:
            if not isinstance(name, str):
                raise FilterError("documents", f"documents has {name!r}; expected ids of reports")
        numbers = _items("years", years)
        for year in numbers:
            if not isinstance(year, int) or isinstance(year, bool):
                raise FilterError("years", f"years has {year!r}; expected whole numbers like 2019")
        return cls.of(names, numbers)

    def apply(self, shelf: Mapping[str, Document]) -> dict[str, Document]:
        """The reports of `shelf` that fit, in its order.

        Raises:
            FilterError: A report is not on the shelf, or none fits.
        """
        if unknown := sorted(self.documents - shelf.keys()):
            raise FilterError(
                "documents",
                f"there is no report {unknown[0]!r} on the shelf to ask only (there are: "
                f"{_named(list(shelf))}); choose others, or clear the filter",
            )
        kept = {name: document for name, document in shelf.items() if self._fits(document)}
        if not kept:
            asked = self.documents or shelf
            covered = sorted({year for name in asked for year in shelf[name].years})
            raise FilterError(
                "years",
                f"none of the reports asked covers {_named(sorted(self.years))} (they cover: "
                f"{_named(covered) or 'unknown years'}); choose other years, or clear the filter",
            )
        return kept

    def _fits(self, document: Document) -> bool:
        is_chosen = not self.documents or document.document_id in self.documents
        return is_chosen and (not self.years or not self.years.isdisjoint(document.years))


def _items(field: str, given: object) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise FilterError(field, f"{field} is {given!r}; expected a list, or nothing for all")
    return given


def _named(items: Sequence[object]) -> str:
    n_more = len(items) - _MAX_NAMED
    named = ", ".join(map(str, items[:_MAX_NAMED]))
    return f"{named} and {n_more} more" if n_more > 0 else named
