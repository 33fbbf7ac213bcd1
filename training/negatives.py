"""Hard negatives: passages that look like the answer's but do not answer."""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import bm25s
import numpy as np
from numpy.typing import NDArray

from training.corpus import Window
from training.lists import find_enumerations
from training.variation import invented_place, rename

_N_CANDIDATES = 14
_N_BEST = 6
_FIGURE = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.]|年|月|日)")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_VAGUE = ("一批", "若干", "不少", "一定数量", "")


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of characters."""
    return [text[i : i + 2] for i in range(len(text) - 1)]


class BigramIndex:
    """BM25 over pairs of characters, with the same results on every machine.

    bm25s selects the best with numpy's `argpartition`, which breaks ties as the vector width of
    the CPU has it, and is slow on some CPUs where most scores are 0.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._model = bm25s.BM25()
        self._model.index([bigrams(text) for text in texts], show_progress=False)

    def nearest(self, query: str, n: int) -> list[int]:
        """At most `n` texts that share a pair with `query`, best first, ties in order."""
        pairs = [pair for pair in bigrams(query) if pair in self._model.vocab_dict]
        if not pairs:
            return []
        scores: NDArray[np.float32] = self._model.get_scores(pairs)
        found = np.flatnonzero(scores > 0)
        if len(found) > n:
            found = found[scores[found] >= np.partition(scores[found], -n)[-n]]
        return [int(i) for i in found[np.argsort(-scores[found], kind="stable")][:n]]


class NegativePool:
    """Windows that can be searched for the ones nearest to a question that do not answer it."""

    def __init__(self, windows: Sequence[Window]) -> None:
        """Index the windows by the bigrams of their text."""
        self.windows = windows
        self.reports = [window for window in windows if window.place]
        self.others = [window for window in windows if not window.place]
        self.listing = [window for window in windows if any(find_enumerations(window.text))]
        self._index = BigramIndex([window.text for window in windows])

    def find(
        self, questions: Sequence[str], answers: Sequence[str], golds: Sequence[Window], rng: Random
    ) -> list[list[Window]]:
        """For each question near windows without its answer, in random order."""
        chosen = []
        for question, answer, gold in zip(questions, answers, golds, strict=True):
            near = (self.windows[i] for i in self._index.nearest(question, _N_CANDIDATES))
            fair = [w for w in near if answer not in w.text and _is_fair(question, gold, w)]
            fair = fair[:_N_BEST]
            rng.shuffle(fair)
            chosen.append(fair)
        return chosen


def _is_fair(question: str, gold: Window, window: Window) -> bool:
    """False where the window of another report may answer a question that names no place."""
    same_report = window.document == gold.document and window.source == gold.source
    names_place = gold.place is not None and gold.place in question
    is_other_place = window.place not in (None, gold.place)
    return same_report or (names_place and is_other_place) or "reports" not in window.source


def other_place(gold: Window, rng: Random) -> Window | None:
    """The same words about an invented place, with other figures."""
    if gold.place is None:
        return None
    other = rename(gold, gold.place, invented_place(rng))
    if other.text == gold.text and other.header == gold.header:
        return None
    return replace(other, text=with_other_figures(other.text, rng))


def other_year(gold: Window, rng: Random) -> Window | None:
    """The same words about another year, with other figures; None where no year is named."""
    years = sorted(set(_YEAR.findall(gold.header + gold.text)))
    if not years:
        return None
    shift = rng.choice((-5, -4, -3, -2, -1, 1, 2, 3))

    def change(text: str) -> str:
        return _YEAR.sub(lambda match: str(int(match[0]) + shift), text)

    return replace(
        gold, text=with_other_figures(change(gold.text), rng), header=change(gold.header)
    )


def with_other_figures(text: str, rng: Random) -> str:
    """`text` with each figure that is no date changed by up to a half."""

    def change(match: re.Match[str]) -> str:
        whole, _, digits = match[0].partition(".")
        changed = float(match[0]) * rng.uniform(0.5, 1.6) + rng.choice((0, 1))
        new = f"{changed:.{len(digits)}f}"
        return new if new != match[0] and len(whole) < 9 else match[0] + "0"

    return _FIGURE.sub(change, text)


def without_sentence(text: str, span: tuple[int, int]) -> str | None:
    """`text` without the sentence that holds `span`; None where too little or the answer stays."""
    for match in _SENTENCE.finditer(text):
        if match.start() <= span[0] and span[1] <= match.end():
            rest = text[: match.start()] + text[match.end() :]
            return rest if len(rest) > 50 and text[span[0] : span[1]] not in rest else None
    return None


def half_answer(text: str, span: tuple[int, int], kind: str, rng: Random) -> str | None:
    """`text` that still speaks of what is asked but no longer gives the answer, or half of it."""
    answer = text[span[0] : span[1]]
    if kind == "double":
        parts = re.match(r"(.*?户、?)(.+)$", answer)
        kept = rng.choice((parts[1].rstrip("、"), parts[2])) if parts else ""
    elif kind in ("number", "money", "percent"):
        kept = rng.choice(_VAGUE) + (re.sub(r"^[\d.,，万亿千余多约近%]+", "", answer) or "资金")
    else:
        return None
    changed = text[: span[0]] + kept + text[span[1] :]
    return changed if answer not in changed else None
