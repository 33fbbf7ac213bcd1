"""Counts and times of the questions of one server, as Prometheus reads them.

Text format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

# Seconds: from a cached refusal to what a stuck machine takes.
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Outcome(StrEnum):
    """What came of a question."""

    ANSWERED = "answered"
    REFUSED = "refused"
    UNUSABLE = "unusable"
    STOPPED = "stopped"
    BUSY = "busy"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value that goes up and down."""

    name: str
    told: str
    value: float


class Metrics:
    """What is counted. Safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[Outcome] = Counter()
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self._n_open = 0

    @property
    def n_open(self) -> int:
        """Questions that have neither an answer nor a refusal yet; waiting ones count."""
        return self._n_open

    def begin(self) -> None:
        """A question has come."""
        with self._lock:
            self._n_open += 1

    def end(self, outcome: Outcome, seconds: float) -> None:
        """It is no more; time counts for those that were answered or refused only."""
        with self._lock:
            self._n_open -= 1
            self._outcomes[outcome] += 1
            if outcome in (Outcome.ANSWERED, Outcome.REFUSED):
                self._buckets[bisect_left(BOUNDS, seconds)] += 1
                self._seconds += seconds

    def as_text(self, gauges: Iterator[Gauge]) -> str:
        """All values, those of `gauges` with them."""
        with self._lock:
            lines = [*self._counted(), *self._timed()]
        for gauge in gauges:
            lines += _head(gauge.name, gauge.told, "gauge")
            # Whole numbers whole: `g` alone keeps six digits, and an index has millions of chunks.
            lines.append(f"{gauge.name} {gauge.value:.15g}")
        return "\n".join(lines) + "\n"

    def _counted(self) -> Iterator[str]:
        yield from _head("rag_questions_total", "Questions by what came of them.", "counter")
        counted: Mapping[Outcome, int] = self._outcomes
        for outcome in Outcome:
            yield f'rag_questions_total{{outcome="{outcome}"}} {counted.get(outcome, 0)}'

    def _timed(self) -> Iterator[str]:
        name, n_all = "rag_question_seconds", 0
        yield from _head(name, "Seconds until an answer or a refusal.", "histogram")
        for bound, n in zip((*map(str, BOUNDS), "+Inf"), self._buckets, strict=True):
            n_all += n
            yield f'{name}_bucket{{le="{bound}"}} {n_all}'
        yield f"{name}_sum {self._seconds:.6f}"
        yield f"{name}_count {n_all}"


def _head(name: str, told: str, kind: str) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
