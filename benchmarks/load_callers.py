"""Callers who ask a shelf at once, each its next question when the last one is answered."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np

from rag.errors import DeadlineError, QueueFullError
from rag.output import Record, answer_record
from rag.pipeline import RagPipeline

Ask = Callable[[str], Record]
Check = Callable[[Record, float, float], str]
_PATIENCE_SECONDS = 120.0
_ASK = "/gradio_api/call/ask"
_HONEST = ("too many questions wait already", "no turn came within")
_HONEST_CODES = ("queue_full", "deadline_exceeded")
_MAX_FAILURES_TOLD = 5


class Refused(Exception):
    """The server says honestly that it has too much to do."""


@dataclass(slots=True)
class Outcome:
    """What came of all questions of a run.

    Attributes:
        seconds: Of each answer, from question to answer.
        n_answered: Of each caller.
        n_refused: Honest refusals.
        n_failed: Everything else that is no answer, and answers with a wrong citation.
        failures: The first few of them.
        wall_seconds: Of the whole run.
    """

    seconds: list[float] = field(default_factory=list)
    n_answered: list[int] = field(default_factory=list)
    n_refused: int = 0
    n_failed: int = 0
    failures: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0

    def as_record(self) -> Record:
        """Counts, questions answered a second, and percentiles in milliseconds.

        `fewest` and `most` are the answers of the caller who got fewest and most.
        """
        counted: Record = {
            "answered": len(self.seconds),
            "fewest": min(self.n_answered),
            "most": max(self.n_answered),
            "refused": self.n_refused,
            "failed": self.n_failed,
            "a_second": round(len(self.seconds) / self.wall_seconds, 2),
        }
        if self.seconds:
            p50, p95, p99 = np.percentile(self.seconds, [50, 95, 99]) * 1000
            told = {"p50_ms": round(p50), "p95_ms": round(p95), "p99_ms": round(p99)}
            counted.update(told, longest_ms=round(max(self.seconds) * 1000))
        return counted


def in_process(pipeline: RagPipeline) -> Ask:
    """Asks through the Python API."""
    return lambda question: answer_record("", pipeline.ask(question))


@contextmanager
def through_page(url: str, window: str) -> Iterator[Ask]:
    """Asks `/ask` of the page for one window, one question at a time, as any program can.

    Not by `gradio_client`, which looks for its answer five times a second: that would be measured.
    """
    with httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS) as client:

        def ask(question: str) -> Record:
            body = {"data": [question, None, None, None], "session_hash": window}
            begun = client.post(_ASK, json=body).raise_for_status().json()
            told = client.get(f"{_ASK}/{begun['event_id']}").raise_for_status().text
            *_, event, data = told.strip().splitlines()
            value = json.loads(data.removeprefix("data: "))
            if event == "event: complete":
                record: Record = value[0]
                return record
            message = str((value or {}).get("error"))
            raise Refused(message) if message.startswith(_HONEST) else RuntimeError(told)

        yield ask


@contextmanager
def through_v1(url: str, user: str) -> Iterator[Ask]:
    """Asks `/v1/chat/completions` for one end user."""
    with httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS) as client:

        def ask(question: str) -> Record:
            said = [{"role": "user", "content": question}]
            body = {"model": "report-qa", "messages": said, "user": user}
            reply = client.post("/v1/chat/completions", json=body)
            told = reply.json()
            if "error" in told and told["error"]["code"] in _HONEST_CODES:
                raise Refused(told["error"]["message"])
            reply.raise_for_status()
            record: Record = told["choices"][0]["message"]["record"]
            return record

        yield ask


def run(
    asks: Sequence[Ask],
    questions: Sequence[str],
    check: Check,
    max_seconds: float = float("inf"),
    max_questions: float = float("inf"),
    on_answer: Callable[[], None] = lambda: None,
) -> Outcome:
    """All callers ask in threads of their own until the time, or the number of questions, is over.

    Args:
        asks: One for each caller.
        questions: Asked in an order of its own by each caller.
        check: Tells what is wrong with an answer; given the times of question and answer.
        max_seconds: When no more is asked.
        max_questions: After how many answers and failures no more is asked.
        on_answer: Called after each answer, by the thread of its caller.
    """
    outcome, counting = Outcome(n_answered=[0] * len(asks)), threading.Lock()
    began = time.perf_counter()

    def is_over() -> bool:
        late = time.perf_counter() - began >= max_seconds
        return late or len(outcome.seconds) + outcome.n_failed >= max_questions

    def call(number: int, ask: Ask) -> None:
        order = random.Random(number)
        while not is_over():
            if _ask_one(ask, order.choice(questions), check, outcome, counting):
                outcome.n_answered[number] += 1
                on_answer()

    threads = [threading.Thread(target=call, args=each) for each in enumerate(asks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.wall_seconds = time.perf_counter() - began
    return outcome


def _ask_one(
    ask: Ask, question: str, check: Check, outcome: Outcome, counting: threading.Lock
) -> bool:
    """True if there was an answer and nothing is wrong with it."""
    began = time.perf_counter()
    try:
        record = ask(question)
        ended = time.perf_counter()
        problem = check(record, began, ended)
    except (Refused, QueueFullError, DeadlineError):
        with counting:
            outcome.n_refused += 1
        return False
    except Exception as exc:  # noqa: BLE001 (whatever it is, it is counted and told)
        problem = f"{question}: {exc!r}"
    with counting:
        if not problem:
            outcome.seconds.append(ended - began)
            return True
        outcome.n_failed += 1
        if len(outcome.failures) < _MAX_FAILURES_TOLD:
            outcome.failures.append(problem)
    return False
