from dataclasses import replace

import pytest

from rag.exports import answer_as_gbt, gbt_reference


@pytest.fixture
def citation(answer):
    return answer.citations[0]


def test_a_report_without_pages_is_cited_by_year_covered_and_heading(citation, document):
    expected = "[1] 松溪县总结[R]. [出版地不详]: [出版者不详], [2020]: “产业”."
    assert gbt_reference(citation, document) == expected


def test_the_year_of_publication_and_the_page_come_first(citation, document):
    told = gbt_reference(replace(citation, page=12), replace(document, published="2021-03"))
    assert told == "[1] 松溪县总结[R]. [出版地不详]: [出版者不详], 2021: 12."


def test_the_place_is_told_where_the_title_does_not_name_it(citation, document):
    told = gbt_reference(replace(citation, title="工作总结。"), document)
    assert told.startswith("[1] 工作总结: 松溪县[R]. ")


def test_a_report_that_left_the_shelf_has_no_year(citation):
    assert "[出版者不详], [出版年不详]: " in gbt_reference(citation, None)


def test_a_foreign_title_has_the_words_for_foreign_ones(citation, document):
    told = gbt_reference(
        replace(citation, title="Annual Report", section=()),
        replace(document, place=None, years=()),
    )
    assert told == "[1] Annual Report[R]. [S.l.]: [s.n.], [n.d.]."


def test_the_copied_form_has_the_answer_and_a_list_of_references(answer, document):
    lines = answer_as_gbt(answer, {"songxi": document}).splitlines()
    assert lines[:3] == [answer.question, "41座 [1]", "参考文献"]
    assert lines[3].startswith("[1] 松溪县总结[R]. ")


def test_a_refusal_has_no_references(answer):
    silent = replace(answer, text="没有。", citations=(), abstained=True)
    assert answer_as_gbt(silent, {}) == f"{answer.question}\n没有。"
