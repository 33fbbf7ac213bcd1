import numpy as np
import pytest

from training.calibrate import choose_threshold, expected_calibration_error


def test_threshold_is_the_lowest_that_keeps_wrong_answers_few():
    confidences = np.repeat([0.2, 0.6, 0.9], [50, 20, 80])
    right = np.repeat([False, True, False, True], [50, 18, 4, 78])
    weights = np.ones(150)
    assert choose_threshold(confidences, right, weights, 0.05) == 0.21
    assert choose_threshold(confidences, right, weights, 0.4) == 0.0
    assert choose_threshold(confidences, right, np.where(right, 1.0, 4.0), 0.1) == 0.61


def test_threshold_of_a_reader_that_is_never_right_is_refused():
    with pytest.raises(SystemExit, match="no threshold"):
        choose_threshold(np.full(50, 0.9), np.zeros(50, dtype=bool), np.ones(50), 0.05)


def test_calibration_error_is_the_gap_between_confidence_and_share_right():
    confidences = np.repeat([0.25, 0.85], 20)
    right = np.tile([True, False, False, False], 5).tolist() + [True] * 20
    assert expected_calibration_error(confidences, np.array(right)) == pytest.approx(0.075)
