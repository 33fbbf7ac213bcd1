"""Waiting for what other threads do, with an end."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 30.0


def wait_until(is_reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"not reached in {PATIENCE_SECONDS:g} seconds")
        time.sleep(0.005)
