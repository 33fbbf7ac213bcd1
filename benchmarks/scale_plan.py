"""The tables of docs/scaling.md, from what was measured and the arithmetic of a plan.

`python -m benchmarks.scale_plan --chunks 100000000 --shard 1000000` reads `many_chunks.json` and
`scale_constants.json` in `benchmarks/results/` and prints Markdown. Sums and bytes grow with the
chunks; the time of a search grows between the exponent that `many_chunks` measured, from exact
search to inverted files, and 1: an inverted file with all its lists reads a fixed share of its
vectors.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.record import RESULTS

CHUNKS, SHARD = 100_000_000, 1_000_000
"""What is planned for: chunks in all, and of one shard."""
_MS_AN_HOUR = 3_600_000
_HEAD = "|---|---|---|---|"

Measured = Mapping[str, Any]  # Any: JSON


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=CHUNKS)
    parser.add_argument("--shard", type=int, default=SHARD, help="chunks of one shard")
    given = parser.parse_args()
    many = json.loads((RESULTS / "many_chunks.json").read_text(encoding="utf-8"))
    constants = json.loads((RESULTS / "scale_constants.json").read_text(encoding="utf-8"))
    print(tables(many, constants, given.shard, given.chunks))


def tables(many: Measured, constants: Measured, shard: int = SHARD, chunks: int = CHUNKS) -> str:
    """Both tables, from the results of `many_chunks` and `scale_constants`."""
    n_shards = -(-chunks // shard)
    last = many["sizes"][-1]
    lines = [
        f"| | one chunk | {shard:,} | {chunks:,} |",
        _HEAD,
        *_costs(last, constants, shard, chunks),
        f"\n| one question | {last['n_chunks']:,}, measured | a shard | {n_shards} shards |",
        _HEAD,
        *_searches(many, shard, n_shards),
    ]
    return "\n".join(lines)


def _costs(last: Measured, constants: Measured, shard: int, chunks: int) -> Iterator[str]:
    windows = last["n_windows"] / last["n_chunks"]
    encode = constants["encode_ms_a_chunk"] + windows * constants["encode_ms_a_window"]
    times = {
        "read and cut, processor time": constants["read_ms_a_chunk"],
        "encode, processor time": encode,
        "build BM25": 1000 * last["build_lexical_s"] / last["n_chunks"],
        "build the stores": 1000 * last["build_dense_s"] / last["n_chunks"],
    }
    sizes = {
        "texts: `documents.jsonl`, `chunks.jsonl`": constants["text_bytes_a_chunk"],
        "`lexical/`": last["lexical_bytes_a_chunk"],
        "`store/`, `windows/`": last["dense_bytes_a_chunk"],
        "for the next update: `vectors.npy`, `texts.json`": constants["reused_bytes_a_chunk"],
        "memory: pages of files, which may be dropped": _a_chunk(last, "mapped_memory_mb"),
        "memory of its own, without texts": _a_chunk(last, "own_memory_mb"),
    }
    yield _row("vectors", f"{1 + windows:.1f}", *(f"{(1 + windows) * n / 1e6:,.0f} million"
                                                   for n in (shard, chunks)))  # fmt: skip
    for name, ms in {**times, "all of these": sum(times.values())}.items():
        yield _row(
            name, f"{ms:.2f} ms", *(f"{n * ms / _MS_AN_HOUR:,.1f} h" for n in (shard, chunks))
        )
    for name, size in sizes.items():
        yield _row(name, f"{size:,.0f} B", *(f"{n * size / 1e9:,.1f} GB" for n in (shard, chunks)))


def _searches(many: Measured, shard: int, n_shards: int) -> Iterator[str]:
    last = many["sizes"][-1]
    for part, name in (("dense", "dense"), ("lexical", "lexical"), ("all", "both and fusion")):
        for percent in ("p50", "p95"):
            key = f"{part}_{percent}_ms"
            exponents = sorted((many["growth_exponents"][key], 1.0))
            times = [last[key] * (shard / last["n_chunks"]) ** each for each in exponents]
            of_all = _span([n_shards * ms / 1000 for ms in times], 1)
            cells = (f"{last[key]:.1f} ms", f"{_span(times, 0)} ms", f"{of_all} s")
            yield _row(f"{name}, {percent}, of a core", *cells)


def _span(ends: Sequence[float], digits: int) -> str:
    """Both ends, or one number if they are the same."""
    return " to ".join(dict.fromkeys(f"{end:.{digits}f}" for end in ends))


def _a_chunk(last: Measured, name: str) -> float:
    return float(last[name]) * 2**20 / float(last["n_chunks"])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
