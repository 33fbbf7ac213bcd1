from dataclasses import replace

import pytest

from rag.explanation import Check, CheckName, Explanation, Outcome
from rag.ui.evidence import below_answer, sources_words
from rag.ui.reasons import reasons
from tests.fakes import make_explanation
from tests.html_reading import Reading
from tests.words import in_chinese


def link(mark: int) -> str:
    return f"<a>[{mark}]</a>"


def silent(answer, *failed: CheckName, **part) -> Explanation:
    quiet = replace(answer, citations=(), abstained=True)
    checks = tuple(
        Check(name, Outcome.FAILED if name in failed else Outcome.PASSED) for name in CheckName
    )
    explanation = make_explanation(quiet)
    (asked,) = explanation.parts
    return replace(explanation, parts=(replace(asked, answer="", checks=checks, **part),))


def test_the_evidence_stands_in_full_below_the_answer(answer):
    reading = Reading(below_answer(answer, None, link))
    assert reading.text == "新建电站41座,收入5.2亿元。 [1]"
    assert reading.marked == "41座"


def test_much_evidence_is_folded_up(answer):
    many = replace(answer, citations=answer.citations * 3)
    markup = below_answer(many, None, link)
    assert markup.startswith("<details")
    assert markup.count("<blockquote") == 3


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ((CheckName.OFFER,), "没有能回答的内容"),
        ((CheckName.OFFER, CheckName.YEAR), "别的年份"),
        ((CheckName.KIND, CheckName.OFFER), "不是所问的那一类"),
        ((CheckName.CONFIDENCE,), "把握不足。（12%，需要 50%）"),
        ((CheckName.CITATION,), "不能逐字落到原文"),
        ((CheckName.NUMBER,), "数字与出处不一致"),
    ],
)
def test_why_there_is_no_answer_is_told(answer, failed, told):
    explanation = silent(answer, *failed, confidence=0.12)
    shown = Reading(below_answer(explanation.answer, explanation, link)).text
    assert told in in_chinese(shown)


def test_an_unknown_place_is_told_by_the_answer_alone(answer):
    assert reasons(silent(answer, CheckName.PLACE)) == ()


def test_that_nothing_was_found_is_told(answer):
    (told,) = reasons(silent(answer, CheckName.OFFER, passages=()))
    assert "没有找到相关的段落" in told


def test_of_a_comparison_only_the_silent_sides_are_told(answer):
    explanation = silent(answer, CheckName.NUMBER)
    answered = make_explanation(answer).parts
    both = replace(explanation, parts=(*answered, *explanation.parts, *explanation.parts))
    assert len(reasons(both)) == 1


def test_without_an_explanation_an_abstention_gives_no_reason(answer):
    quiet = replace(answer, citations=(), abstained=True)
    assert below_answer(quiet, None, link) == ""


def test_the_link_of_an_abstention_leads_to_the_nearest_passages(answer):
    assert "最相近" in sources_words(replace(answer, citations=(), abstained=True))
    assert "来源" in sources_words(answer)
