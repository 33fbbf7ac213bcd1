from dataclasses import replace

import pytest

from rag.errors import HistoryError
from rag.history import Feedback, Verdict
from rag.history.database import writing
from tests.unit.history.conftest import VERSIONS, new_turn


@pytest.fixture
def feedback(path, conversations, answer) -> Feedback:
    conversations.add(new_turn(answer))
    return Feedback(path)


def test_a_rating_holds_question_answer_citations_and_versions(feedback, answer):
    feedback.give("a-1", Verdict.WRONG, " 应为42座 ")
    (rating,) = feedback.ratings()
    assert (rating.verdict, rating.reason) == (Verdict.WRONG, "应为42座")
    assert (rating.record["question"], rating.record["answer"]) == (answer.question, "41座")
    assert rating.record["citations"][0]["text"] == answer.citations[0].text
    assert rating.versions == VERSIONS


def test_a_later_verdict_takes_the_place_of_the_first(feedback):
    feedback.give("a-1", Verdict.WRONG, "why")
    feedback.give("a-1", Verdict.RIGHT)
    (rating,) = feedback.ratings()
    assert (rating.verdict, rating.reason) == (Verdict.RIGHT, "")


def test_a_verdict_can_be_withdrawn(feedback):
    feedback.give("a-1", Verdict.RIGHT)
    feedback.withdraw("a-1")
    assert feedback.ratings() == ()


def test_the_verdict_comes_back_with_its_turn(feedback, conversations):
    feedback.give("a-1", Verdict.RIGHT)
    assert conversations.load("a", {}).turns[0].verdict == "right"


def test_feedback_stays_when_its_conversation_is_deleted(feedback, conversations):
    feedback.give("a-1", Verdict.RIGHT)
    conversations.delete("a")
    assert len(feedback.ratings()) == 1


def test_an_answer_given_anew_is_not_rated_by_what_was_said_of_the_first(
    feedback, conversations, answer
):
    feedback.give("a-1", Verdict.WRONG)
    again = replace(answer, text="42座 [1]")
    conversations.add(new_turn(again, turn_id="again", replaces="a-1"))
    assert conversations.load("a", {}).turns[0].verdict == ""
    assert feedback.ratings()[0].record["answer"] == "41座"


def test_an_answer_that_is_not_kept_cannot_be_rated(feedback):
    with pytest.raises(HistoryError, match="this answer is not kept"):
        feedback.give("unknown", Verdict.RIGHT)


def test_a_reason_that_is_too_long_is_refused_with_both_numbers(feedback):
    with pytest.raises(HistoryError, match="has 501 characters; at most 500"):
        feedback.give("a-1", Verdict.WRONG, "长" * 501)
    assert feedback.ratings() == ()


def test_a_verdict_of_another_word_is_told(feedback, path):
    feedback.give("a-1", Verdict.RIGHT)
    with writing(path) as connection:
        connection.execute("UPDATE feedback SET verdict = 'perhaps'")
    with pytest.raises(HistoryError, match="a verdict is 'perhaps'"):
        feedback.ratings()
