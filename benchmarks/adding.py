"""What it costs to put one more report on a shelf, by the size of the shelf.

`python -m benchmarks.adding --out FILE.json`: shelves of 1,000, 10,000 and 100,000 chunks are made
of the sentences of the reports in `seeds`, shuffled, and opened. Then a report of about 50 chunks
is added eight times, as `rag add` adds it (nothing of the shelf is in memory), and opened as the
page does (what the shelf had before is in memory). Vectors are random: what is measured is the
index, not the encoder. The most of the eight is told, too: some join more segments than others.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.many_chunks import growth
from benchmarks.record import Run, add_out
from benchmarks.timing import timed
from rag.config import RagConfig
from rag.index import build_index, load_index
from rag.loading import load_documents
from rag.sentences import split_sentences
from rag.shelf import add_documents
from rag.types import Document

_DIM = 384
_REPORT_CHARS = 12_500  # About 50 chunks.
_ADDED = 8

Vectors = NDArray[np.float32]


class RandomEncoder:
    """An encoder that costs next to nothing."""

    model_id, dim = "random@1", _DIM

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)

    def encode_queries(self, texts: Sequence[str], *, show_progress: bool = False) -> Vectors:
        """As many vectors as texts, `(n, dim)`, L2-normalised."""
        return self.encode_passages(texts, show_progress=show_progress)

    def encode_passages(self, texts: Sequence[str], *, show_progress: bool = False) -> Vectors:
        """As `encode_queries`; two texts that are equal get different vectors."""
        del show_progress
        rows = self._random.standard_normal((len(texts), _DIM), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def main() -> None:
    """Measure each size, smallest first, and tell what grew how."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=Path("seeds"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    add_out(parser)
    given = parser.parse_args()
    run, texts = Run.begin(), made_texts(given.reports)
    rows = []
    for size in sorted(given.sizes):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(texts, size, Path(folder)))
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    run.tell({"n_added": _ADDED, "sizes": rows, "growth_exponents": growth(rows)}, given.out)


def made_texts(reports: Path) -> Iterator[str]:
    """Texts of about 50 chunks without end: sentences of `reports` in any order."""
    documents = load_documents([reports], RagConfig()).documents
    sentences = [span.of(d.text) for d in documents for span in split_sentences(d.text)]
    choose = random.Random(1)
    while True:
        text, length = [], 0
        while length < _REPORT_CHARS:
            text.append(choose.choice(sentences))
            length += len(text[-1])
        yield "\n".join(text)


def measure(texts: Iterator[str], n_chunks: int, folder: Path) -> dict[str, float]:
    """What a report costs that is added to a shelf of about `n_chunks`."""
    encoder, config = RandomEncoder(), RagConfig(index=folder / "index")
    documents = [
        Document(f"report-{n}", str(n), text, f"Report {n}")
        for n, text in enumerate(islice(texts, max(1, n_chunks // 50)))
    ]
    index, build_s = timed(partial(build_index, documents, encoder, config))
    n_before, n_bytes = len(index.chunks), _written(config)
    del documents, index
    index, load_s = timed(partial(load_index, config))
    add_s, open_s, added_bytes = [], [], []
    for n in range(_ADDED):
        path = folder / f"added-{n}.txt"
        path.write_text(next(texts), encoding="utf-8")
        made, seconds = timed(partial(add_documents, [path], encoder, config))
        add_s.append(seconds)
        added_bytes.append(_written(config))
        index, seconds = timed(partial(made.open, index))
        open_s.append(seconds)
    costs = {"add_s": add_s, "open_s": open_s, "added_bytes": added_bytes}
    of_report = {
        f"{how}_{name}": function(values)
        for name, values in costs.items()
        for how, function in (("median", median), ("most", max))
    }
    return {
        "n_chunks": n_before,
        "build_s": build_s,
        "bytes_a_chunk": n_bytes / n_before,
        "load_s": load_s,
        **of_report,
        "added_chunks": (len(index.chunks) - n_before) / _ADDED,
        "n_segments": len(index.segments),
    }


def _written(config: RagConfig) -> int:
    """Bytes of the files of the newest generation that no other has."""
    newest = max(config.index.glob("gen-*"))
    files = (path.stat() for path in newest.rglob("*") if path.is_file())
    return sum(file.st_size for file in files if file.st_nlink == 1)


if __name__ == "__main__":
    main()
