"""A running server gives all callers their turns, and says honestly when it has too much to do."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from benchmarks.load_callers import Ask, Refused, through_page, through_v1
from rag.config import RagConfig
from rag.interfaces import Interfaces
from rag.output import Record
from rag.ui.operation.watched import Operation
from tests.fakes import FakePipeline
from tests.serving import served
from tests.unit.ui.programs.conftest import NANTANG, SONGXI
from tests.waiting import PATIENCE_SECONDS, wait_until


@contextmanager
def through_client(url: str, _: str) -> Iterator[Ask]:
    """As `through_page`, but several questions of one window may be open at once."""
    client = Client(url, verbose=False, analytics_enabled=False)

    def ask(question: str) -> Record:
        try:
            record: Record = client.predict(question, api_name="/ask")
        except AppError as exc:
            raise Refused(str(exc)) from exc
        return record

    yield ask
    client.close()


class Held(FakePipeline):
    """Holds up each question `hold` until `goes_on` is set."""

    operation: Operation

    def __init__(self, config: RagConfig) -> None:
        super().__init__({"songxi": SONGXI, "nantang": NANTANG}, {})
        self.config = config
        self.holds, self.goes_on = threading.Semaphore(0), threading.Event()

    def ask(self, question, **asked):
        if question == "hold":
            self.holds.release()
            assert self.goes_on.wait(PATIENCE_SECONDS)
        return super().ask(question, **asked)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Held, str]]:
    pipeline = Held(RagConfig(max_waiting=3, max_requests_per_minute=0))
    pipeline.operation = Operation.of(pipeline.config)
    interfaces = Interfaces(api=True, mcp=True)
    with served(pipeline, interfaces=interfaces, operation=pipeline.operation) as url:
        yield pipeline, url


@pytest.fixture
def held(server: tuple[Held, str]) -> Iterator[tuple[Held, str, ThreadPoolExecutor]]:
    """The server, with threads to ask it; at the end all that is held up goes on."""
    pipeline, url = server
    pipeline.goes_on.clear()
    with ThreadPoolExecutor(16) as threads:
        yield pipeline, url, threads
        pipeline.goes_on.set()
    pipeline.asked.clear()


def waiting(url: str) -> int:
    lines = httpx.get(f"{url}metrics").text.splitlines()
    return int(next(line for line in lines if line.startswith("rag_questions_waiting")).split()[1])


def is_waiting(url: str, n: int) -> bool:
    return waiting(url) == n


@pytest.mark.parametrize("through", [through_client, through_v1])
def test_another_caller_is_answered_while_one_has_many_questions(held, through):
    pipeline, url, threads = held
    with through(url, "many") as many, through(url, "one") as one:
        first = threads.submit(many, "hold")
        assert pipeline.holds.acquire(timeout=PATIENCE_SECONDS)
        rest = [threads.submit(many, "more") for _ in range(2)]
        wait_until(partial(is_waiting, url, 2))
        assert one("one")["question"] == "one"
        assert [asked for asked, *_ in pipeline.asked] == ["one"]
        pipeline.goes_on.set()
        assert [each.result()["question"] for each in (first, *rest)] == ["hold", "more", "more"]


def test_the_page_and_a_program_are_callers_of_their_own(held):
    pipeline, url, threads = held
    with through_page(url, "a") as page, through_v1(url, "a") as program:
        first = threads.submit(page, "hold")
        assert pipeline.holds.acquire(timeout=PATIENCE_SECONDS)
        assert program("program")["question"] == "program"
        pipeline.goes_on.set()
        first.result()


def ask_mcp(url: str, question: str) -> dict[str, object]:
    call = {"name": "ask", "arguments": {"question": question}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"Accept": "application/json, text/event-stream"}
    result: dict[str, object] = httpx.post(
        f"{url}mcp", json=body, headers=headers, timeout=PATIENCE_SECONDS
    ).json()["result"]
    return result


@pytest.mark.parametrize("way", ["page", "v1", "mcp"])
def test_what_waits_too_long_is_told_in_one_line_and_not_done(held, way, monkeypatch):
    pipeline, url, threads = held
    monkeypatch.setattr(pipeline.operation.turns, "_max_wait_seconds", 0.5)
    late = r"no turn came within 0.5 seconds: the server is busy; ask again later"
    with through_client(url, "") as page, through_v1(url, "") as v1:
        hold = {"page": page, "v1": v1, "mcp": lambda question: ask_mcp(url, question)}[way]
        first = threads.submit(hold, "hold")
        assert pipeline.holds.acquire(timeout=PATIENCE_SECONDS)
        if way == "mcp":
            told = ask_mcp(url, "late")
            assert (told["isError"], told["content"]) == (True, [{"type": "text", "text": late}])
        else:
            with pytest.raises(Refused, match=late):
                hold("late")
        pipeline.goes_on.set()
        first.result()
    assert [asked for asked, *_ in pipeline.asked] == ["hold"]


def test_a_full_line_is_told_with_429_and_after_what_time_to_ask_again(held):
    pipeline, url, threads = held
    with through_page(url, "a") as a, through_page(url, "b") as b:
        holding = [threads.submit(each, "hold") for each in (a, b)]
        for _ in holding:
            assert pipeline.holds.acquire(timeout=PATIENCE_SECONDS)
        for n in range(3):
            threads.submit(chat, url, f"user{n}")
            wait_until(partial(is_waiting, url, n + 1))
        refused = chat(url, "user3")
        with through_page(url, "c") as c, pytest.raises(Refused, match="too many questions wait"):
            c("c")
        pipeline.goes_on.set()
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (429, "queue_full")
    assert error["message"] == "too many questions wait already (3); ask again in a little while"
    assert refused.headers["Retry-After"] == "5"


def chat(url: str, user: str) -> httpx.Response:
    said = [{"role": "user", "content": "q"}]
    body = {"model": "report-qa", "messages": said, "user": user}
    return httpx.post(f"{url}v1/chat/completions", json=body, timeout=PATIENCE_SECONDS)
