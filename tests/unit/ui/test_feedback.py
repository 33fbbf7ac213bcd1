from typing import Any

import gradio as gr
import pytest

from rag.history import Conversations, Feedback, NewTurn, Verdict
from rag.ui.conversation import Turns, advance, ask
from rag.ui.feedback import _Handlers
from tests.fakes import FakePipeline
from tests.words import in_chinese


def click(verdict: str, number: int = 1) -> gr.EventData:
    return gr.EventData(None, {"verdict": verdict, "number": number})


@pytest.fixture
def turns(answer) -> Turns:
    return advance(ask((), answer.question), answer)


@pytest.fixture
def handlers(document, answer, turns, tmp_path) -> _Handlers:
    path = tmp_path / "conversations.sqlite3"
    Conversations(path).add(NewTurn("a", turns[0].turn_id, answer, None, {}))
    return _Handlers(FakePipeline({"songxi": document}, {}), Feedback(path))


def verdicts(handlers: _Handlers) -> list[tuple[str, str]]:
    return [(rating.verdict.value, rating.reason) for rating in handlers.feedback.ratings()]


def notice_alone(values: tuple[Any, ...]) -> str:
    """The notice, which must be all that changes."""
    *others, notice = values[:2] + values[3:] + (values[2],)
    assert others == [gr.skip()] * 5
    return str(notice)


def test_right_is_kept_and_shown_and_no_reason_asked(handlers, turns):
    now, chat, notice, form, *_ = handlers.rate(turns, click("right"))
    assert verdicts(handlers) == [("right", "")]
    assert now[0].verdict == "right"
    assert "对（已记下）" in in_chinese(chat[-1]["content"])
    assert (notice, form.visible) == ("", False)


def test_wrong_is_kept_at_once_and_then_its_reason(handlers, turns):
    *_, form, reason, rated = handlers.rate(turns, click("wrong"))
    assert (form.visible, reason, rated) == (True, "", turns[0].turn_id)
    assert verdicts(handlers) == [("wrong", "")]
    notice, form = handlers.explain(rated, "应为42座")
    assert (notice, form.visible) == ("", False)
    assert verdicts(handlers) == [("wrong", "应为42座")]


def test_a_second_click_takes_the_verdict_back(handlers, turns):
    rated = handlers.rate(turns, click("right"))[0]
    now = handlers.rate(rated, click("right"))[0]
    assert verdicts(handlers) == []
    assert now[0].verdict == ""


def test_nothing_is_rated_while_an_answer_is_under_way(handlers, turns):
    assert "Rate it when" in notice_alone(handlers.rate(ask(turns, "next"), click("right")))
    assert verdicts(handlers) == []


def test_an_answer_that_left_the_page_is_told(handlers, turns):
    assert "left the page" in notice_alone(handlers.rate(turns, click("right", 9)))


def test_what_cannot_be_kept_is_told_and_nothing_changes(handlers, turns, answer):
    other = advance(ask((), answer.question), answer)  # Another turn, which was never kept.
    assert "not kept" in notice_alone(handlers.rate(other, click("right")))


def test_a_reason_that_cannot_be_kept_stays_in_its_form(handlers):
    notice, form = handlers.explain("unknown", "x")
    assert "not kept" in notice
    assert form.visible


def test_another_verdict_is_refused(handlers, turns):
    event: Any = click("perhaps")
    with pytest.raises(ValueError, match="perhaps"):
        handlers.rate(turns, event)
    assert list(Verdict) == ["right", "wrong"]
