from dataclasses import replace

from rag.evaluation.citation_metrics import (
    citation_precision,
    citation_recall,
    count_inexact,
    right_report,
)
from rag.evaluation.evidence import Evidence, Place
from rag.types import Citation, Document, Span

TEXT = "青河县共有12户。全县投入5.2亿元。修路30公里。"
DOCUMENTS = {"river": Document("river", "0", TEXT, "青河县报告")}
MONEY = Evidence("投入5.2亿元", (Place("river", Span(11, 18)),))
ROAD = Evidence("修路30公里", (Place("river", Span(19, 25)),))
LOST = Evidence("没有", ())


def cite(start: int, end: int) -> Citation:
    span = Span(start, end)
    return Citation(1, "river", "", (), span, span.of(TEXT), (span,))


def test_precision_is_the_share_of_citations_that_show_evidence():
    assert citation_precision([cite(9, 19), cite(0, 9)], [MONEY]) == 0.5


def test_citation_within_the_evidence_shows_it():
    assert citation_precision([cite(13, 14)], [MONEY]) == 1


def test_precision_without_citations_is_undefined_and_without_evidence_is_zero():
    assert citation_precision([], [MONEY]) is None
    assert citation_precision([cite(0, 9)], []) == 0


def test_recall_is_the_share_of_located_evidence_that_is_shown():
    assert citation_recall([cite(9, 19)], [MONEY, ROAD, LOST]) == 0.5
    assert citation_recall([], [MONEY]) == 0
    assert citation_recall([cite(9, 19)], [LOST]) is None


def test_exact_citations_are_not_counted():
    assert count_inexact([cite(0, 9), cite(9, 19)], DOCUMENTS) == 0


def test_each_kind_of_inexact_citation_is_counted():
    good = cite(0, 9)
    bad = [
        replace(good, text=good.text + "！"),
        replace(good, span=Span(1, 10)),
        replace(good, span=Span(0, 999)),
        replace(good, document_id="hill"),
        replace(good, answer_spans=(Span(8, 12),)),
        replace(good, span=Span(3, 3), text="", answer_spans=()),
    ]
    assert count_inexact(bad, DOCUMENTS) == len(bad)


def test_right_report_is_the_share_of_citations_from_the_right_reports():
    other = replace(cite(0, 9), document_id="sea")
    assert right_report([cite(0, 9), other], ["river"]) == 0.5
    assert right_report([other], ["river", "sea"]) == 1
    assert right_report([], ["river"]) is None
    assert right_report([other], []) is None
