"""Questions held to chosen reports or years."""

from collections.abc import Collection, Mapping

from rag.errors import QuestionError
from rag.types import Document


def chosen_reports(
    shelf: Mapping[str, Document], documents: Collection[str], years: Collection[int]
) -> dict[str, Document]:
    """The reports of `shelf` that a question is held to, in its order.

    Args:
        shelf: All reports, by id.
        documents: Ids of the reports to ask; empty means every report.
        years: Only reports that cover one of these years; empty means whatever the years. A
            report whose years are unknown covers none.

    Raises:
        QuestionError: A report is not on the shelf, or none fits.
    """
    ids, covered = frozenset(documents), frozenset(years)
    if unknown := sorted(ids - shelf.keys()):
        raise QuestionError(
            f"there is no report {unknown[0]!r} on the shelf to ask only; "
            "choose others, or clear the filter"
        )
    kept = {
        name: document
        for name, document in shelf.items()
        if (not ids or name in ids) and (not covered or not covered.isdisjoint(document.years))
    }
    if not kept:
        raise QuestionError(
            f"none of the reports asked covers {', '.join(map(str, sorted(covered)))}; "
            "choose other years, or clear the filter"
        )
    return kept
