"""What is counted and logged of questions, and what is not."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.config import RagConfig
from rag.errors import ConfigError, QuestionError, StoppingError
from rag.logs import JsonFormatter, request_id
from rag.types import Answer
from rag.ui.operation.metrics import Gauge, Metrics, Outcome
from rag.ui.operation.stopping import finish
from rag.ui.operation.watched import Operation, watched
from tests.fakes import FakePipeline


@pytest.fixture
def operation() -> Operation:
    return Operation()


@pytest.fixture
def pipeline(document, answer, operation):
    return watched(FakePipeline({"songxi": document}, {answer.question: answer}), operation)


def counted(operation: Operation) -> dict[str, float]:
    lines = operation.metrics.as_text(iter(())).splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def outcomes(operation: Operation) -> dict[str, float]:
    found = counted(operation)
    return {o.value: found[f'rag_questions_total{{outcome="{o}"}}'] for o in Outcome}


def test_a_search_under_way_is_waited_for_when_the_server_stops(operation, tmp_path):
    begun, goes_on = threading.Event(), threading.Event()

    class Slow(FakePipeline):
        def search(self, query, *args, **asked):
            begun.set()
            assert goes_on.wait(10)
            return ()

    config = RagConfig(index=tmp_path / "none")
    with ThreadPoolExecutor(1) as threads:
        found = threads.submit(watched(Slow({}, {}), operation).search, "q")
        assert begun.wait(10)
        operation.is_stopping.set()
        assert not finish(operation, config, max_seconds=0.1)
        goes_on.set()
        assert finish(operation, config, max_seconds=10)
        assert found.result(10) == ()


def test_answers_and_refusals_are_counted_apart(pipeline, answer, operation):
    pipeline.ask(answer.question)
    list(pipeline.stream("？"))
    list(pipeline.stream_explained(answer.question))
    seen = outcomes(operation)
    assert (seen["answered"], seen["refused"]) == (2, 1)
    assert counted(operation)["rag_question_seconds_count"] == 3


def test_an_unusable_question_is_counted_and_takes_no_time(pipeline, operation):
    with pytest.raises(QuestionError):
        pipeline.ask("")
    assert outcomes(operation)["unusable"] == 1
    assert counted(operation)["rag_question_seconds_count"] == 0


def test_a_failure_is_counted(document, operation):
    class Broken(FakePipeline):
        def ask(self, question, **asked):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        watched(Broken({"songxi": document}, {}), operation).ask("q")
    assert outcomes(operation)["error"] == 1


def test_who_stops_before_the_answer_is_counted_and_no_longer_open(pipeline, answer, operation):
    steps = pipeline.stream(answer.question)
    next(steps)
    assert operation.metrics.n_open == 1
    steps.close()
    assert (operation.metrics.n_open, outcomes(operation)["stopped"]) == (0, 1)


def test_a_stopping_server_begins_nothing_and_finishes_what_it_has(pipeline, answer, operation):
    steps = pipeline.stream(answer.question)
    next(steps)
    operation.is_stopping.set()
    for ask in (pipeline.ask, lambda q: list(pipeline.stream(q))):
        with pytest.raises(StoppingError, match="try again when it is back"):
            ask(answer.question)
    assert isinstance(list(steps)[-1], Answer)


def test_a_shelf_that_nobody_can_write_keeps_no_server_from_stopping(
    operation, tmp_path, monkeypatch
):
    def refused(root):
        raise ConfigError("cannot write")

    monkeypatch.setattr("rag.ui.operation.stopping.writing", refused)
    assert finish(operation, RagConfig(index=tmp_path), max_seconds=0)


def test_each_question_is_logged_with_an_id_of_its_own_and_without_its_words(
    pipeline, answer, caplog
):
    with caplog.at_level(logging.INFO, "rag"):
        pipeline.ask(answer.question)
        pipeline.ask("问题里的秘密")
    lines = [json.loads(line) for line in map(formatted, caplog.records)]
    assert [line["outcome"] for line in lines] == ["answered", "refused"]
    assert lines[0]["citations"] == ["songxi"]
    assert lines[0]["generation"] == "gen-000001"
    assert "秘密" not in caplog.text


def formatted(record: logging.LogRecord) -> str:
    return JsonFormatter().format(record)


def test_what_is_logged_while_a_question_is_worked_on_has_its_id(document, operation):
    seen = []

    class Telling(FakePipeline):
        def ask(self, question, **asked):
            seen.append(request_id.get())
            return super().ask(question, **asked)

    pipeline = watched(Telling({"songxi": document}, {}), operation)
    pipeline.ask("a")
    list(pipeline.stream("b"))
    assert len(set(seen)) == 2
    assert "" not in seen
    assert request_id.get() == ""


def test_times_fall_into_the_bucket_that_holds_them():
    metrics = Metrics()
    for seconds in (0.1, 0.3, 99.0):
        metrics.begin()
        metrics.end(Outcome.ANSWERED, seconds)
    text = metrics.as_text(iter([Gauge("rag_x", "Told.", 2), Gauge("rag_y", "Told.", 12_345_678)]))
    for line in (
        'rag_question_seconds_bucket{le="0.1"} 1',
        'rag_question_seconds_bucket{le="0.25"} 1',
        'rag_question_seconds_bucket{le="0.5"} 2',
        'rag_question_seconds_bucket{le="60.0"} 2',
        'rag_question_seconds_bucket{le="+Inf"} 3',
        "rag_question_seconds_sum 99.400000",
        "# TYPE rag_x gauge",
        "rag_x 2",
        "rag_y 12345678",
    ):
        assert line in text.splitlines()
