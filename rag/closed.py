"""What of a passage is kept from the reader, and what is read but not answered from."""

import re
from collections.abc import Iterable

from rag.dates import parse_years
from rag.other_figures import other_figures
from rag.periods import asked_years, other_times
from rag.types import Document, Span

_YEAR = re.compile(r"((?:19|20)\d{2})年度?")


def closed_to(
    question: str, read_as: str, text: str, document: Document, header: str = ""
) -> tuple[Span, ...]:
    """Stretches of `text` that do not answer `question`: other times, figures of other things.

    Args:
        question: As asked.
        read_as: The question as the reader is given it.
        text: A passage of `document`.
        document: The report.
        header: The passage's header.
    """
    return (*other_times(question, text, document, header), *other_figures(read_as, text))


def header_to_read(
    question: str, header: str, document: Document, shelf: Iterable[Document]
) -> str:
    """`header` without years that mislead a reader about what `document` speaks of.

    A report titled by its year tells of the years before it, and a reader takes the title for
    their denial. The year stays where the shelf has a report about the same place for the years
    asked for.

    Args:
        question: As asked.
        header: Of a passage of `document`.
        document: The report.
        shelf: All reports.
    """
    asked, titled = asked_years(question), parse_years(document.title)
    if not asked or not titled or max(asked) >= min(titled):
        return header
    others = (
        d for d in shelf if d.place == document.place and d.document_id != document.document_id
    )
    if any(asked & {*parse_years(other.title)} for other in others):
        return header
    return _YEAR.sub(lambda year: year.group() if int(year[1]) in asked else "", header)
