"""Feedback as CSV for a spreadsheet, which must not take an answer for a formula."""

import csv
import io
import re
from collections.abc import Sequence

from rag.controls import without_controls
from rag.history import Rating
from rag.output import as_json

_COLUMNS = (
    "given", "verdict", "reason", "question", "understood", "answer", "abstained", "confidence",
    "citations", "versions",
)  # fmt: skip
# What a spreadsheet takes for the start of a formula, also behind white space and in full width.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|\s")


def feedback_as_csv(ratings: Sequence[Rating]) -> str:
    """A row for each rating, in the order of `ratings`, below the names of the columns.

    A cell that a spreadsheet would compute gets an apostrophe in front (OWASP, "CSV Injection").
    """
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for rating in ratings:
        writer.writerow(map(guarded, _cells(rating)))
    return written.getvalue()


def guarded(cell: str) -> str:
    """`cell` as a spreadsheet shows it and never computes it."""
    shown = without_controls(cell)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def _cells(rating: Rating) -> list[str]:
    record = rating.record
    citations = (f"[{c['mark']}] {c['title']}: {c['text']}" for c in record["citations"])
    return [
        rating.given,
        rating.verdict.value,
        rating.reason,
        record["question"],
        record["understood"],
        record["answer"],
        str(record["abstained"]).lower(),
        f"{record['confidence']:.3f}",
        "\n".join(citations),
        as_json(dict(rating.versions)),
    ]
