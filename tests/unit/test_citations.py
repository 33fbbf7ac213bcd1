import random
from dataclasses import replace
from typing import Any

import pytest

from rag.chunking import chunk_document
from rag.citations import cite, cite_answer, ground, merge, verify
from rag.metadata import describe
from rag.reader.base import Reading
from rag.types import Answer, Chunk, Citation, Document, Side, Span

TEXT = (
    "溪口县道路建设工作报告\n\n一、成效\n2019年，溪口县修路300公里；架桥12座，投资1.5亿元。"
    "通水3万人。（一）经验\n\n二、打算\n再修路100公里。"
)
DOCUMENT = describe("xikou", "h", TEXT)


def chunk_of(document: Document, start: int, end: int) -> Chunk:
    return Chunk("c", document.document_id, Span(start, end), document.text[start:end], "头")


WHOLE = chunk_of(DOCUMENT, 0, len(DOCUMENT.text))


def spans_of(chunk: Chunk, *texts: str) -> list[Span]:
    return [Span(at := chunk.text.index(text), at + len(text)) for text in texts]


def test_evidence_is_the_whole_sentence_around_the_answer():
    citation = cite(WHOLE, spans_of(WHOLE, "12座"), DOCUMENT)
    assert citation.text == "2019年，溪口县修路300公里；架桥12座，投资1.5亿元。"
    assert citation.section == ("成效",)
    assert (citation.mark, citation.title) == (1, "溪口县道路建设工作报告")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("全县搬迁1204户。其中2019年搬迁98户。", "全县搬迁1204户。其中2019年搬迁98户。"),
        ("全县搬迁1204户。该项目投资98户。", "全县搬迁1204户。该项目投资98户。"),
        ("全县搬迁1204户。其他乡镇搬迁98户。", "其他乡镇搬迁98户。"),
        ("全县搬迁1204户。2019年搬迁98户。", "2019年搬迁98户。"),
        ("全县搬迁1204户。\n\n其中2019年搬迁98户。", "其中2019年搬迁98户。"),
        ("其中2019年搬迁98户。", "其中2019年搬迁98户。"),
    ],
)
def test_a_sentence_that_points_back_is_quoted_with_the_one_before(text: str, quoted: str):
    chunk = chunk_of(describe("a", "h", text), 0, len(text))
    citation = cite(chunk, spans_of(chunk, "98户"), describe("a", "h", text))
    assert citation.text == quoted


def test_spans_are_counted_in_the_document():
    start = DOCUMENT.text.index("二、")
    chunk = chunk_of(DOCUMENT, start, len(DOCUMENT.text))
    citation = cite(chunk, spans_of(chunk, "100公里"), DOCUMENT)
    assert citation.text == "再修路100公里。"
    assert citation.answer_spans[0].of(DOCUMENT.text) == "100公里"


def test_several_spans_are_quoted_from_first_to_last_sentence():
    citation = cite(WHOLE, spans_of(WHOLE, "3万人", "1.5亿元"), DOCUMENT)
    assert [span.of(DOCUMENT.text) for span in citation.answer_spans] == ["1.5亿元", "3万人"]
    assert citation.text.startswith("2019年")
    assert citation.text.endswith("通水3万人。")


def test_absurdly_long_sentence_is_quoted_in_part():
    text = "，".join(f"第{n}村修路{n}公里" for n in range(100)) + "。"
    document = describe("long", "h", text)
    chunk = chunk_of(document, 0, len(text))
    citation = cite(chunk, spans_of(chunk, "第70村修路70公里"), document)
    assert len(citation.text) <= 300
    assert "第70村修路70公里" in citation.text


@pytest.mark.parametrize("seed", range(20))
def test_quoted_text_is_exactly_the_documents(seed: int):
    rng = random.Random(seed)
    chunk = rng.choice(chunk_document(DOCUMENT, 50))
    start = rng.randrange(len(chunk.text))
    span = Span(start, rng.randint(start + 1, len(chunk.text)))
    citation = cite(chunk, [span], DOCUMENT)
    assert citation.text == citation.span.of(DOCUMENT.text)
    (answer,) = citation.answer_spans
    assert answer.of(DOCUMENT.text) == span.of(chunk.text)
    assert citation.span.start <= answer.start < answer.end <= citation.span.end


@pytest.mark.parametrize("spans", [[Span(0, 10_000)], [Span(3, 3)], []])
def test_spans_outside_the_chunk_are_refused(spans: list[Span]):
    with pytest.raises(ValueError, match="span"):
        cite(WHOLE, spans, DOCUMENT)


def test_chunk_of_another_text_is_refused():
    with pytest.raises(ValueError, match="is not a part of document xikou"):
        cite(replace(WHOLE, text="别的"), [Span(0, 1)], DOCUMENT)


def test_far_apart_parts_have_marks_of_their_own():
    text = "修路300公里。" + "全县上下一心，持续奋斗，面貌一新。" * 30 + "架桥12座。"
    document = describe("far", "h", text)
    chunk = chunk_of(document, 0, len(text))
    citations = cite_answer(chunk, spans_of(chunk, "300公里", "12座"), document)
    assert [(c.mark, c.text) for c in citations] == [(1, "修路300公里。"), (2, "架桥12座。")]


