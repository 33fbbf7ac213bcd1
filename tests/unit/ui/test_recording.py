import pytest

from rag.history import Conversations
from rag.ui.conversation import Turns, advance, ask, fail, repeat, understood
from rag.ui.events import _Handlers
from rag.ui.operation.stop_request import StopRequest
from rag.ui.recording import recorder, turns_of
from tests.fakes import FakePipeline, make_index


@pytest.fixture
def conversations(tmp_path) -> Conversations:
    return Conversations(tmp_path / "conversations.sqlite3")


@pytest.fixture
def handlers(document, answer, conversations) -> _Handlers:
    pipeline = FakePipeline({"songxi": document}, {answer.question: answer})
    return _Handlers(pipeline, recorder(conversations))


def answered(handlers: _Handlers, question: str, turns: Turns = ()) -> Turns:
    turns = handlers.ask(turns, StopRequest(), question)[0]
    now: Turns = list(handlers.answer(turns, StopRequest(), 5, True, 0.5))[-1][0]
    return now


def test_a_turn_is_kept_before_its_answer_is_shown(handlers, answer, conversations):
    run = handlers.answer(
        handlers.ask((), StopRequest(), answer.question)[0], StopRequest(), 5, True, 0.5
    )
    kept_at = [len(conversations.headings()) for _ in run]
    assert kept_at == [0, 0, 0, 1]


def test_turns_come_back_from_the_file(handlers, answer, conversations, document):
    turns = answered(handlers, "什么？", answered(handlers, answer.question))
    kept = conversations.load(turns[0].conversation_id, {"songxi": document})
    again = turns_of(kept)
    assert [t.question for t in again] == [answer.question, "什么？"]
    assert [t.turn_id for t in again] == [t.turn_id for t in turns]
    assert understood(again) == understood(turns)
    assert kept.turns[0].versions == handlers.pipeline.versions


def test_a_follow_up_joins_the_conversation_that_was_opened(handlers, answer, conversations):
    turns = answered(handlers, answer.question)
    again = turns_of(conversations.load(turns[0].conversation_id, {}))
    answered(handlers, "那呢？", again)
    assert handlers.pipeline.earlier == [answer.question]
    (heading,) = conversations.headings()
    assert len(conversations.load(heading.conversation_id, {}).turns) == 2


def test_a_question_asked_anew_keeps_its_place_and_conversation(handlers, answer, conversations):
    turns = answered(handlers, answer.question)
    pending = repeat(fail(repeat(turns), "stopped"))
    (now,) = list(handlers.answer(pending, StopRequest(), 5, True, 0.5))[-1][0]
    assert (now.number, now.conversation_id) == (1, turns[0].conversation_id)
    (kept,) = conversations.load(now.conversation_id, {}).turns
    assert kept.turn_id == now.turn_id != turns[0].turn_id


def test_a_new_conversation_begins_without_turns():
    first, second = ask((), "q")[0], ask((), "q")[0]
    assert first.conversation_id != second.conversation_id
    assert ask((first,), "r")[1].conversation_id == first.conversation_id


def test_a_question_without_an_answer_is_not_kept(handlers, conversations):
    assert answered(handlers, "")[-1].problem
    assert conversations.headings() == ()


def test_an_answer_that_cannot_be_kept_is_shown_with_the_reason(document, answer, tmp_path):
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("no database" * 100)
    pipeline = FakePipeline({"songxi": document}, {answer.question: answer})
    handlers = _Handlers(pipeline, recorder(Conversations(broken)))
    (turn,) = answered(handlers, answer.question)
    assert turn.answer == answer
    assert "broken.sqlite3 is damaged" in turn.unkept


def test_a_report_that_changed_shows_in_a_turn_that_comes_back(handlers, answer, conversations):
    turns = answered(handlers, answer.question)
    handlers.pipeline.take_over(make_index({}))
    again = turns_of(conversations.load(turns[0].conversation_id, {}))
    chat, sources = handlers.show(again)[1:3]
    assert "source changed" in chat[-1]["content"]
    assert "source changed" in sources


def test_a_turn_tells_which_reports_and_years_it_was_held_to(handlers, answer, conversations):
    turns = ask((), answer.question)
    list(handlers.answer(turns, StopRequest(), 5, True, 0.5, ["songxi"], [2019, 2020]))
    (kept,) = conversations.load(turns[0].conversation_id, {}).turns
    told = (kept.versions["documents"], kept.versions["years"])
    assert told == ("songxi", "2019, 2020")


def test_the_last_turns_of_a_long_conversation_come_back(handlers, conversations, answer):
    turns = advance(ask((), "q"), answer)
    for _ in range(52):
        recorder(conversations)(turns[-1], {}, "")
        turns = advance(ask(turns, "q"), answer)
    again = turns_of(conversations.load(turns[0].conversation_id, {}))
    assert [again[0].number, again[-1].number, len(again)] == [3, 52, 50]
