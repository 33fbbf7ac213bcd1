"""The constants that docs/scaling.md plans with: bytes and seconds a chunk, on one processor.

`python -m benchmarks.scale_constants INDEX REPORTS`, with the extra `milvus` installed: INDEX is an
index of the reports in REPORTS, made by `rag index`. Reading, cutting and encoding are told in
seconds of a processor, so that other work on the machine hardly matters; adding and searching by
the clock. Vectors for the searches are random, which no flat index minds. Prints JSON.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from embeddings import load_encoder
from embeddings.stores import FaissStore, MilvusAddress, MilvusStore, VectorStore
from rag.chunking import chunk_document
from rag.config import load_config
from rag.files import find_files
from rag.index import Index, load_index
from rag.index_files import indexed_text, windows_of
from rag.lexical import BM25
from rag.loading import load_document

_DIM = 384
_N_CHUNKS, _N_WINDOWS = 64, 256
_SIZES = (20_000, 100_000)
_N_QUERIES = 40


def main() -> None:
    """Measure each part alone, on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("reports", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    index = load_index(load_config(index=given.index))
    found = {
        "machine": {"load_average": psutil.getloadavg()[0], "processors": psutil.cpu_count()},
        "versions": {name: version(name) for name in ("faiss-cpu", "milvus-lite", "torch")},
        "shelf": _measure_bytes(index, given.index),
        "reading": _measure_reading(given.reports),
        "lexical": _measure_lexical(index),
        "encoding": _measure_encoding(index),
        "search": [_measure_stores(n) for n in _SIZES],
    }
    print(json.dumps(found, indent=2))


def _measure_bytes(index: Index, root: Path) -> dict[str, float]:
    """Bytes a chunk of each part of the index."""
    n_chunks = len(index.chunks)
    folder = root / index.generation
    parts = {path.name: _size(path) / n_chunks for path in sorted(folder.iterdir())}
    return {
        "chunks": n_chunks,
        "windows_a_chunk": index.windows.count() / n_chunks,
        "characters_a_chunk": sum(len(c.text) for c in index.chunks.values()) / n_chunks,
        **{f"bytes_a_chunk_{name}": round(size) for name, size in parts.items()},
    }


def _measure_reading(reports: Path) -> dict[str, float]:
    config = load_config()
    n_chunks = 0

    def read() -> None:
        nonlocal n_chunks
        documents = [load_document(path, config) for path in find_files([reports])]
        n_chunks = sum(len(chunk_document(each, config.chunk_chars)) for each in documents)

    seconds = _processor_seconds(read)
    return {"processor_ms_a_chunk": 1000 * seconds / n_chunks}


def _measure_lexical(index: Index) -> dict[str, float]:
    texts = {name: indexed_text(chunk) for name, chunk in index.chunks.items()}
    seconds = _processor_seconds(lambda: BM25.build(list(texts), list(texts.values())))
    return {"processor_ms_a_chunk": 1000 * seconds / len(texts)}


def _measure_encoding(index: Index) -> dict[str, float | str]:
    before = psutil.Process().memory_info().rss
    encoder = load_encoder()
    chunks = [indexed_text(chunk) for chunk in index.chunks.values()][:_N_CHUNKS]
    windows = list(windows_of(index.chunks).values())[:_N_WINDOWS]
    of_chunks = _processor_seconds(lambda: encoder.encode_passages(chunks)) / len(chunks)
    of_windows = _processor_seconds(lambda: encoder.encode_passages(windows)) / len(windows)
    return {
        "precision": encoder.precision,
        "processor_ms_a_chunk_as_a_whole": 1000 * of_chunks,
        "processor_ms_a_window": 1000 * of_windows,
        "memory_mb": (psutil.Process().memory_info().rss - before) / 1e6,
    }


def _measure_stores(n: int) -> dict[str, object]:
    rows = np.random.default_rng(1).normal(size=(n, _DIM)).astype(np.float32)
    ids = [f"{number:032x}#0" for number in range(n)]
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder, "milvus.db")
        milvus = MilvusStore(_DIM, MilvusAddress(str(lite)))
        made = _measure_store(milvus, Path(folder, "of milvus"), ids, rows)
        made["bytes_a_vector"] = (_size(lite) + _size(Path(folder, "of milvus"))) / n
        saved = Path(folder, "of faiss")
        return {
            "vectors": n,
            "milvus_lite": made,
            "faiss": _measure_store(FaissStore(_DIM), saved, ids, rows)
            | {"bytes_a_vector": _size(saved) / n},
        }


def _measure_store(
    store: VectorStore, folder: Path, ids: list[str], rows: NDArray[np.float32]
) -> dict[str, float]:
    added = _seconds(lambda: store.add(ids, rows))
    saved = _seconds(lambda: store.save(folder))
    few = ids[:: max(1, len(ids) // 50)]
    alone = [_seconds(lambda row=row: store.search(row[None], 50)) for row in rows[:_N_QUERIES]]
    held = [
        _seconds(lambda row=row: store.search(row[None], 50, allowed=few))
        for row in rows[:_N_QUERIES]
    ]
    return {
        "vectors_a_second_added_and_saved": len(ids) / (added + saved),
        "search_ms_p50": 1000 * median(alone),
        "search_ms_p95": 1000 * sorted(alone)[int(0.95 * len(alone))],
        "search_ms_p50_among_50": 1000 * median(held),
    }


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
