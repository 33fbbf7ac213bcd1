"""Do two indexes hold the same? `python -m benchmarks.same_index INDEX OTHER` prints JSON.

Made for an index of `rag index --ray` beside one of `rag index`: the encoder rounds by the texts
that share a batch, so that vectors are compared by their cosine.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.record import Run, add_out
from rag.config import load_config
from rag.index import generation_in_use, load_index


def main() -> None:
    """Compare documents, chunks and ids for equality, vectors by number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("other", type=Path)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    configs = [load_config(index=path) for path in (given.index, given.other)]
    a, b = map(load_index, configs)
    ours, theirs = (generation_in_use(config).vectors() for config in configs)
    pairs = [(ours[key], theirs[key]) for key in ours if key in theirs]
    figures = {
        "same_documents": a.documents == b.documents,
        "same_chunks": list(a.chunks.items()) == list(b.chunks.items()),
        "same_ids": (a.store.ids(), a.windows.ids()) == (b.store.ids(), b.windows.ids()),
        "same_texts": list(ours) == list(theirs),
        "n_vectors": len(pairs),
        "n_equal_bit_for_bit": sum(np.array_equal(x, y) for x, y in pairs),
        "least_cosine": round(min(float(x @ y) for x, y in pairs), 6),
    }
    run.tell(figures, given.out, ["ray"])


if __name__ == "__main__":
    main()
