"""How the notebook of the tour is run."""

import pytest

from docs.tour_notebook import Notebook, load_notebook, printed, run


def notebook(*sources: str) -> Notebook:
    cells = [{"cell_type": "code", "source": [source], "outputs": []} for source in sources]
    return {"cells": [{"cell_type": "markdown", "source": ["# Words"]}, *cells]}


def test_cells_run_in_order_in_one_namespace():
    ran = run(notebook("n = 2", "print(n + 1)\nprint('two')"))
    assert printed(ran) == ["", "3\ntwo\n"]
    assert [cell.get("execution_count") for cell in ran["cells"]] == [None, 1, 2]


def test_an_error_in_a_cell_is_raised():
    with pytest.raises(AttributeError):
        run(notebook("import rag\nrag.answers"))


def test_the_notebook_of_the_tour_is_shown_as_it_ran():
    cells = load_notebook()["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert all(printed(load_notebook()))
