import re
from dataclasses import replace

from rag.explanation import Check, CheckName, Outcome, Role
from rag.ui.conversation import advance, ask
from rag.ui.sources import sources_panel
from rag.ui.why import why_panel
from tests.fakes import make_answer, make_explanation
from tests.html_reading import Reading
from tests.words import in_english


def test_it_is_closed_and_in_plain_tables(answer):
    markup = why_panel(make_explanation(answer))
    assert markup.startswith("<details class=")
    assert "open" not in markup[: markup.index(">")]
    assert set(Reading(markup).tags) == {
        "details", "summary", "table", "caption", "tr", "th", "td", "bdi"
    }  # fmt: skip


def test_each_step_is_told(answer):
    text = in_english(Reading(why_panel(make_explanation(answer))).text)
    for told in (
        "Words多少座电站？",
        "Years2019",
        "1 (0.900)–songxi › 产业 · ",
        "41座90.0%1chosen",
        "Refusal5.0%",
        "92.0%, 50.0%",
        "Its figures stand in the citationpassed",
        "1/3 candidates of another kind",
        "Search0.100Read0.200Check0.010All0.400",
    ):
        assert told in text


def test_rows_are_named_where_columns_are_not(answer):
    markup = in_english(why_panel(make_explanation(answer)))
    named = re.findall('<th scope="row"><bdi>(.*?)</bdi>', markup)
    assert {"Question", "Sure enough", "Search"} <= set(named)
    assert "41座" not in named


def test_a_failed_check_tells_what_made_it_fail(answer):
    explanation = make_explanation(answer)
    check = Check(CheckName.PLACE, Outcome.FAILED, ("乙县",))
    part = replace(explanation.parts[0], checks=(check,), threshold=None, role=Role.UNIT)
    text = in_english(Reading(why_panel(replace(explanation, parts=(part,)))).text)
    assert "The place is knownfailed乙县" in text
    assert "the reader's own" in text
    assert "Again, in the unit" in text


def test_a_word_that_was_looked_for_is_told(answer):
    explanation = replace(make_explanation(answer), parts=(), term="光伏")
    assert "All reports were looked through for光伏" in in_english(
        Reading(why_panel(explanation)).text
    )


def test_markup_in_questions_and_reports_is_text(hostile):
    answer = make_answer(hostile.text, hostile, hostile.text, hostile.text, hostile.text)
    explanation = make_explanation(answer)
    check = Check(CheckName.NUMBER, Outcome.FAILED, (hostile.text,))
    part = replace(explanation.parts[0], checks=(check,), places=((hostile.text,),))
    reading = Reading(why_panel(replace(explanation, parts=(part,), term=hostile.text)))
    assert "img" not in reading.tags
    assert reading.text.count(hostile.text) >= 5


def test_only_the_latest_answer_is_explained(answer, document):
    turns = advance(ask((), "first"), make_explanation(answer))
    turns = advance(ask(turns, "second"), make_explanation(answer))
    markup = sources_panel(turns, {"songxi": document})
    assert markup.count("rag&#45;why") == 1
    assert markup.index("rag&#45;why") > markup.index("rag&#45;shown")
