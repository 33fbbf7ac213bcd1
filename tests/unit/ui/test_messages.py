import re
from dataclasses import replace

import pytest

from rag.types import Side, Stage
from rag.ui.conversation import advance, ask, fail
from rag.ui.messages import confidence_words, messages, stage_words
from tests.fakes import make_answer
from tests.words import in_chinese, in_english


@pytest.fixture
def reply(document):
    """Gives what the last reply of a conversation shows."""
    return lambda turns: messages(turns, {document.document_id: document})[-1]["content"]


def test_marks_of_citations_are_links_to_their_sources(answer, reply):
    content = reply(advance(ask((), answer.question), answer))
    assert 'href="&#35;source&#45;1&#45;1"' in content
    assert "&#91;1&#93;</a>" in content


def test_numbers_in_brackets_that_are_no_citation_stay_text(answer, reply):
    content = reply(advance(ask((), "q"), replace(answer, text="见 [7]", citations=())))
    assert "source" not in content
    assert "&#91;7&#93;" in content


def test_the_answer_comes_with_confidence_in_words_and_percent(answer, reply):
    assert "可信度 高 92&#37;" in in_chinese(reply(advance(ask((), "q"), answer)))


def test_how_a_follow_up_was_understood_is_shown(answer, reply):
    assert "Searched as" not in reply(advance(ask((), "q"), answer))
    completed = replace(answer, understood="渠县<b>有多少村？")
    content = in_english(reply(advance(ask((), "q"), completed)))
    assert "Searched as&#58; 渠县&#60;b&#62;有多少村？" in content


def test_a_comparison_is_a_table_with_a_link_for_each_figure(answer, reply):
    sides = (Side("乙<县>", "500公里", (2,)), Side("甲县", "300公里", (1,)))
    content = reply(advance(ask((), "q"), replace(answer, short="乙<县>", sides=sides)))
    assert "<p>乙&#60;县&#62;</p><table" in content
    rows = re.findall(r"<tr><th.*?>(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", content)
    assert [row[1] for row in rows] == ["500公里", "300公里"]
    assert ["source&#45;1&#45;2" in rows[0][2], "source&#45;1&#45;1" in rows[1][2]] == [True, True]


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(1.0, "high 100%"), (0.8, "high 80%"), (0.5, "medium 50%"), (0.0, "low 0%")],
)
def test_confidence_words(confidence, words):
    assert in_english(confidence_words(confidence)) == f"Confidence {words}"


def test_abstaining_shows_the_sentence_and_no_confidence(answer, reply):
    silent = replace(answer, text="报告没有写。", short="", citations=(), abstained=True)
    content = reply(advance(ask((), "q"), silent))
    assert "报告没有写。" in content
    assert "未作答" in content
    assert "可信度" not in content


def test_stages_are_told_in_words():
    assert in_chinese(stage_words(None)) == "排队中…"
    assert in_chinese(stage_words(Stage("searching"))) == "检索中…"
    assert in_english(stage_words(Stage("reading", 5))) == "Reading 5 passages…"
    assert in_chinese(stage_words(Stage("checking", 5))) == "核对中…"


def test_a_problem_is_a_normal_message(reply):
    content = reply(fail(ask((), ""), "the question is <empty>"))
    assert "the question is &#60;empty&#62;" in content


def test_markup_in_questions_answers_and_reports_is_text(hostile):
    answer = make_answer(hostile.text, hostile, hostile.text, hostile.text, hostile.text)
    rows = messages(advance(ask((), hostile.text), answer), {hostile.document_id: hostile})
    for row in rows:
        assert "<img" not in row["content"]
        assert "**" not in row["content"]
        assert "$$" not in row["content"]
        assert "](" not in row["content"]


def test_a_huge_question_is_shown_shortened():
    content = messages(ask((), "问" * 10_000), {})[0]["content"]
    assert len(content) < 1000
    assert "10000" in content