def test_citations_of_one_place_are_merged():
    first, second = (cite(WHOLE, spans_of(WHOLE, t), DOCUMENT) for t in ("12座", "1.5亿元"))
    (merged,) = merge([first, second])
    assert merged.mark == 1
    assert merged.answer_spans == (*first.answer_spans, *second.answer_spans)


def reading(text: str, *spans: Span, passage: int | None = 0) -> Reading:
    return Reading(text, passage, spans, 0.9, False)


PASSAGE = "发展茶叶、油茶和中药材，修路300公里。"


def test_answer_at_its_spans_is_grounded():
    found = ground(reading("茶叶", Span(2, 4)), [PASSAGE])
    assert found is not None
    assert found.spans == (Span(2, 4),)


def test_list_is_grounded_whatever_separates_it():
    found = ground(reading("茶叶，油茶，中药材", Span(2, 4), Span(5, 7), Span(8, 11)), [PASSAGE])
    assert found is not None
    assert len(found.spans) == 3


def test_answer_that_stands_in_the_passage_needs_no_spans():
    found = ground(reading("300公里"), [PASSAGE])
    assert found is not None
    assert found.spans[0].of(PASSAGE) == "300公里"


@pytest.mark.parametrize(
    "wrong",
    [
        reading("400公里", Span(14, 19)),
        reading("400公里"),
        reading("300公里", Span(0, 2)),
        reading("茶叶、水稻", Span(2, 4)),
        reading("茶叶", Span(900, 902), passage=3),
        reading("", passage=None),
        reading("、", Span(4, 5)),
    ],
)
def test_answer_not_made_of_the_passage_is_not_grounded(wrong: Reading):
    assert ground(wrong, [PASSAGE]) is None


REPORT = describe("a", "h", "甲县报告\n2019年甲县搬迁1204户5020人。全县有98个村。")
OTHER = describe("b", "h", "乙县报告\n2019年乙县搬迁1108户4020人。全县有98个村。")
SHELF = {"a": REPORT, "b": OTHER}


def answered(short: str, *citations: Citation, **changes: Any) -> Answer:
    text = f"{short} {''.join(f'[{c.mark}]' for c in citations)}"
    return replace(Answer("搬迁多少户？", text, short, citations, 0.9, False, (), 0.1), **changes)


def cited(document: Document, words: str, mark: int = 1) -> Citation:
    chunk = chunk_of(document, 0, len(document.text))
    return cite(chunk, spans_of(chunk, words), document, mark)


def test_an_answer_that_its_citations_prove_is_kept():
    for answer in (
        answered("1204户", cited(REPORT, "1204户")),
        answered("1204户、98个", cited(REPORT, "1204户"), cited(REPORT, "98个", 2)),
        answered("是：1204户", cited(REPORT, "1204户")),
    ):
        assert verify(answer, SHELF) == answer


@pytest.mark.parametrize(
    "answer",
    [
        answered("1205户", cited(REPORT, "1204户")),
        answered("1204人", cited(REPORT, "1204户")),
        answered("1204户", replace(cited(REPORT, "1204户"), document_id="b")),
        answered("1204户", replace(cited(REPORT, "1204户"), document_id="gone")),
        answered("1204户", cited(OTHER, "1108户")),
        answered("1204户", replace(cited(REPORT, "1204户"), text="搬迁1204户")),
        answered("1204户"),
    ],
)
def test_an_answer_that_its_citations_do_not_prove_is_withdrawn(answer):
    withdrawn = verify(answer, SHELF)
    assert (withdrawn.abstained, withdrawn.short, withdrawn.citations) == (True, "", ())
    assert withdrawn.text == "报告中没有找到这个问题的答案。"
    assert withdrawn.confidence == 0


def test_a_citation_that_shows_something_else_loses_its_mark():
    answer = answered("1204户", cited(REPORT, "1204户"), cited(OTHER, "98个", 2))
    kept = verify(answer, SHELF)
    assert kept.text == "1204户 [1]"
    assert [citation.mark for citation in kept.citations] == [1]


def test_an_update_that_changes_the_text_withdraws_the_answer():
    answer = answered("1204户", cited(REPORT, "1204户"))
    newer = describe("a", "h2", REPORT.text.replace("1204", "1304"))
    assert verify(answer, {"a": newer}).abstained


def test_of_a_comparison_the_sides_are_checked():
    sides = (Side("甲县", "1204户", (1,)), Side("乙县", "1108户", (2,)))
    citations = cited(REPORT, "1204户"), cited(OTHER, "1108户", 2)
    answer = answered("甲县", *citations, sides=sides)
    assert verify(answer, SHELF) == answer
    assert verify(answer, {"a": REPORT}).abstained


def test_page_is_where_the_evidence_starts():
    start = TEXT.index("通水")
    pages = (Span(0, start - 5), Span(start - 5, start - 5), Span(start - 5, len(TEXT)))
    document = replace(DOCUMENT, pages=pages)
    assert cite(WHOLE, spans_of(WHOLE, "12座"), document).page == 1
    assert cite(WHOLE, spans_of(WHOLE, "3万人"), document).page == 3
    assert cite(WHOLE, spans_of(WHOLE, "3万人"), DOCUMENT).page is None
