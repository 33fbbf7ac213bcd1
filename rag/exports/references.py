"""References to reports in the form of GB/T 7714-2015, numbered as the answer's marks."""

import re

from rag.types import Citation, Document

_HAN = re.compile("[\u3400-\u9fff]")
_YEAR = re.compile(r"\d{4}")
_END = " .．。"


def gbt_reference(citation: Citation, document: Document | None) -> str:
    """The reference of one citation, such as `[1] title[R]. [S.l.]: [s.n.], 2020: 3.`.

    Of the elements that GB/T 7714-2015 (8.1 to 8.8) asks of a report the title, the year and the
    page are known. No author is written, since none is known; the place that the report is about
    stands as other title information where the title does not name it; place of publication and
    publisher are said to be unknown in the standard's words. The year is that of publication;
    where only the years covered are known, the last of them in brackets, as the standard has it
    for an estimated year. A report without pages is cited by its headings, which is our addition.

    Args:
        citation: What is cited.
        document: Its report as it is now; None if it left the shelf.
    """
    title = " ".join(citation.title.split()).rstrip(_END)
    is_chinese = _HAN.search(title) is not None
    about = _about(title, document)
    imprint = "[出版地不详]: [出版者不详]" if is_chinese else "[S.l.]: [s.n.]"
    year = _year(document) or ("[出版年不详]" if is_chinese else "[n.d.]")
    return f"[{citation.mark}] {title}{about}[R]. {imprint}, {year}{_where(citation)}."


def _about(title: str, document: Document | None) -> str:
    place = document.place if document else None
    return f": {place}" if place and place not in title else ""


def _year(document: Document | None) -> str:
    if document is None:
        return ""
    published = _YEAR.match(document.published or "")
    if published:
        return published[0]
    return f"[{max(document.years)}]" if document.years else ""


def _where(citation: Citation) -> str:
    if citation.page is not None:
        return f": {citation.page}"
    path = " ".join(" ".join(title.split()) for title in citation.section)
    return f": “{path.rstrip(_END)}”" if path else ""
