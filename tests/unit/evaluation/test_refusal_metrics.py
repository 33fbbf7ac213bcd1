import pytest

from rag.evaluation.refusal_metrics import score_refusal, wrong_answers_shown


def test_refusal_on_a_small_set():
    abstained = [True, True, False, False]
    answerable = [False, True, False, True]
    found = score_refusal(abstained, answerable)
    assert (found.precision.mean, found.recall.mean, found.f1) == (0.5, 0.5, 0.5)


def test_refusal_is_undefined_when_there_is_nothing_to_find():
    assert score_refusal([], []).f1 is None
    assert score_refusal([False], [True]).precision.mean is None
    assert score_refusal([True], [True]).recall.mean is None


def test_never_abstaining_has_no_precision_and_no_recall():
    found = score_refusal([False, False], [False, True])
    assert (found.precision.mean, found.recall.mean, found.f1) == (None, 0.0, None)


def test_wrong_answers_shown_counts_neither_right_nor_withheld():
    assert wrong_answers_shown([True, False, False], [False, True, False]).mean == pytest.approx(
        1 / 3
    )
