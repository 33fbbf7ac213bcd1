"""Example questions, made from the reports themselves."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice, zip_longest

from rag.types import Document

# A clause that ends in one number with its unit, such as `累计发放贷款3.2亿元`.
_FACT = re.compile(
    r"(?:^|[，。；,;\n])\s*(?P<subject>[\u4e00-\u9fff]{5,16})\d[\d,]*(?:\.\d+)?[亿万]?"
    r"(?P<unit>[元人户名个家座亩吨条所]|公里|[%％])(?=[，。；,;\n])"
)
# Words that make sense only next to what stands before them, and parts of dates and rankings.
_DEPENDENT = re.compile(r"^[其该这那他她它我本而且并又再共仅占]|分别|其中|第|[年月日]$|[近约超过]$")
_WHOLE = re.compile(r"^全[省市州县区镇乡村]")
_MAX_EXAMPLE_CHARS = 40
# Searching all texts of a long shelf for facts would hold the page up.
_MAX_REPORTS = 20


def example_questions(documents: Mapping[str, Document], max_examples: int = 4) -> list[str]:
    """Questions that the reports can be expected to answer, from different reports in turn."""
    per_report = [_questions(d) for d in islice(documents.values(), _MAX_REPORTS)]
    in_turn = chain.from_iterable(zip_longest(*(islice(qs, max_examples) for qs in per_report)))
    short = (q for q in in_turn if q is not None and len(q) <= _MAX_EXAMPLE_CHARS)
    return list(islice(dict.fromkeys(short), max_examples))


def _questions(document: Document) -> Iterator[str]:
    """A number that the report states, then its sections, then the report as a whole."""
    subject = document.place or f"《{document.title}》"
    yield from _number_questions(document, subject)
    for section in document.sections:
        yield f"{subject}在“{section.title}”方面做了什么？"
    yield f"{subject}取得了哪些主要成果？"


def _number_questions(document: Document, place: str) -> Iterator[str]:
    for match in _FACT.finditer(document.text):
        subject, unit = _WHOLE.sub("", match["subject"]), match["unit"]
        if len(subject) > 3 and not _DEPENDENT.search(subject):
            about = subject if place in subject else f"{place}{subject}"
            yield f"{about}{'百分之多少' if unit in '%％' else '多少' + unit}？"
