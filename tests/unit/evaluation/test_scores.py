import math

import pytest

from rag.evaluation.scores import Interval, average, bootstrap, f1, interval, percentile, wilson


def test_average_skips_what_does_not_count():
    score = average([1.0, None, 0.0])
    assert (score.mean, score.values, score.counted) == (0.5, (1.0, None, 0.0), (1.0, 0.0))


def test_average_of_nothing_is_undefined():
    assert average([]).mean is None
    assert interval(average([None])) is None


def test_wilson_solves_the_score_equation():
    n, n_successes = 40, 31
    found = wilson(n_successes, n)
    for bound in (found.low, found.high):
        z = (n_successes / n - bound) / math.sqrt(bound * (1 - bound) / n)
        assert abs(z) == pytest.approx(1.959963984540054)


def test_wilson_stays_within_0_and_1():
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == pytest.approx(1)


def test_wilson_refuses_more_successes_than_trials():
    with pytest.raises(ValueError, match="got 3 of 2"):
        wilson(3, 2)


def test_bootstrap_holds_the_mean_and_repeats():
    values = [0.1, 0.5, 0.9, 0.4]
    found = bootstrap(values)
    assert 0.1 <= found.low < 0.475 < found.high <= 0.9
    assert found == bootstrap(values)


def test_bootstrap_needs_values():
    with pytest.raises(ValueError, match="at least one"):
        bootstrap([])


def test_interval_is_wilson_for_proportions():
    assert interval(average([1.0, 0.0, 1.0])) == wilson(2, 3)
    assert interval(average([0.5, 0.7])) == bootstrap([0.5, 0.7])


def test_percentile_interpolates():
    assert percentile([1.0, 2.0, 3.0], 50) == 2
    assert percentile([], 50) is None


def test_f1_of_undefined_and_zero():
    assert f1(None, 1.0) is None
    assert f1(0.0, 0.0) == 0
    assert f1(1.0, 0.5) == pytest.approx(2 / 3)
