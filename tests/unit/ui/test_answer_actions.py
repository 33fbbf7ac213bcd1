from dataclasses import replace

from rag.ui.answer_actions import answer_actions, changed_marks, copy_texts
from rag.ui.conversation import Turn, advance, ask
from rag.ui.messages import messages
from rag.ui.sources import sources_panel
from tests.html_reading import Reading
from tests.words import in_chinese, in_english


def reply(answer, documents) -> str:
    return messages(advance(ask((), "q"), answer), documents)[-1]["content"]


def test_a_mark_stays_while_its_source_stands(answer, document):
    assert changed_marks(answer, {"songxi": document}) == frozenset()
    assert "rag&#45;mark" in reply(answer, {"songxi": document})


def test_a_mark_whose_report_is_gone_says_so(answer):
    content = reply(answer, {})
    assert "rag&#45;mark" not in content
    assert "source changed" in Reading(content).text


def test_a_mark_whose_report_changed_says_so(answer, document):
    changed = replace(document, text=document.text.replace("41", "42"))
    assert changed_marks(answer, {"songxi": changed}) == {1}


def test_the_sources_panel_says_so_in_place_of_the_mark(answer):
    markup = sources_panel(advance(ask((), "q"), answer), {})
    shown = Reading(markup[: markup.index("<pre")]).text
    assert "source changed" in shown
    assert "[1]" not in shown


def test_the_given_verdict_is_told(answer):
    plain = Reading(answer_actions(Turn(1, "q", answer=answer))).text
    rated = Reading(answer_actions(Turn(1, "q", answer=answer, verdict="wrong"))).text
    assert "noted" not in plain
    assert "✗ 不对（已记下）" in in_chinese(rated)
    assert "✗ Wrong (noted)" in in_english(rated)
    assert "✓ Right (noted)" not in in_english(rated)


def test_an_answer_that_was_not_kept_says_why_and_cannot_be_rated(answer):
    told = answer_actions(Turn(1, "q", answer=answer, unkept="x.db is <damaged>"))
    assert "x.db is <damaged>" in Reading(told).text
    assert "verdict" not in told


def test_each_form_of_copy_stands_in_an_element_of_its_own(answer, document):
    markup = copy_texts(answer, {"songxi": document})
    for form in ("text", "markdown", "gbt"):
        assert markup.count(f'class="rag&#45;copy&#45;{form}"') == 1
    assert "参考文献" in Reading(markup).text
