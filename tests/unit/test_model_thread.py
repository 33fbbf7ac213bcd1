"""One thread for models, had in the order of asking."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import torch

from embeddings import model_thread
from embeddings.model_thread import in_model_thread, n_model_threads
from rag.open_shelf import OneAtATime
from rag.reader.base import ReaderInput, Reading
from tests.waiting import wait_until

SILENCE = Reading("", None, (), 0.0, abstained=True)
asker: ContextVar[str] = ContextVar("asker", default="")


def question(name: str) -> ReaderInput:
    return ReaderInput(name, ("p",), ("h",))


def test_all_is_done_in_one_thread_in_the_context_of_its_asker():
    def ask(name: str) -> tuple[str, str]:
        asker.set(name)
        return in_model_thread(lambda: (asker.get(), threading.current_thread().name))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, "abcd"))
    assert [name for name, _ in found] == list("abcd")
    assert len({thread for _, thread in found}) == 1


class Recording:
    """Notes what is read; the first reading waits until `goes_on`."""

    model_id = "recording"

    def __init__(self) -> None:
        self.order: list[str] = []
        self.began, self.goes_on = threading.Event(), threading.Event()

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        self.order.append(inputs[0].question)
        self.began.set()
        assert self.goes_on.wait(10)
        return [SILENCE] * len(inputs)


def test_a_short_question_is_read_between_the_readings_of_a_long_one():
    recording = Recording()
    reader = OneAtATime(recording)
    with ThreadPoolExecutor(2) as threads:
        long = threads.submit(reader.read, [question("long")] * 40)
        assert recording.began.wait(10)
        short = threads.submit(reader.read, [question("short")])
        wait_until(lambda: model_thread._thread._work_queue.qsize() == 1)
        recording.goes_on.set()
        assert len(long.result()) == 40
        assert len(short.result()) == 1
    assert recording.order.index("short") == 1


def test_the_threads_of_models_are_not_those_of_a_caller_that_set_its_own():
    before = n_model_threads()
    mine = torch.get_num_threads()
    torch.set_num_threads(mine + 1)
    try:
        assert n_model_threads() == before
    finally:
        torch.set_num_threads(mine)
