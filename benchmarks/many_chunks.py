"""What grows with the shelf: time to build, load, search and add, memory, bytes on disk.

`OMP_NUM_THREADS=1 python -m benchmarks.many_chunks --data DIR --sizes 10000 100000`. The shelf is
synthetic (`benchmarks/synthetic_shelf.py`). Search is told in milliseconds of one processor core,
which depend little on what else runs, and are of the calling thread alone: hence the one thread;
`real` is by the clock on the wall. Beside the stores that the product would choose, exact search
over the same vectors is measured in the same run: recall@10 of the fused ranking is against it. As
many other questions come first (`fresh`), while pages of files are mapped that were not yet. The
texts of the chunks are left out of the memory that is told: the product holds them too.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Run, add_out
from benchmarks.synthetic_shelf import SyntheticShelf, make_questions, read_pieces
from benchmarks.timing import timed
from embeddings.encoder import Encoder, load_encoder
from embeddings.model_thread import n_model_threads
from embeddings.stores import FaissStore, VectorStore, build_store, load_store
from rag.bm25 import BM25
from rag.dense import DenseSearch
from rag.fusion import convex_combination
from rag.index import Index, indexed_text, window_owner
from rag.manifest import IndexManifest, IndexSettings
from rag.queries import SearchQuery, parse_query

Vectors = NDArray[np.float32]
_CANDIDATES, _TOP_K = 50, 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched: its lexical form and its vectors."""

    lexical: str
    whole: Vectors
    short: Vectors


def main() -> None:
    """Measure each size, smallest first, and write what grew how."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of .jsonl.gz texts")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--questions", type=int, default=100)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    pieces, encoder = read_pieces(given.data), load_encoder()
    shelf, asked = SyntheticShelf(pieces, encoder), _asked(pieces, 2 * given.questions, encoder)
    asked, others = asked[: given.questions], asked[given.questions :]
    rows = []
    for size in sorted(given.sizes):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(shelf, size, asked, others, Path(folder)))
        print(json.dumps(rows[-1], indent=2), file=sys.stderr, flush=True)
    figures = {
        "threads": n_model_threads(),
        "n_questions": len(asked),
        "sizes": rows,
        "growth_exponents": growth(rows),
    }
    run.tell(figures, given.out)


def measure(
    shelf: SyntheticShelf, n: int, asked: Sequence[Asked], others: Sequence[Asked], folder: Path
) -> Mapping[str, float]:
    """Everything about a shelf of `n` chunks; seconds, milliseconds, bytes. `others` come first."""
    ids, window_ids, whole, windows = _write_vectors(shelf, n, folder)
    texts = _Texts(shelf, n)
    lexical, lexical_s = timed(lambda: BM25.build(ids, texts))
    store, store_s = timed(lambda: build_store(ids, whole))
    window_store, windows_s = timed(lambda: build_store(window_ids, windows))
    store.save(folder / "store")
    window_store.save(folder / "windows")
    lexical.save(folder / "lexical")
    measured: dict[str, float] = {
        "n_chunks": n,
        "n_windows": len(window_ids),
        "build_lexical_s": lexical_s,
        "build_dense_s": store_s + windows_s,
        "lexical_bytes_a_chunk": _bytes(folder / "lexical") / n,
        "dense_bytes_a_chunk": (_bytes(folder / "store") + _bytes(folder / "windows")) / n,
    }
    del lexical, store, window_store
    before = _memory_mb("RssAnon"), _memory_mb("RssFile")
    lexical, measured["load_lexical_s"] = timed(lambda: BM25.load(folder / "lexical", ids))
    stores, measured["load_dense_s"] = timed(
        lambda: (load_store(folder / "store"), load_store(folder / "windows"))
    )
    index = _index(*stores, lexical)
    _search_all("fresh_", index, others, measured)
    found = _search_all("", index, asked, measured)
    measured["own_memory_mb"] = _memory_mb("RssAnon") - before[0]
    measured["mapped_memory_mb"] = _memory_mb("RssFile") - before[1]
    exact = _index(_exact(ids, whole), _exact(window_ids, windows), lexical)
    _search(DenseSearch(exact), lexical, asked[0])
    best = _search_all("exact_", exact, asked, measured)
    measured["recall_at_10"] = float(
        np.mean([_share(a, b) for a, b in zip(found, best, strict=True)])
    )
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {name: round(value, 4) for name, value in measured.items()}


def growth(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How each figure grows from the first size to the last: 1 is as fast as the shelf."""
    first, last = rows[0], rows[-1]
    if first is last:
        return {}
    sizes = np.log(last["n_chunks"] / first["n_chunks"])
    names = [name for name in first if name != "n_chunks" and min(first[name], last[name]) > 0]
    return {name: round(float(np.log(last[name] / first[name]) / sizes), 2) for name in names}


