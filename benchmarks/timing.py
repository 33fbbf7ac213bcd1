"""Timing, the same for all benchmarks."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What `work` gives, and the seconds it takes."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    return timed(work)[1]
