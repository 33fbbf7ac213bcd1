"""The texts with the highest sums of term weights, without reading every posting.

MaxScore (Turtle and Flood 1995, "Query Evaluation: Strategies and Optimizations"), one term at a
time: terms are read from the weightiest down. As soon as all that are left together cannot lift a
new text above the `top_k`-th best so far, no other text is looked at any more. Common characters,
whose postings are nearly as many as the texts, are hardly ever read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.postings import Postings

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
# Sums are rough here, to choose by; `score_rows` scores. In single precision those of a thousand
# terms err by less than this: what is this near the cut is kept.
_SLACK = 1 - 1e-4
# The cut is looked for when so many postings were read, or as many as this share of the texts, and
# again after so many times the texts: looking costs as much as reading some postings of each text.
_FIRST_LOOK, _FIRST_SHARE, _NEXT_LOOKS = 4000, 1 / 100, 2
# Looking a text up in sorted postings costs about as much as reading so many of them.
_READ_FOR_ONE = 16


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a query, in one part of the index.

    Attributes:
        place: Where its postings are.
        idf: Its weight over the whole index.
        times: How often it stands in the query.
        bound: More than it adds to no text.
    """

    place: int
    idf: np.float32
    times: int
    bound: float


@dataclass(frozen=True, slots=True)
class Part:
    """Texts of an index, with what their weights depend on.

    Attributes:
        postings: Which text holds what.
        norms: The norm of each text; see `rag.postings.Weighting`.
        rough_norms: The same in single precision.
        growth: How much higher than their peaks weights can be; see `rag.postings.peak_growth`.
    """

    postings: Postings
    norms: NDArray[np.float64]
    rough_norms: Scores
    growth: float

    def size(self, term: Term) -> int:
        """How many texts hold `term`."""
        start, end = self.postings.starts[term.place : term.place + 2]
        return int(end - start)

    def add_to_all(self, term: Term, sums: Scores, allowed: NDArray[np.bool_] | None) -> None:
        """Add what `term` gives to each text that is allowed, about, to its place in `sums`."""
        rows, counts = self.postings.of(term.place)
        at = rows.astype(np.intp)  # Which indexing would do at each use.
        weights = self._rough(term, at, counts)
        if allowed is not None:
            weights *= allowed.take(at)
        weights += sums.take(at)
        sums[at] = weights

    def add_to_some(self, term: Term, sums: Scores, rows: Rows) -> None:
        """Add what `term` gives to each of `rows`, about, to its place in `sums`."""
        held, counts = self._held(term, rows)
        at = rows[held]
        sums[at] += self._rough(term, at, counts)

    def weights_in(self, term: Term, rows: Rows) -> Scores:
        """What `term` adds to each of `rows`, once."""
        held, counts = self._held(term, rows)
        weights = np.zeros(len(rows), dtype=np.float32)
        weights[held] = term.idf * (counts / (self.norms[rows[held]] + counts))
        return weights

    def _held(self, term: Term, rows: Rows) -> tuple[Rows, NDArray[np.unsignedinteger]]:
        """Which of `rows` hold `term`, and how often each of these does."""
        holders, counts = self.postings.of(term.place)
        at = np.searchsorted(holders, rows.astype(np.int32))
        at[at == len(holders)] = 0
        held = np.flatnonzero(holders.take(at) == rows)
        return held, counts[at[held]]

    def _rough(self, term: Term, rows: Rows, counts: NDArray[np.unsignedinteger]) -> Scores:
        weights = counts.astype(np.float32)
        weights /= self.rough_norms.take(rows) + weights
        weights *= np.float32(term.idf * term.times)
        return weights


def candidates(
    part: Part, terms: Sequence[Term], top_k: int, floor: float, allowed: NDArray[np.bool_] | None
) -> tuple[Rows, float]:
    """Rows among which are all of the `top_k` best, and a score that the last of them reaches.

    Args:
        part: Where to look.
        terms: The different terms of the query that the part holds.
        top_k: At least 1.
        floor: Texts below this score are not wanted; 0 or more.
        allowed: For each row, whether it may be found; None allows all.
    """
    by_bound = sorted(terms, key=lambda term: -term.bound)
    left = np.cumsum([0.0, *(term.bound for term in reversed(by_bound))])[::-1]
    n_texts = len(part.norms)
    sums = np.zeros(n_texts, dtype=np.float32)
    kth, n_read, look_at = 0.0, 0, max(_FIRST_LOOK, n_texts * _FIRST_SHARE)
    for n, term in enumerate(by_bound):
        if n_read > look_at or left[n] < floor * _SLACK:
            kth, reached = _reached(part, by_bound[n:], sums, kth, top_k)
            floor = max(floor, reached)
            if left[n] < floor * _SLACK:
                return _finish(part, by_bound[n:], left[n:], sums, top_k, floor)
            n_read, look_at = 0, _NEXT_LOOKS * n_texts
        part.add_to_all(term, sums, allowed)
        n_read += part.size(term)
    return _cut(np.flatnonzero(sums > 0), sums, 0.0, top_k, floor)


def score_rows(part: Part, terms: Sequence[Term], rows: Rows) -> Scores:
    """The score of each row, terms added in the order given: the last bit depends on it."""
    scores = np.zeros(len(rows), dtype=np.float32)
    for term in terms:
        scores += part.weights_in(term, rows)
    return scores


def _reached(
    part: Part, terms: Sequence[Term], sums: Scores, kth: float, top_k: int
) -> tuple[float, float]:
    """The `top_k`-th best sum, and a score that `top_k` texts have: with `terms` to come.

    Args:
        part: Where to look.
        terms: What was not read yet.
        sums: What was read adds up to this for each text.
        kth: The `top_k`-th best when last looked for; sums only grow.
        top_k: At least 1.
    """
    rows = np.flatnonzero(sums >= kth if kth else sums > 0)
    if len(rows) < top_k:
        return 0.0, 0.0
    best = rows[np.argpartition(sums.take(rows), -top_k)[-top_k:]]
    scores = sums.take(best)
    kth = float(scores.min())
    for term in terms:
        scores += term.times * part.weights_in(term, best)
    return kth, float(scores.min())


def _finish(
    part: Part,
    terms: Sequence[Term],
    left: NDArray[np.float64],
    sums: Scores,
    top_k: int,
    floor: float,
) -> tuple[Rows, float]:
    """As `candidates`, when no text without a sum can get there."""
    rows = np.flatnonzero(sums >= floor * _SLACK - left[0])
    for term, rest in zip(terms, left, strict=False):
        rows, floor = _cut(rows, sums, float(rest), top_k, floor)
        if len(rows) <= top_k:
            return rows, floor
        if part.size(term) < _READ_FOR_ONE * len(rows):
            part.add_to_all(term, sums, None)
        else:
            part.add_to_some(term, sums, rows)
    return _cut(rows, sums, 0.0, top_k, floor)


def _cut(rows: Rows, sums: Scores, rest: float, top_k: int, floor: float) -> tuple[Rows, float]:
    """The rows that can still get to the cut, if at most `rest` is added to each; and the cut."""
    scores = sums.take(rows)
    if len(rows) >= top_k:
        floor = max(floor, float(np.partition(scores, -top_k)[-top_k]))
    return rows[scores + rest >= floor * _SLACK], floor
