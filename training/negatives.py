"""Hard negatives: passages that look like the answer's but belong elsewhere."""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

import bm25s

from training.corpus import Window

if TYPE_CHECKING:
    from training.prepare_reader_data import Example

_N_CANDIDATES = 12


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of characters."""
    return [text[i : i + 2] for i in range(len(text) - 1)]


class NegativePool:
    """Windows that can be searched for the ones nearest to a question that do not answer it."""

    def __init__(self, windows: Sequence[Window]) -> None:
        """Index the windows by the bigrams of their text."""
        self._windows = windows
        self._index = bm25s.BM25()
        self._index.index([bigrams(window.text) for window in windows], show_progress=False)

    def find(
        self, asked: Sequence[tuple["Example", str | None]], rng: Random
    ) -> list[Window | None]:
        """For each question with the place it names, a near window without its answer."""
        queries = [bigrams(example.question) for example, _ in asked]
        found, _ = self._index.retrieve(queries, k=_N_CANDIDATES, show_progress=False)
        return [
            self._choose(example, place, row, rng)
            for (example, place), row in zip(asked, found, strict=True)
        ]

    def _choose(
        self, example: "Example", place: str | None, row: Sequence[int], rng: Random
    ) -> Window | None:
        start, end = example.spans[0]
        answer = example.passage[start:end]
        fair = [
            window
            for window in (self._windows[i] for i in row)
            if answer not in window.text and self._is_fair(example, place, window)
        ]
        return rng.choice(fair[:4]) if fair else None

    @staticmethod
    def _is_fair(example: "Example", place: str | None, window: Window) -> bool:
        """False where the window of another report may answer a question that names no place."""
        same_report = window.header == example.header and window.source == example.source
        names_other = (
            place is not None and place in example.question and window.place not in (None, place)
        )
        return same_report or names_other or "reports" not in window.source
