"""Stopping a server so that nobody loses what is under way."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rag.config import RagConfig
from rag.errors import ConfigError, IndexLockedError
from rag.generations import writing
from rag.ui.operation.watched import Operation

MAX_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.05


@contextmanager
def stopped_by_signals(operation: Operation) -> Iterator[None]:
    """SIGTERM and Ctrl-C ask the server to stop meanwhile; a second one stops it at once."""

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        if operation.is_stopping.is_set():
            raise KeyboardInterrupt
        operation.is_stopping.set()

    before = {n: signal.signal(n, ask_to_stop) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def finish(operation: Operation, config: RagConfig, max_seconds: float = MAX_STOP_SECONDS) -> bool:
    """Wait for what has or waits for a turn, and for the change of the shelf under way.

    Later questions are refused by `watched`; the gate lets no new request in. False if something
    was not done in time.
    """
    deadline = time.monotonic() + max_seconds
    # Both: searches and what is encoded for programs are no questions, and a question is open until
    # its asker has the answer.
    is_done = _wait(lambda: operation.turns.is_idle and operation.metrics.n_open == 0, deadline)
    if not config.index.is_dir():
        return is_done
    return _wait(lambda: _can_hold(config), deadline) and is_done


def _can_hold(config: RagConfig) -> bool:
    try:
        with writing(config.index):
            return True
    except IndexLockedError:
        return False
    except ConfigError:  # Where nobody can write, no change is under way.
        return True


def _wait(is_reached: Callable[[], bool], deadline: float) -> bool:
    while not is_reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
