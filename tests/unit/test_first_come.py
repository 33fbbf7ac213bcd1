"""A lock that is had in the order of asking."""

import threading
from collections.abc import Sequence

from rag.first_come import FirstComeLock
from rag.open_shelf import OneAtATime
from rag.reader.base import ReaderInput, Reading

SILENCE = Reading("", None, (), 0.0, abstained=True)
ASKED = ReaderInput("q", ("p",), ("h",))


def test_threads_get_the_lock_in_the_order_of_asking():
    lock, order = FirstComeLock(), list[int]()

    def enter(number: int) -> None:
        with lock:
            order.append(number)

    threads = [threading.Thread(target=enter, args=(n,)) for n in range(5)]
    with lock:
        for n, thread in enumerate(threads, 2):
            thread.start()
            wait_until(lambda n=n: len(lock._line) == n)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


class Recording:
    """Notes who reads; the first reading of `long` waits until `short` is in line."""

    model_id = "recording"

    def __init__(self) -> None:
        self.order: list[str] = []
        self.began, self.goes_on = threading.Event(), threading.Event()

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        self.order.append(threading.current_thread().name)
        self.began.set()
        assert self.goes_on.wait(10)
        return [SILENCE] * len(inputs)


def test_a_short_question_is_read_between_the_readings_of_a_long_one():
    recording = Recording()
    reader = OneAtATime(recording)
    long = threading.Thread(target=reader.read, args=([ASKED] * 40,), name="long")
    short = threading.Thread(target=reader.read, args=([ASKED],), name="short")
    long.start()
    assert recording.began.wait(10)
    short.start()
    wait_until(lambda: len(reader._reading._line) == 2)
    recording.goes_on.set()
    long.join()
    short.join()
    assert recording.order.index("short") == 1


def wait_until(is_reached) -> None:
    waiting = threading.Event()
    for _ in range(1000):
        if is_reached():
            return
        waiting.wait(0.005)
    raise AssertionError("not reached in 5 seconds")
