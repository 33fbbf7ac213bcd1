import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest

from embeddings.errors import EmbeddingsError
from rag.errors import ReaderError
from rag.ui.events import _Handlers
from rag.ui.operation.stop_request import StopRequest
from rag.ui.operation.turns import Turns
from rag.ui.operation.watched import Operation, watched
from tests.fakes import FakePipeline
from tests.waiting import wait_until
from tests.words import in_english


class BrokenPipeline(FakePipeline):
    error: type[Exception] = ReaderError

    def ask(self, question, **given):
        raise self.error("weights are <damaged>")


@pytest.fixture
def handlers(document, answer) -> _Handlers:
    return _Handlers(FakePipeline({"songxi": document}, {answer.question: answer}))


def steps(handlers: _Handlers, question: str, *settings) -> list[tuple[Any, ...]]:
    turns = handlers.ask((), StopRequest(), question)[0]
    return list(handlers.answer(turns, StopRequest(), *(settings or (5, True, 0.5))))


def test_asking_streams_the_stages_and_then_the_answer(handlers, answer):
    told = [chat[-1]["content"] for _, chat, _ in steps(handlers, answer.question)]
    assert [("检索中" in told[0]), ("正在阅读 1 段" in told[1]), ("核对中" in told[2])] == [
        True
    ] * 3
    assert "41座" in told[3]


def test_the_sources_are_drawn_with_the_answer_only(handlers, answer):
    *waiting, last = [sources for _, _, sources in steps(handlers, answer.question)]
    assert waiting == [gr.skip()] * 3
    assert "新建电站41座" in last


def test_settings_reach_the_pipeline(handlers, answer):
    steps(handlers, answer.question, 7.0, False, 0.8)
    steps(handlers, answer.question, 3.0, True, 0.8)
    asked = [(top_k, strictness) for _, top_k, strictness in handlers.pipeline.asked]
    assert asked == [(7, 0.8), (3, -1.0)]


def test_the_filter_reaches_the_pipeline(handlers, answer):
    steps(handlers, answer.question, 5, True, 0.5, ["songxi"], [2019])
    assert handlers.pipeline.held_to == (["songxi"], [2019])


@pytest.mark.parametrize("question", ["", "  \n", "长" * 10_000])
def test_a_question_that_cannot_be_used_is_a_normal_message(handlers, question):
    (now,) = steps(handlers, question)
    assert "question" in now[1][-1]["content"]
    assert not now[0][-1].is_pending


@pytest.mark.parametrize("error", [ReaderError, EmbeddingsError, ValueError])
def test_an_error_of_ours_is_a_normal_message(document, error):
    pipeline = BrokenPipeline({"songxi": document}, {})
    pipeline.error = error
    (now,) = steps(_Handlers(pipeline), "q")
    assert "weights are &#60;damaged&#62;" in now[1][-1]["content"]


def test_the_answer_comes_with_its_explanation(handlers, answer):
    turns, _, sources = steps(handlers, answer.question)[-1]
    assert turns[-1].explanation.answer == turns[-1].answer == answer
    assert "Why this answer" in sources


def test_a_second_question_while_one_is_pending_changes_nothing(handlers):
    turns = handlers.ask((), StopRequest(), "first")[0]
    assert handlers.ask(turns, StopRequest(), "second")[0] == turns


def test_asking_empties_the_box_and_offers_to_stop(handlers):
    box, retry = handlers.ask((), StopRequest(), "q")[3:5]
    assert isinstance(box, gr.Textbox)
    assert (box.value, in_english(str(box.stop_btn)), box.submit_btn) == ("", "Stop", False)
    assert not retry.interactive


def test_stop_takes_effect_at_the_next_step(handlers, answer):
    stopping = StopRequest()
    run = handlers.answer(
        handlers.ask((), StopRequest(), answer.question)[0], stopping, 5, True, 0.5
    )
    next(run)
    assert "停止中" in handlers.stop(stopping).stop_btn
    rest = list(run)
    assert [in_english(turns[-1].problem) for turns, _, _ in rest] == ["Stopped."]


def test_an_answer_that_came_before_the_stop_is_kept(handlers, answer):
    stopping = StopRequest()
    run = handlers.answer(
        handlers.ask((), StopRequest(), answer.question)[0], stopping, 5, True, 0.5
    )
    for _ in range(3):
        next(run)
    stopping.is_made = True
    assert next(run)[0][-1].answer == answer


def test_stop_takes_a_question_out_of_the_line_at_once(document, answer):
    pipeline = FakePipeline({"songxi": document}, {answer.question: answer})
    operation = Operation(turns=Turns(8, 30.0, n_at_once=1))
    handlers, stopping = _Handlers(watched(pipeline, operation)), StopRequest()
    turns = handlers.ask((), stopping, answer.question)[0]
    begun, ends = threading.Event(), threading.Event()

    def hold() -> bool:
        begun.set()
        return ends.wait(10)

    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(operation.turns.do, "somebody else", hold)
        assert begun.wait(10)
        run = threads.submit(list, handlers.answer(turns, stopping, 5, True, 0.5))
        wait_until(lambda: operation.turns.n_waiting == 1)
        handlers.stop(stopping)
        ((shown, _, _),) = run.result(5)
        assert not holding.done()
        ends.set()
    assert in_english(shown[-1].problem) == "Stopped."
    assert pipeline.asked == []
    assert 'rag_questions_total{outcome="stopped"} 1' in operation.metrics.as_text(iter(()))


def test_retry_fail_and_clear(handlers, answer):
    turns = handlers.fail(handlers.ask((), StopRequest(), answer.question)[0])[0]
    assert "No answer" in turns[-1].problem
    again = handlers.retry(turns, StopRequest(True))[0]
    assert again[-1].is_pending
    assert handlers.clear()[0] == ()


def test_answering_nothing_yields_nothing(handlers):
    assert list(handlers.answer((), StopRequest(), 5, True, 0.5)) == []
