"""How fast passages are encoded, beside sentence-transformers as it comes.

`python -m benchmarks.encoding`: all ways encode the same chunks of the reports in `seeds/`, in
turn, in one run, several times; the baseline is `SentenceTransformer.encode` of the same weights in
float32 with its default batches. Where our encoder chooses bf16, ours as it would be on processors
without, and sentence-transformers in bf16, stand beside. For each of ours is told how many of the
questions find their evidence among the first five passages. The machine's peak is that of matrix
products of the model's own shapes in the encoder's precision. Prints JSON.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

import embeddings.devices
from benchmarks.record import Run, add_out
from benchmarks.retrieval_ablation import load_gold
from benchmarks.timing import seconds
from embeddings import Encoder, bundled_model, load_encoder
from embeddings.devices import read_cpu_flags
from embeddings.encoder import normalise
from embeddings.model_thread import n_model_threads
from rag import RagPipeline
from rag.config import load_config
from rag.evaluation.retrieval_metrics import gold_rank
from rag.index import build_index, indexed_text
from rag.loading import load_documents
from rag.retrieval import HybridRetriever

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
        encoder: What encodes, if it is ours.
    """

    name: str
    precision: str
    encode: Callable[[], Any]
    encoder: Encoder | None = None


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
            "threads": n_model_threads(),
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
    first = Way("sentence-transformers", "float32", lambda: baseline.encode(prompted))
    ways = [first, _ours(texts, read_cpu_flags())]
    if ways[1].precision == "float32":
        return ways
    if ways[1].precision == "bfloat16":
        other = _plain(torch.bfloat16)
        ways.append(Way("sentence-transformers", "bfloat16", lambda: _encode(other, prompted)))
        if "avx512_vnni" in read_cpu_flags():
            ways.append(_ours(texts, frozenset({"avx512_vnni"})))
    return [*ways, _ours(texts, frozenset())]


def _ours(texts: list[str], flags: frozenset[str]) -> Way:
    """Our encoder as it is on a processor with these flags."""
    with patch.object(embeddings.devices, "read_cpu_flags", lambda: flags):
        encoder = load_encoder(device="cpu")
    encode = partial(encoder.encode_passages, texts)
    return Way("this product", encoder.precision, encode, encoder)


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
            "hit_at_5": hit_at_5(way.encoder) if way.encoder else None,
        }
        for place, way in enumerate(ways)
    ]


def hit_at_5(encoder: Encoder) -> float:
    """The share of the answerable questions of the seeds whose evidence is among five passages."""
    seeds = Path("seeds")
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(index=Path(folder))
        index = build_index(load_documents([seeds], config).documents, encoder, config)
    gold = load_gold(seeds / "questions.jsonl", index)
    retriever = HybridRetriever(index, encoder, config)
    found = retriever.retrieve_many([each.question.question for each in gold], 5)
    ranks = [gold_rank(p, each.evidence) for p, each in zip(found, gold, strict=True)]
    return round(sum(rank is not None for rank in ranks) / len(gold), 4)


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
