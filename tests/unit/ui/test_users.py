"""Handlers of the page keep what belongs to one person from the others."""

from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from rag.history import Conversations, Feedback, Verdict, files_of_all
from rag.ui.conversation import ask
from rag.ui.conversations import _Handlers
from rag.ui.events import Connected
from rag.ui.events import _Handlers as ChatHandlers
from rag.ui.feedback import _Handlers as FeedbackHandlers
from rag.ui.operation.stop_request import StopRequest
from rag.ui.recording import recorder
from rag.ui.users import user_of
from tests.fakes import FakePipeline


def request_of(**seen: str) -> gr.Request:
    scope: dict[str, Any] = {"type": "http", **{f"report_qa.{k}": v for k, v in seen.items()}}
    return gr.Request(request=Request(scope))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conversations.sqlite3"


@pytest.fixture
def pipeline(document, answer):
    return FakePipeline({"songxi": document}, {answer.question: answer})


def asked_by(user, pipeline, path, question):
    handlers = ChatHandlers(pipeline, recorder(Conversations(path)))
    turns = ask((), question)
    run = handlers.answer(turns, StopRequest(), 5, True, 0.5, request=request_of(user=user))
    return list(run)[-1][0]


def listed(user, pipeline, path):
    chat = ChatHandlers(pipeline)
    handlers = _Handlers(pipeline, Conversations(path), Connected(chat.show, [None] * 6, []))
    return handlers.for_user(_Handlers.refresh)(request_of(user=user), (), "")[0].choices


def test_a_request_without_a_server_is_the_local_users():
    assert user_of(None) == ""


def test_a_request_that_no_gate_has_seen_is_nobodys():
    with pytest.raises(KeyError):
        user_of(request_of())


def test_conversations_are_kept_for_who_asked(pipeline, answer, path):
    asked_by("anna", pipeline, path, answer.question)
    assert len(listed("anna", pipeline, path)) == 1
    assert listed("otto", pipeline, path) == listed("", pipeline, path) == []


def test_nobody_opens_another_persons_conversation(pipeline, answer, path):
    turns = asked_by("anna", pipeline, path, answer.question)
    theirs = turns[0].conversation_id
    chat = ChatHandlers(pipeline)
    handlers = _Handlers(pipeline, Conversations(path), Connected(chat.show, [None] * 6, []))
    for act in (_Handlers.open, _Handlers.delete):
        shown = handlers.for_user(act)(request_of(user="otto"), (), "", theirs)
        assert "no such conversation" in shown[-2]
    assert len(listed("anna", pipeline, path)) == 1


def test_nobody_rates_another_persons_answer(pipeline, answer, path):
    turns = asked_by("anna", pipeline, path, answer.question)
    handlers = FeedbackHandlers(pipeline, Feedback(path))
    click = gr.EventData(None, {"number": 1, "verdict": "right"})
    told = handlers.rate(turns, click, request_of(user="otto"))
    assert "not kept" in told[2]
    handlers.rate(turns, click, request_of(user="anna"))
    assert [r.verdict for r in Feedback(path).of("anna").ratings()] == [Verdict.RIGHT]
    handlers.explain(turns[0].turn_id, "the year", request_of(user="anna"))
    assert [r.reason for r in Feedback(path).of("anna").ratings()] == ["the year"]
    assert Feedback(path).of("otto").ratings() == ()


def test_nobody_explains_another_persons_answer(pipeline, answer, path):
    (turn,) = asked_by("anna", pipeline, path, answer.question)
    told, form = FeedbackHandlers(pipeline, Feedback(path)).explain(
        turn.turn_id, "the year", request_of(user="otto")
    )
    assert "not kept" in told
    assert form.visible


def test_the_files_of_all_users_are_found(pipeline, answer, path):
    for user in ("", "anna", "otto-2"):
        asked_by(user, pipeline, path, answer.question)
    (path.parent / "conversations.sqlite3-wal.bak").write_text("")
    found = files_of_all(path)
    assert set(found) == {"", "anna", "otto-2"}
    assert all(len(Conversations(file).headings()) == 1 for file in found.values())
