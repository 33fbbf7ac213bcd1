"""What docs/scaling.md plans with beside `benchmarks.many_chunks`: reading, encoding, Milvus Lite.

`python -m benchmarks.scale_constants INDEX REPORTS --out FILE.json`: INDEX is an index of the
reports in REPORTS, made by `rag index`. Reading, cutting and encoding are told in seconds of a
processor, so that other work on the machine hardly matters; Milvus Lite by the clock, beside exact
search by FAISS over the same vectors, which are random: no flat index minds. Prints JSON.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from benchmarks.record import Run, add_out
from benchmarks.timing import seconds
from embeddings import load_encoder
from embeddings.model_thread import n_model_threads
from embeddings.stores import FaissStore, MilvusAddress, MilvusStore, VectorStore
from rag.chunking import chunk_document
from rag.config import load_config
from rag.files import find_files
from rag.index import Index, load_index
from rag.loading import load_document
from rag.segments import indexed_text, windows_of

_N_CHUNKS, _N_WINDOWS = 64, 256
_N_VECTORS, _N_QUERIES, _TOP_K = 20_000, 40, 50


def main() -> None:
    """Measure each part alone, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("reports", type=Path)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    torch.set_num_threads(1)
    index = load_index(load_config(index=given.index))
    figures = {
        "threads": n_model_threads(),
        **_measure_bytes(index, given.index / index.generation),
        "read_ms_a_chunk": _measure_reading(given.reports),
        **_measure_encoding(index),
        **_measure_stores(index.store.dim),
    }
    run.tell(figures, given.out, ["milvus-lite", "pymilvus"])


def _measure_bytes(index: Index, folder: Path) -> dict[str, float]:
    """Bytes a chunk of what `benchmarks.many_chunks` leaves out."""
    n_chunks = len(index.chunks)
    texts, reused = ("documents.jsonl", "chunks.jsonl"), ("vectors.npy", "texts.json")
    return {
        "n_chunks": n_chunks,
        "characters_a_chunk": round(sum(len(c.text) for c in index.chunks.values()) / n_chunks),
        "windows_a_chunk": round(index.windows.count() / n_chunks, 2),
        "text_bytes_a_chunk": round(_size(folder, *texts) / n_chunks),
        "reused_bytes_a_chunk": round(_size(folder, *reused) / n_chunks),
    }


def _measure_reading(reports: Path) -> float:
    """Milliseconds of a processor for each chunk, to read and cut."""
    config = load_config()
    chunks: list[object] = []

    def read() -> None:
        for path in find_files([reports]):
            chunks.extend(chunk_document(load_document(path, config), config.chunk_chars))

    return round(1000 * _processor_seconds(read) / len(chunks), 2)


def _measure_encoding(index: Index) -> dict[str, float | str]:
    before = psutil.Process().memory_info().rss
    encoder = load_encoder()
    chunks = [indexed_text(chunk) for chunk in index.chunks.values()][:_N_CHUNKS]
    windows = list(windows_of(index.chunks).values())[:_N_WINDOWS]
    of_chunks = _processor_seconds(lambda: encoder.encode_passages(chunks)) / len(chunks)
    of_windows = _processor_seconds(lambda: encoder.encode_passages(windows)) / len(windows)
    return {
        "precision": encoder.precision,
        "encode_ms_a_chunk": round(1000 * of_chunks, 1),
        "encode_ms_a_window": round(1000 * of_windows, 1),
        "encoder_mb": round((psutil.Process().memory_info().rss - before) / 1e6),
    }


def _measure_stores(dim: int) -> dict[str, object]:
    rows = np.random.default_rng(1).normal(size=(_N_VECTORS, dim)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        address = MilvusAddress(str(Path(folder, "milvus.db")))
        return {
            "n_vectors": _N_VECTORS,
            "milvus_lite": _measure_store(MilvusStore(dim, address), Path(folder, "m"), rows),
            "faiss": _measure_store(FaissStore(dim), Path(folder, "f"), rows),
        }


def _measure_store(store: VectorStore, folder: Path, rows: NDArray[np.float32]) -> dict[str, float]:
    ids = [f"{number:032x}#0" for number in range(len(rows))]
    filled = seconds(lambda: store.add(ids, rows)) + seconds(lambda: store.save(folder))
    times = [seconds(lambda row=row: store.search(row[None], _TOP_K)) for row in rows[:_N_QUERIES]]
    return {
        "vectors_a_second_added_and_saved": round(len(ids) / filled),
        "search_p50_ms": round(1000 * float(np.percentile(times, 50)), 1),
        "search_p95_ms": round(1000 * float(np.percentile(times, 95)), 1),
    }


def _size(folder: Path, *names: str) -> int:
    return sum((folder / name).stat().st_size for name in names)


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
