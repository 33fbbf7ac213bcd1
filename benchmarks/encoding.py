"""How fast passages are encoded, beside sentence-transformers as it comes.

`python -m benchmarks.encoding`: all ways encode the same chunks of the reports in `seeds/`, in
turn, in one run, several times; the baseline is `SentenceTransformer.encode` of the same weights in
float32 with its default batches. Where our encoder chooses bf16, ours as it would be on a processor
without, and sentence-transformers in bf16, stand beside. The machine's peak is that of matrix
products of the model's own shapes in the encoder's precision. Prints JSON.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

import embeddings.devices
from benchmarks.record import Run, add_out
from benchmarks.timing import seconds
from embeddings import bundled_model, load_encoder
from embeddings.encoder import normalise
from rag import RagPipeline
from rag.index import indexed_text

Vectors = NDArray[np.float32]
_PROMPT = "passage: "
# Of the bundled model: matrix products of its layers, without attention's own.
_LAYERS, _WIDTH, _INNER = 12, 384, 1536
_FLOPS_A_TOKEN = 2 * _LAYERS * (4 * _WIDTH * _WIDTH + 2 * _WIDTH * _INNER)
_PEAK_ROWS, _PEAK_RUNS = 2048, 30


@dataclass(frozen=True, slots=True)
class Way:
    """A way to encode all passages.

    Attributes:
        name: What encodes.
        precision: What it multiplies in.
        encode: Gives the vectors, `(n, dim)`, of any length.
    """

    name: str
    precision: str
    encode: Callable[[], Any]


def main() -> None:
    """Measure all ways, and what the machine could do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=96, help="passages")
    parser.add_argument("--runs", type=int, default=3)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    chunks = list(RagPipeline.open("seeds").index.chunks.values())[: given.limit]
    texts = [indexed_text(chunk) for chunk in chunks]
    baseline = _plain(torch.float32)
    ids = baseline.tokenizer([_PROMPT + text for text in texts], truncation=True)["input_ids"]
    ways = _ways(texts, baseline)
    rows = _compare(ways, len(texts), given.runs)
    # Of our encoder as it comes: the second way.
    used = _FLOPS_A_TOKEN * sum(map(len, ids)) / min(rows[1]["seconds"])
    peak, plain_peak = (_peak(getattr(torch, name)) for name in (ways[1].precision, "float32"))
    run.tell(
        {
            "n": len(texts),
            "tokens": sum(map(len, ids)),
            "threads": torch.get_num_threads(),
            "ways": rows,
            "gflops": round(used / 1e9, 1),
            "share_of_peak": round(used / peak, 2),
            "peak_over_float32": round(peak / plain_peak, 2),
        },
        given.out,
    )


def _ways(texts: list[str], baseline: SentenceTransformer) -> list[Way]:
    """The baseline, ours, and each in the precision of the other."""
    prompted = [_PROMPT + text for text in texts]
    ours = load_encoder(device="cpu")
    ways = [
        Way("sentence-transformers", "float32", lambda: baseline.encode(prompted)),
        Way("this product", ours.precision, lambda: ours.encode_passages(texts)),
    ]
    if ours.precision == "float32":
        return ways
    other = _plain(torch.bfloat16)
    with patch.object(embeddings.devices, "read_cpu_flags", frozenset[str]):
        plain = load_encoder(device="cpu")
    return [
        *ways,
        Way("this product", plain.precision, lambda: plain.encode_passages(texts)),
        Way("sentence-transformers", "bfloat16", lambda: _encode(other, prompted)),
    ]


def _compare(ways: Sequence[Way], n: int, n_runs: int) -> list[dict[str, Any]]:
    """A row for each way, the baseline first; what is told of speed are medians."""
    vectors = [normalise(np.asarray(way.encode(), np.float32)) for way in ways]
    times = [[seconds(way.encode) for way in ways] for _ in range(n_runs)]
    return [
        {
            "name": way.name,
            "precision": way.precision,
            "seconds": [round(run[place], 3) for run in times],
            "passages_a_second": round(n / median(run[place] for run in times), 1),
            "times_faster": round(median(run[0] / run[place] for run in times), 2),
            "least_cosine": round(_least_cosine(vectors[0], vectors[place]), 5),
        }
        for place, way in enumerate(ways)
    ]


def _plain(dtype: torch.dtype) -> SentenceTransformer:
    return SentenceTransformer(
        str(bundled_model()),
        device="cpu",
        local_files_only=True,
        model_kwargs={"dtype": dtype},
    )


def _encode(model: SentenceTransformer, texts: list[str]) -> Vectors:
    # numpy has no bf16.
    return model.encode(texts, convert_to_tensor=True).float().numpy()


def _least_cosine(one: Vectors, other: Vectors) -> float:
    return float(np.einsum("nd,nd->n", one, other).min())


def _peak(dtype: torch.dtype) -> float:
    """Floating-point operations a second of the best of some matrix products."""
    rows, weights = torch.randn(_PEAK_ROWS, _WIDTH).to(dtype), torch.randn(_INNER, _WIDTH).to(dtype)
    product = lambda: torch.nn.functional.linear(rows, weights)  # noqa: E731
    return 2 * _PEAK_ROWS * _WIDTH * _INNER / min(seconds(product) for _ in range(_PEAK_RUNS))


if __name__ == "__main__":
    main()
