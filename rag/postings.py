"""Which text holds which term how often: arrays sorted by term, which a search reads in part.

terms.npy     (n_terms,) uint64: hash of each term, rising
starts.npy    (n_terms + 1,) int64: where the postings of each term begin
rows.npy      (n_postings,) int32: the texts that hold it, rising
counts.npy    (n_postings,) the narrowest unsigned integers: how often each does
peaks.npy     (n_terms,) float32: the highest weight of the term in a text; see `Weighting`
lengths.npy   (n_texts,) int32: terms of each text, with repetitions

Files are mapped, not read: opening them takes no time, and a search touches the postings of its
own terms only.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.integer]
# So many texts are sorted at once; parts are merged afterwards.
_PART_TEXTS = 50_000
_NPY_HEADER_BYTES = 128


@dataclass(frozen=True, slots=True)
class Weighting:
    """How much a term counts in a text, before its idf: `tf / (tf + norm)`, below 1.

    The norm is `k1 (1 - b + b length / average)`: Lucene's, see `BM25`.

    Attributes:
        k1: Bends the term frequency.
        b: How much longer texts count less, 0 to 1.
        average: Mean length of the texts, in terms.
    """

    k1: float
    b: float
    average: float

    def norms(self, lengths: Rows) -> NDArray[np.float64]:
        """The norm of each text."""
        # The order of these operations decides the last bit, in which bm25s is followed.
        norms = self.k1 * ((1 - self.b) + self.b * lengths / self.average)
        return norms.astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of some texts; the module says what each array holds."""

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.unsignedinteger]
    peaks: NDArray[np.float32]
    lengths: NDArray[np.int32]

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The place of each term in `terms`; -1 for one that no text holds."""
        if not len(self.terms):
            return np.full(len(hashes), -1)
        places = np.minimum(np.searchsorted(self.terms, hashes), len(self.terms) - 1)
        return np.where(self.terms[places] == hashes, places, -1)

    def of(self, place: int) -> tuple[NDArray[np.int32], NDArray[np.unsignedinteger]]:
        """The rows that hold the term at `place`, rising, and how often each does."""
        stretch = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.rows[stretch], self.counts[stretch]

    def save(self, folder: Path) -> None:
        """Write one array a file into `folder`, which exists."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """What `save` wrote, mapped.

        Raises:
            ValueError: The arrays do not belong together.
        """
        postings = cls(
            **{field.name: _mapped(folder / f"{field.name}.npy") for field in fields(cls)}
        )
        n_terms = len(postings.terms)
        same = len(postings.starts) == n_terms + 1 and len(postings.peaks) == n_terms
        if not same or not len(postings.rows) == len(postings.counts) == postings.starts[-1]:
            raise ValueError(f"{folder} holds arrays that do not belong together")
        return postings


def hash_terms(terms: Sequence[str]) -> NDArray[np.uint64]:
    """64 bits of BLAKE2b for each term: among a million, two fall together once in 30 million."""
    digests = (hashlib.blake2b(t.encode("utf-8", "surrogatepass"), digest_size=8) for t in terms)
    return np.frombuffer(b"".join(d.digest() for d in digests), dtype=np.uint64)


def build_postings(texts: Iterable[Sequence[str]], k1: float, b: float) -> Postings:
    """The postings of texts that are given by their terms, read one at a time."""
    parts: list[Postings] = []
    part = _Part()
    for terms in texts:
        part.add(terms)
        if len(part.lengths) == _PART_TEXTS:
            parts.append(part.sorted(k1, b))
            part = _Part()
    if part.lengths or not parts:
        parts.append(part.sorted(k1, b))
    return merge_postings(parts)


def merge_postings(parts: Sequence[Postings]) -> Postings:
    """The postings of all texts of `parts`, in turn."""
    if len(parts) == 1:
        return parts[0]
    terms = np.unique(np.concatenate([part.terms for part in parts]))
    places = [np.searchsorted(terms, part.terms) for part in parts]
    sizes = np.zeros(len(terms) + 1, dtype=np.int64)
    lengths = np.concatenate([part.lengths for part in parts])
    average = mean_length(lengths)
    peaks = np.zeros(len(terms), dtype=np.float32)
    for part, place in zip(parts, places, strict=True):
        sizes[place + 1] += np.diff(part.starts)
        peaks[place] = np.maximum(peaks[place], part.peaks * peak_growth(average, part.lengths))
    starts = np.cumsum(sizes)
    rows = np.empty(starts[-1], dtype=np.int32)
    counts = np.empty(starts[-1], dtype=np.result_type(*(part.counts for part in parts)))
    heads, first_row = starts[:-1].copy(), 0
    for part, place in zip(parts, places, strict=True):
        sizes_here = np.diff(part.starts)
        to = np.repeat(heads[place] - part.starts[:-1], sizes_here)
        to += np.arange(len(part.rows))
        rows[to], counts[to] = part.rows + np.int32(first_row), part.counts
        heads[place] += sizes_here
        first_row += len(part.lengths)
    return Postings(terms, starts, rows, counts, peaks, lengths)


def peak_growth(average: float, lengths: NDArray[np.int32]) -> float:
    """How much higher weights can be at most if texts get longer on `average` than `lengths`.

    `tf + k1 (1 - b) + k1 b length / average` shrinks by less than the average grows.
    """
    return max(1.0, average / mean_length(lengths))


def mean_length(lengths: NDArray[np.int32]) -> float:
    """Mean of the lengths; 1 where there is none, so that one may divide by it."""
    return float(lengths.mean(dtype=np.float64)) or 1.0 if len(lengths) else 1.0


class _Part:
    """Postings in the order of the texts, before they are sorted."""

    def __init__(self) -> None:
        self.lengths = array("i")
        self._terms: dict[str, int] = {}
        self._places, self._counts, self._sizes = array("i"), array("i"), array("i")

    def add(self, terms: Sequence[str]) -> None:
        known = self._terms
        found = Counter(terms)
        self._places.extend([known.setdefault(term, len(known)) for term in found])
        self._counts.extend(found.values())
        self._sizes.append(len(found))
        self.lengths.append(len(terms))

    def sorted(self, k1: float, b: float) -> Postings:
        hashes = hash_terms(list(self._terms))
        by_hash = np.argsort(hashes)
        rank = np.empty(len(hashes), dtype=np.int32)
        rank[by_hash] = np.arange(len(hashes))
        places = rank[np.frombuffer(self._places, dtype=np.int32)]
        order = np.argsort(places, kind="stable")
        sizes = np.bincount(places, minlength=len(hashes))
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        lengths = np.frombuffer(self.lengths, dtype=np.int32)
        texts = np.frombuffer(self._sizes, dtype=np.int32)
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), texts)[order]
        counts = np.frombuffer(self._counts, dtype=np.int32)[order]
        norms = Weighting(k1, b, mean_length(lengths)).norms(lengths)
        peaks = _peaks(counts, norms[rows], starts)
        narrow = np.min_scalar_type(int(counts.max(initial=0)))
        return Postings(hashes[by_hash], starts, rows, counts.astype(narrow), peaks, lengths)


def _peaks(
    counts: NDArray[np.int32], norms: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.float32]:
    if not len(counts):
        return np.zeros(0, dtype=np.float32)
    weights = counts / (norms + counts)
    return np.maximum.reduceat(weights, starts[:-1]).astype(np.float32)


def _mapped(path: Path) -> NDArray[Any]:
    # An empty array has nothing to map.
    mode: Literal["r"] | None = "r" if path.stat().st_size > _NPY_HEADER_BYTES else None
    # A plain array over the map: numpy's own class for maps makes each slice ten times slower.
    return np.asarray(np.load(path, mmap_mode=mode, allow_pickle=False))
