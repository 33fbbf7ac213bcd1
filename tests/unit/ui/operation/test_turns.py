"""Fair turns, a line with an end, and a longest wait."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from rag.errors import DeadlineError, QueueFullError
from rag.ui.operation.stop_request import StopRequest
from rag.ui.operation.turns import Turns
from tests.waiting import wait_until

LONG = 30.0
number: ContextVar[int] = ContextVar("number", default=0)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(80) as pool:
        yield pool


class Busy:
    """Turns of which one is taken until `end` is set; what is done after it is noted."""

    def __init__(self, threads: ThreadPoolExecutor, turns: Turns) -> None:
        self.threads, self.turns = threads, turns
        self.end, begun = threading.Event(), threading.Event()
        self.done: list[str] = []

        def hold() -> bool:
            begun.set()
            return self.end.wait(10)

        self.holding = threads.submit(turns.do, "holder", hold)
        assert begun.wait(10)

    def ask(self, caller: str, name: str) -> "Future[None]":
        """One thing more in the line, where it stands when this returns."""
        n_before = self.turns.n_waiting
        asked = self.threads.submit(self.turns.do, caller, lambda: self.done.append(name))
        wait_until(lambda: asked.done() or self.turns.n_waiting > n_before)
        return asked


def test_the_first_of_one_caller_does_not_wait_for_all_of_another(threads):
    busy = Busy(threads, Turns(64, LONG, 1))
    for n in range(50):
        busy.ask("many", f"many{n}")
    last = busy.ask("one", "one")
    busy.end.set()
    last.result(10)
    assert busy.done.index("one") == 1


def test_one_caller_comes_in_the_order_of_asking(threads):
    busy = Busy(threads, Turns(8, LONG, 1))
    asked = [busy.ask("a", name) for name in "12345"]
    busy.end.set()
    for each in asked:
        each.result(10)
    assert busy.done == list("12345")


def test_of_one_caller_one_thing_is_done_at_a_time(threads):
    busy = Busy(threads, Turns(8, LONG, 2))
    own = busy.ask("holder", "own")
    busy.ask("other", "other").result(10)
    assert (busy.done, own.done()) == (["other"], False)
    busy.end.set()
    own.result(10)


def test_a_full_line_refuses_the_next(threads):
    busy = Busy(threads, Turns(3, LONG, 1))
    asked = [busy.ask(caller, caller) for caller in "abc"]
    with pytest.raises(QueueFullError, match=r"^too many questions wait already \(3\)"):
        busy.ask("d", "d").result(10)
    busy.end.set()
    for each in asked:
        each.result(10)
    assert busy.done == list("abc")


def test_a_full_line_lets_a_newcomer_in_and_the_last_of_the_greediest_go(threads):
    busy = Busy(threads, Turns(3, LONG, 1))
    many = [busy.ask("many", name) for name in "123"]
    one = threads.submit(busy.turns.do, "one", lambda: busy.done.append("one"))
    with pytest.raises(QueueFullError):
        many[2].result(10)
    busy.end.set()
    one.result(10)
    many[1].result(10)
    assert busy.done == ["1", "one", "2"]


def test_who_has_waited_too_long_is_told_at_once_and_nothing_is_done(threads):
    busy = Busy(threads, Turns(3, 0.05, 1))
    late = busy.ask("late", "late")
    with pytest.raises(DeadlineError, match=r"no turn came within 0.05 seconds"):
        late.result(5)
    assert busy.turns.n_waiting == 0
    busy.end.set()
    assert busy.holding.result(10)  # What has begun is not counted.
    busy.ask("next", "next").result(10)
    assert busy.done == ["next"]


def test_steps_come_as_they_are_done_and_an_error_is_raised_to_the_asker():
    def steps() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("broken")

    asked = Turns(1, LONG).steps("a", steps)
    assert [next(asked), next(asked)] == [1, 2]
    with pytest.raises(KeyError, match="broken"):
        next(asked)


def test_an_asker_that_takes_no_more_steps_holds_nobody_up():
    turns = Turns(1, LONG, 1)
    idle = turns.steps("a", lambda: iter([1, 2, 3]))
    assert next(idle) == 1
    assert turns.do("b", lambda: "done") == "done"


def test_closed_steps_are_not_gone_on_with():
    turns, goes_on, closed = Turns(1, LONG, 1), threading.Event(), threading.Event()

    def steps() -> Iterator[int]:
        try:
            yield 1
            assert goes_on.wait(10)
            yield 2
            raise AssertionError("gone on with")
        finally:
            closed.set()

    asked = turns.steps("a", steps)
    assert next(asked) == 1
    asked.close()
    goes_on.set()
    assert closed.wait(10)


def test_who_stops_while_waiting_leaves_the_line_at_once(threads):
    busy, stopping = Busy(threads, Turns(3, LONG, 1)), StopRequest()
    steps = busy.turns.steps("a", lambda: iter([1]), stopping)
    asked = threads.submit(list, steps)
    wait_until(lambda: busy.turns.n_waiting == 1)
    stopping.make()
    assert asked.result(5) == []
    assert busy.turns.n_waiting == 0
    busy.end.set()


def test_who_stopped_before_joining_the_line_leaves_it(threads):
    busy = Busy(threads, Turns(3, LONG, 1))
    assert list(busy.turns.steps("a", lambda: iter([1]), StopRequest(is_made=True))) == []
    busy.end.set()


def test_a_stop_after_the_first_step_is_for_the_asker_to_heed():
    stopping = StopRequest()
    steps = Turns(1, LONG).steps("a", lambda: iter([1, 2]), stopping)
    assert next(steps) == 1
    stopping.make()
    assert list(steps) == [2]


def test_work_is_done_in_the_context_of_its_asker():
    number.set(7)
    assert Turns(1, LONG).do("a", number.get) == 7


def test_idle_workers_end_and_come_back(monkeypatch):
    monkeypatch.setattr("rag.ui.operation.turns._IDLE_SECONDS", 0.01)
    turns = Turns(1, LONG)
    for _ in range(3):
        assert turns.do("a", lambda: 1) == 1
        wait_until(lambda: turns._n_workers == 0)
