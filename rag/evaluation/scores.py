"""Means with their per-question values, and intervals that say how far to trust them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_Z_95 = 1.959963984540054
_N_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """A mean over questions.

    Attributes:
        mean: None when no question counts.
        values: One for each question, in order; None where the question does not count.
    """

    mean: float | None
    values: tuple[float | None, ...]

    @property
    def counted(self) -> tuple[float, ...]:
        """The values of the questions that count."""
        return tuple(value for value in self.values if value is not None)


def average(values: Iterable[float | None]) -> Score:
    """The mean of the values that are not None; without any, a score whose mean is None."""
    kept = tuple(values)
    counted = [value for value in kept if value is not None]
    return Score(math.fsum(counted) / len(counted) if counted else None, kept)


def interval(score: Score) -> Interval | None:
    """Wilson where every value is 0 or 1, else a bootstrap of the mean; None without values."""
    counted = score.counted
    if not counted:
        return None
    if all(value in (0.0, 1.0) for value in counted):
        return wilson(round(sum(counted)), len(counted))
    return bootstrap(counted)


def wilson(n_successes: int, n: int) -> Interval:
    """95 % interval of a proportion (Wilson 1927); `[0, 1]` when `n` is 0.

    Raises:
        ValueError: Not 0 <= n_successes <= n.
    """
    if not 0 <= n_successes <= n:
        raise ValueError(f"a proportion needs 0 <= successes <= n, got {n_successes} of {n}")
    if n == 0:
        return Interval(0.0, 1.0)
    share, z_squared = n_successes / n, _Z_95**2
    centre = (share + z_squared / (2 * n)) / (1 + z_squared / n)
    spread = math.sqrt(share * (1 - share) / n + z_squared / (4 * n * n))
    half = _Z_95 * spread / (1 + z_squared / n)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def bootstrap(values: Sequence[float]) -> Interval:
    """95 % percentile bootstrap of the mean (Efron 1979), 2,000 resamples, fixed seed.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("a bootstrap needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(0, len(sample), (_N_RESAMPLES, len(sample)))
    low, high = np.percentile(sample[drawn].mean(axis=1), [2.5, 97.5])
    return Interval(float(low), float(high))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that `percent` per cent do not exceed, interpolated; None without values."""
    return float(np.percentile(np.asarray(values), percent)) if values else None


def f1(precision: float | None, recall: float | None) -> float | None:
    """Harmonic mean; 0 when both are 0, None when either is undefined."""
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
