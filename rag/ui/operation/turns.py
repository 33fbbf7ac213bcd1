"""Whose question is next: a bounded line with fair turns and a longest wait."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterator
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from rag.errors import DeadlineError, QueueFullError
from rag.ui.operation.stop_request import StopRequest

# Two, so that a short question goes past a comparison of many places between its readings; more
# would only share the same cores.
N_AT_ONCE = 2
_IDLE_SECONDS = 60.0

Step = TypeVar("Step")
Steps = Callable[[], Iterator[Any]]  # Any: of what kind the steps are is the asker's matter.


@dataclass(frozen=True, slots=True)
class _Told:
    """What a worker tells: a step, an error, or the end."""

    step: Any = None
    error: BaseException | None = None
    is_end: bool = False


@dataclass(slots=True, eq=False)
class _Job:
    """One thing to do, its asker waiting at `told`."""

    caller: str
    begin: Steps
    context: Context = field(default_factory=copy_context)
    told: "SimpleQueue[_Told]" = field(default_factory=SimpleQueue)
    is_wanted: bool = True


class Turns:
    """Does what several callers ask for, in turns. Safe to use from several threads.

    - Callers come round robin: the first question of one does not wait for the tenth of another.
    - Of one caller, one thing is done at a time.
    - At most `max_waiting` wait. When the line is full, the last of whoever has most in it goes, so
      that one caller cannot keep the others out.
    - What waits longer than `max_wait_seconds` is not done; its asker is told when the time is up.
    - What is done runs in a thread of its own: an asker that has gone away holds nobody up.

    Args:
        max_waiting: Things that may wait.
        max_wait_seconds: For a turn; what has begun is not counted.
        n_at_once: Things done at the same time.
    """

    def __init__(
        self,
        max_waiting: int,
        max_wait_seconds: float,
        n_at_once: int = N_AT_ONCE,
    ) -> None:
        self._max_waiting = max_waiting
        self._max_wait_seconds = max_wait_seconds
        self._n_at_once = n_at_once
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._busy: set[str] = set()
        self._n_workers = 0

    @property
    def n_waiting(self) -> int:
        """Things that wait for their turn."""
        with self._changed:
            return self._count()

    @property
    def is_idle(self) -> bool:
        """True if nothing is being done and nothing waits."""
        with self._changed:
            return not self._busy and not self._waiting

    def do(self, caller: str, work: Callable[[], Step]) -> Step:
        """The result of `work`, done when it is the caller's turn.

        Raises:
            QueueFullError: Too much waits already.
            DeadlineError: No turn came in time; `work` is not done.
        """

        def once() -> Iterator[Step]:
            yield work()

        (result,) = self.steps(caller, once)
        return result

    def steps(
        self,
        caller: str,
        begin: Callable[[], Iterator[Step]],
        stopping: StopRequest | None = None,
    ) -> Generator[Step, None, None]:
        """The steps that `begin` gives, as they are done; errors as in `do`.

        Nothing waits or is done before the first step is asked for. If the steps are closed, no
        further one is begun. If `stopping` is made while they wait for their turn, they leave the
        line and there are none.
        """
        job = _Job(caller, begin)
        self._join(job)
        try:
            with (stopping or StopRequest()).telling(lambda: self._leave(job)):
                told = self._first(job)
            while not told.is_end:
                if told.error is not None:
                    raise told.error
                yield told.step
                told = job.told.get()
        finally:
            job.is_wanted = False

    def _first(self, job: _Job) -> _Told:
        try:
            return job.told.get(timeout=self._max_wait_seconds)
        except Empty:
            if self._withdraw(job):
                raise DeadlineError(
                    f"no turn came within {self._max_wait_seconds:g} seconds: the server is busy; "
                    "ask again later"
                ) from None
            return job.told.get()  # It has begun.

    def _join(self, job: _Job) -> None:
        with self._changed:
            if self._count() >= self._max_waiting:
                self._make_room(job.caller)
            self._waiting.setdefault(job.caller, deque()).append(job)
            if self._n_workers < self._n_at_once:
                self._n_workers += 1
                threading.Thread(target=self._work, daemon=True, name="turns").start()
            self._changed.notify()

    def _make_room(self, caller: str) -> None:
        """Refuse the last of the caller who has most in the line, or else `caller`."""
        error = QueueFullError(
            f"too many questions wait already ({self._max_waiting}); ask again in a little while"
        )
        greediest = max(self._waiting, key=lambda name: len(self._waiting[name]))
        own = len(self._waiting.get(caller, ()))
        if len(self._waiting[greediest]) <= own + 1:
            raise error
        self._waiting[greediest].pop().told.put(_Told(error=error))

    def _leave(self, job: _Job) -> None:
        """End a job that still waits, as its asker wishes."""
        if self._withdraw(job):
            job.told.put(_Told(is_end=True))

    def _withdraw(self, job: _Job) -> bool:
        """Take a job out of the line; False if it waits no more."""
        with self._changed:
            line = self._waiting.get(job.caller, deque())
            if job not in line:
                return False
            line.remove(job)
            if not line:
                del self._waiting[job.caller]
            return True

    def _work(self) -> None:
        while job := self._next():
            _do(job)
            with self._changed:
                self._busy.discard(job.caller)
                self._changed.notify_all()

    def _next(self) -> _Job | None:
        """The next job, waited for; None if there is none for a while: then this worker ends."""
        with self._changed:
            ends = time.monotonic() + _IDLE_SECONDS
            while not (job := self._take()):
                left = ends - time.monotonic()
                if left <= 0:
                    self._n_workers -= 1
                    return None
                self._changed.wait(left)
            return job

    def _take(self) -> _Job | None:
        for caller, line in self._waiting.items():
            if caller not in self._busy:
                job = line.popleft()
                # Behind the others, or out of the line.
                self._waiting.move_to_end(caller)
                if not line:
                    del self._waiting[caller]
                self._busy.add(caller)
                return job
        return None

    def _count(self) -> int:
        return sum(map(len, self._waiting.values()))


def _do(job: _Job) -> None:
    """Tell the steps of a job as long as they are wanted, in the context of its asker."""
    try:
        steps = job.begin()
        while job.is_wanted:
            told = job.context.run(_step, steps)
            job.told.put(told)
            if told.is_end:
                return
        job.context.run(_close, steps)
    except BaseException as exc:  # noqa: BLE001 (raised again where it was asked for)
        job.told.put(_Told(error=exc))


def _step(steps: Iterator[Any]) -> _Told:
    try:
        return _Told(next(steps))
    except StopIteration:
        return _Told(is_end=True)


def _close(steps: Iterator[Any]) -> None:
    if close := getattr(steps, "close", None):
        close()
