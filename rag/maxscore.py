"""The texts with the highest sums of term weights, without reading every posting.

MaxScore (Turtle and Flood 1995, "Query Evaluation: Strategies and Optimizations"), one term at a
time: terms are read from the weightiest down. As soon as all that are left together cannot lift a
new text above the `top_k`-th best so far, they are only looked up for the texts that still can
get there. Common characters, whose postings are nearly as many as the texts, are hardly ever read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.postings import Postings

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
# Sums in another order differ in their last bits: what is this near the cut is kept.
_SLACK = 1 - 1e-5
# Reading as many postings costs about as much as looking for the cut.
_CHEAP = 4000


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
        growth: How much higher than their peaks weights can be; see `rag.postings.peak_growth`.
    """

    postings: Postings
    norms: NDArray[np.float64]
    growth: float

    def weights(self, term: Term) -> tuple[NDArray[np.int32], Scores]:
        """The rows that hold `term`, rising, and what it adds to each, once."""
        rows, counts = self.postings.of(term.place)
        return rows, self._weigh(term, rows, counts)

    def weights_in(self, term: Term, rows: Rows) -> Scores:
        """What `term` adds to each of `rows`, once."""
        holders, counts = self.postings.of(term.place)
        at = np.searchsorted(holders, rows.astype(np.int32))
        at[at == len(holders)] = 0
        held = holders[at] == rows
        weights = np.zeros(len(rows), dtype=np.float32)
        weights[held] = self._weigh(term, rows[held], counts[at[held]])
        return weights

    def _weigh(
        self, term: Term, rows: NDArray[np.integer], counts: NDArray[np.unsignedinteger]
    ) -> Scores:
        weights: Scores = (term.idf * (counts / (self.norms[rows] + counts))).astype(np.float32)
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
    sums = np.zeros(len(part.norms), dtype=np.float32)
    seen = np.zeros(0, dtype=np.int64)
    for n, term in enumerate(by_bound):
        size = int(np.diff(part.postings.starts[term.place : term.place + 2])[0])
        if n and size > max(_CHEAP, len(seen) // 4):
            floor = max(floor, _reached(part, by_bound[n:], (seen, sums[seen]), top_k))
            if left[n] < floor * _SLACK:
                return _finish(part, by_bound[n:], left[n:], (seen, sums[seen]), top_k, floor)
        rows, weights = part.weights(term)
        if allowed is not None:
            held = allowed[rows]
            rows, weights = rows[held], weights[held]
        new = rows[sums[rows] == 0].astype(np.int64)
        sums[rows] += term.times * weights
        seen = np.concatenate([seen, new])
    return _cut(seen, sums[seen], 0.0, top_k, floor)[:2]


def score_rows(part: Part, terms: Sequence[Term], rows: Rows) -> Scores:
    """The score of each row, terms added in the order given: the last bit depends on it."""
    scores = np.zeros(len(rows), dtype=np.float32)
    for term in terms:
        scores += part.weights_in(term, rows)
    return scores


def _reached(part: Part, terms: Sequence[Term], seen: tuple[Rows, Scores], top_k: int) -> float:
    """A score that `top_k` texts have: the best so far, with what the other terms add to them."""
    rows, sums = seen
    if len(rows) < top_k:
        return 0.0
    best = np.argpartition(sums, -top_k)[-top_k:]
    scores = sums[best]
    for term in terms:
        scores += term.times * part.weights_in(term, rows[best])
    return float(scores.min())


def _finish(
    part: Part,
    terms: Sequence[Term],
    left: NDArray[np.float64],
    seen: tuple[Rows, Scores],
    top_k: int,
    floor: float,
) -> tuple[Rows, float]:
    """As `candidates`, when no text but those that were seen can get there."""
    rows, sums = seen
    for term, rest in zip(terms, left, strict=False):
        rows, floor, sums = _cut(rows, sums, float(rest), top_k, floor)
        if len(rows) <= top_k:
            break
        sums = sums + term.times * part.weights_in(term, rows)
    return _cut(rows, sums, 0.0, top_k, floor)[:2] if len(rows) > top_k else (rows, floor)


def _cut(
    rows: Rows, sums: Scores, rest: float, top_k: int, floor: float
) -> tuple[Rows, float, Scores]:
    """The rows that can still get to the cut, if at most `rest` is added to each."""
    floor = max(floor, _kth(sums, top_k))
    kept = sums + rest >= floor * _SLACK
    return rows[kept], floor, sums[kept]


def _kth(sums: Scores, k: int) -> float:
    """The `k`-th best; 0 if there are fewer."""
    return float(np.partition(sums, -k)[-k]) if len(sums) >= k else 0.0
