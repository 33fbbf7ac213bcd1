"""The notebook of the tour runs, and prints what it shows; `make tour` runs it anew."""

import re

import pytest

from docs.tour_notebook import load_notebook, printed, run

pytestmark = pytest.mark.accuracy


def without_measures(told: str) -> str:
    """The text without shares and counts of answers, which differ a little between machines."""
    return re.sub(r"\d\.\d+|\bn +\d+", "#", told)


def test_the_notebook_prints_what_it_shows():
    shown = load_notebook()
    ran = run(shown)
    assert list(map(without_measures, printed(ran))) == list(map(without_measures, printed(shown)))
