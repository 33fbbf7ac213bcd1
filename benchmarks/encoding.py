"""How fast passages are encoded, beside sentence-transformers as it comes.

`python -m benchmarks.encoding`: both encode the same chunks of the reports in `seeds/`, in turn, in
one run, several times; the baseline is `SentenceTransformer.encode` of the same weights in float32
with its default batches. The machine's peak is that of matrix products of the model's own shapes in
the encoder's precision. Prints JSON.
"""

import argparse
import json
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from benchmarks.timing import seconds
from embeddings import SentenceTransformerEncoder, bundled_model, load_encoder
from embeddings.encoder import normalise
from rag import RagPipeline
from rag.index import indexed_text

_PROMPT = "passage: "
# Of the bundled model: matrix products of its layers, without attention's own.
_LAYERS, _WIDTH, _INNER = 12, 384, 1536
_FLOPS_A_TOKEN = 2 * _LAYERS * (4 * _WIDTH * _WIDTH + 2 * _WIDTH * _INNER)
_PEAK_ROWS, _PEAK_RUNS = 2048, 30


def main() -> None:
    """Measure both, and what the machine could do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=128, help="passages")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    chunks = list(RagPipeline.open("seeds").index.chunks.values())[: given.limit]
    texts = [indexed_text(chunk) for chunk in chunks]
    encoder = load_encoder(device="cpu")
    plain = SentenceTransformer(
        str(bundled_model()),
        device="cpu",
        local_files_only=True,
        model_kwargs={"dtype": torch.float32},
    )
    prompted = [_PROMPT + text for text in texts]
    ours, theirs = [], []
    for _ in range(given.runs):
        ours.append(seconds(lambda: encoder.encode_passages(texts)))
        theirs.append(seconds(lambda: plain.encode(prompted)))
    cosines = _cosines(encoder, plain, texts, prompted)
    n_tokens = sum(map(len, plain.tokenizer(prompted, truncation=True)["input_ids"]))
    peak, plain_peak = (_peak(getattr(torch, name)) for name in (encoder.precision, "float32"))
    used = n_tokens * _FLOPS_A_TOKEN / min(ours)
    print(json.dumps({
        "n": len(texts),
        "tokens": n_tokens,
        "threads": torch.get_num_threads(),
        "precision": encoder.precision,
        "passages_a_second": round(len(texts) / median(ours), 1),
        "baseline_passages_a_second": round(len(texts) / median(theirs), 1),
        "times_faster": round(median(t / o for t, o in zip(theirs, ours, strict=True)), 2),
        "least_cosine": round(float(cosines.min()), 5),
        "gflops": round(used / 1e9, 1),
        "share_of_peak": round(used / peak, 2),
        "peak_over_float32": round(peak / plain_peak, 2),
    }, indent=2))  # fmt: skip


def _cosines(
    encoder: SentenceTransformerEncoder,
    plain: SentenceTransformer,
    texts: list[str],
    prompted: list[str],
) -> NDArray[np.float32]:
    ours, theirs = encoder.encode_passages(texts), normalise(np.asarray(plain.encode(prompted)))
    cosines: NDArray[np.float32] = np.einsum("nd,nd->n", ours, theirs)
    return cosines


def _peak(dtype: torch.dtype) -> float:
    """Floating-point operations a second of the best of some matrix products."""
    rows, weights = torch.randn(_PEAK_ROWS, _WIDTH).to(dtype), torch.randn(_INNER, _WIDTH).to(dtype)
    product = lambda: torch.nn.functional.linear(rows, weights)  # noqa: E731
    return 2 * _PEAK_ROWS * _WIDTH * _INNER / min(seconds(product) for _ in range(_PEAK_RUNS))


if __name__ == "__main__":
    main()