class _Texts(Sequence[str]):
    """The texts of the chunks, made when they are asked for."""

    def __init__(self, shelf: SyntheticShelf, n: int) -> None:
        self._shelf, self._n = shelf, n

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, row: Any) -> Any:  # noqa: ANN401 (a slice is never asked for)
        return indexed_text(self._shelf.chunk(row))

    def __iter__(self) -> Iterator[str]:
        return (indexed_text(self._shelf.chunk(row)) for row in range(self._n))


def _search_all(
    prefix: str, index: Index, asked: Sequence[Asked], measured: dict[str, float]
) -> list[list[str]]:
    """The ids found for each question; the times go to `measured`."""
    dense = DenseSearch(index)
    times, found = [], []
    for question in asked:
        ids, seconds = _search(dense, index.lexical, question)
        times.append(seconds)
        found.append(ids)
    for name, column in zip(("dense", "lexical", "all", "real"), np.array(times).T, strict=True):
        for percent in (50, 95):
            measured[f"{prefix}{name}_p{percent}_ms"] = float(np.percentile(column, percent)) * 1e3
    return found


def _search(
    dense: DenseSearch, lexical: BM25, asked: Asked
) -> tuple[list[str], tuple[float, float, float, float]]:
    """The best ids; processor seconds of dense search, of lexical search, of all, and real ones."""
    real, clock = time.perf_counter(), time.thread_time
    began = clock()
    near = dense.candidates(asked.whole, asked.short, _CANDIDATES)
    dense_s = clock() - began
    hits = lexical.search(asked.lexical, _CANDIDATES)
    searched = clock()
    ids = near | {hit.id for hit in hits}
    dense_scores = dense.scores(asked.whole, asked.short, ids)
    scored = clock()
    lexical_scores = lexical.scores(asked.lexical, ids)
    fused = convex_combination([dense_scores, lexical_scores], [0.5, 0.5], [None, 0.0])
    all_s = clock() - began
    dense_s += scored - searched
    seconds = dense_s, all_s - dense_s, all_s, time.perf_counter() - real
    return [hit.id for hit in fused[:_TOP_K]], seconds


def _write_vectors(
    shelf: SyntheticShelf, n: int, folder: Path
) -> tuple[list[str], list[str], Vectors, Vectors]:
    """Ids of chunks and windows, and their vectors, mapped."""
    ids: list[str] = []
    window_ids: list[str] = []
    paths = folder / "whole.f32", folder / "windows.f32"
    with paths[0].open("wb") as whole, paths[1].open("wb") as windows:
        for block in shelf.blocks(n):
            ids += block.ids
            window_ids += block.window_ids
            whole.write(block.whole.tobytes())
            windows.write(block.windows.tobytes())
    dim = block.whole.shape[1]
    mapped = [np.asarray(np.memmap(path, np.float32, "r")).reshape(-1, dim) for path in paths]
    return ids, window_ids, mapped[0], mapped[1]


def _asked(pieces: Sequence[str], n: int, encoder: Encoder) -> list[Asked]:
    queries: list[SearchQuery] = [parse_query(q, ()) for q in make_questions(pieces, n)]
    return [
        Asked(
            query.lexical,
            encoder.encode_queries([query.question])[0],
            encoder.encode_queries(list(query.short_texts)),
        )
        for query in queries
    ]


def _exact(ids: Sequence[str], vectors: Vectors) -> VectorStore:
    store = FaissStore(vectors.shape[1])
    store.add(ids, vectors)
    return store


def _index(store: VectorStore, windows: VectorStore, lexical: BM25) -> Index:
    """What `DenseSearch` asks of an index: it knows no documents."""
    manifest = IndexManifest(IndexSettings("", store.dim, "", "", ""), {}, store.count(), {}, ())
    n_windows = Counter(map(window_owner, windows.ids()))
    return Index({}, {}, {}, store, windows, n_windows, lexical, manifest, "")


def _share(found: Sequence[str], best: Sequence[str]) -> float:
    return len(set(found) & set(best)) / len(best)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _memory_mb(kind: str) -> float:
    """Of this process: `RssAnon` is its own, `RssFile` pages of files."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc/self/status does not tell {kind}; expected Linux 4.5 or newer")


if __name__ == "__main__":
    main()
