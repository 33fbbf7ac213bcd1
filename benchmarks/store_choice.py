"""Which index of FAISS finds the nearest windows of a large shelf, how fast, and what it costs.

`OMP_NUM_THREADS=1 python -m benchmarks.store_choice --data DIR --chunks 20000`: all in one run,
over the windows of a synthetic shelf (`benchmarks/synthetic_shelf.py`), with questions in the words
of its texts. Recall is against exact search; what codes find is looked at again with the vectors
themselves, as the product does. Seconds and milliseconds are of one processor core. Prints JSON.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Run, add_out
from benchmarks.synthetic_shelf import SyntheticShelf, make_questions, read_pieces
from embeddings.encoder import Encoder, load_encoder
from embeddings.stores.ivf import main_axes
from rag.queries import parse_query

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
_TOP_K = 200  # As many windows as the product asks for.
_SHARES = (32, 16, 8, 4)  # One so many-th of the lists is searched.
_EFFORTS = (256, 1024)  # Vectors that HNSW keeps in view.
_REFINED = {"fast scan": 5}  # So many times as many are looked at again, else twice.
_LINKS = 32


def main() -> None:
    """Build each index, search it, and tell what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of .jsonl.gz texts")
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=100)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    faiss.omp_set_num_threads(1)
    pieces, encoder = read_pieces(given.data), load_encoder()
    shelf = SyntheticShelf(pieces, encoder)
    windows = np.concatenate([block.windows for block in shelf.blocks(given.chunks)])
    queries = _queries(make_questions(pieces, given.questions), encoder)
    figures = {
        "n_windows": len(windows),
        "n_queries": len(queries),
        "top_k": _TOP_K,
        "indexes": list(compare(windows, queries)),
    }
    run.tell(figures, given.out)


def compare(windows: Vectors, queries: Vectors) -> Iterator[dict[str, Any]]:
    """A row for each index and effort, exact search first."""
    n, dim = windows.shape
    n_lists = int(np.sqrt(n))
    axes, all_axes = main_axes(windows), np.eye(dim, dtype=np.float32)
    exact, build_s = _built(faiss.IndexFlatIP(dim), windows, all_axes)
    best, ms = _searched(queries, lambda query: exact.search(query, _TOP_K)[1][0])
    yield _row("exact", build_s, ms, 1.0)
    for name, codes, kept in (
        (f"SQ8 of {axes.shape[1]} axes", "SQ8", axes),
        ("SQ8", "SQ8", all_axes),
        ("fast scan", f"PQ{dim // 2}x4fs", all_axes),
    ):
        index = faiss.index_factory(
            kept.shape[1], f"IVF{n_lists},{codes}", faiss.METRIC_INNER_PRODUCT
        )
        index, build_s = _built(index, windows, kept)
        for share in _SHARES:
            index.nprobe = max(1, n_lists // share)
            search = _refining(index, windows, kept, _TOP_K * _REFINED.get(name, 2))
            found, ms = _searched(queries, search)
            yield _row(f"IVF, {name}, 1/{share} of the lists", build_s, ms, recall(found, best))
    graph = faiss.IndexHNSWFlat(dim, _LINKS, faiss.METRIC_INNER_PRODUCT)
    graph, build_s = _built(graph, windows, all_axes)
    for effort in _EFFORTS:
        graph.hnsw.efSearch = effort
        found, ms = _searched(queries, lambda query: graph.search(query, _TOP_K)[1][0])
        yield _row(f"HNSW, {effort} in view", build_s, ms, recall(found, best))


def recall(found: Sequence[Rows], best: Sequence[Rows]) -> float:
    """The share of the `best` rows of each query that were found."""
    shares = [np.isin(b, f).mean() for f, b in zip(found, best, strict=True)]
    return float(np.mean(shares))


def _refining(
    index: faiss.IndexIVF, windows: Vectors, axes: Vectors, n: int
) -> Callable[[Vectors], Rows]:
    """A search for `n` by codes, of which the best by the vectors themselves are kept."""

    def search(query: Vectors) -> Rows:
        rows: Rows = index.search(query @ axes, n)[1][0]
        rows = rows[rows >= 0]
        return rows[np.argsort(-(windows[rows] @ query[0]))[:_TOP_K]]

    return search


def _built(
    index: Any,  # noqa: ANN401 (FAISS has no types)
    windows: Vectors,
    axes: Vectors,
) -> tuple[Any, float]:
    began = time.process_time()
    codes = windows @ axes
    index.train(codes)
    index.add(codes)
    return index, time.process_time() - began


def _searched(
    queries: Vectors, search: Callable[[Vectors], Rows]
) -> tuple[list[Rows], Sequence[float]]:
    """What was found for each query, and the milliseconds of each."""
    search(queries[:1])
    found, times = [], []
    for row in range(len(queries)):
        began = time.thread_time()
        found.append(search(queries[row : row + 1]))
        times.append(1000 * (time.thread_time() - began))
    return found, times


def _row(index: str, build_s: float, ms: Sequence[float], share: float) -> dict[str, Any]:
    p50, p95 = np.percentile(ms, (50, 95))
    return {
        "index": index,
        "build_s": round(build_s, 1),
        "search_p50_ms": round(float(p50), 2),
        "search_p95_ms": round(float(p95), 2),
        "recall_at_200": round(share, 3),
    }


def _queries(questions: Sequence[str], encoder: Encoder) -> Vectors:
    """The vectors with which windows are searched for, of all questions."""
    texts = [text for question in questions for text in parse_query(question, ()).short_texts]
    return encoder.encode_queries(texts)


if __name__ == "__main__":
    main()
