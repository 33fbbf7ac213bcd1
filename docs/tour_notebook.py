"""Run docs/tour.ipynb from its top and keep what it prints: `python -m docs.tour_notebook`."""

import contextlib
import io
import itertools
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("tour.ipynb")

Notebook = dict[str, Any]  # Any: the JSON of a notebook file, format 4.


def load_notebook() -> Notebook:
    """The notebook as it is kept."""
    notebook: Notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return notebook


def run(notebook: Notebook) -> Notebook:
    """The notebook with what its cells print when they are run in order."""
    names: dict[str, Any] = {"__name__": "__main__"}
    counter = itertools.count(1)
    cells = [
        _ran(cell, next(counter), names) if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def printed(notebook: Notebook) -> list[str]:
    """What each code cell of the notebook prints, as it is kept there."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return ["".join(line for out in cell["outputs"] for line in out["text"]) for cell in code]


def _ran(cell: Notebook, number: int, names: dict[str, Any]) -> Notebook:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    lines = told.getvalue().splitlines(keepends=True)
    shown = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
    return {**cell, "execution_count": number, "outputs": shown}


def main() -> None:
    """Run the notebook and write it back."""
    text = json.dumps(run(load_notebook()), ensure_ascii=False, indent=1)
    NOTEBOOK.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
