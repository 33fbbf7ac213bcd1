"""How long a question takes from being asked to its answer, stage by stage, and what memory.

`python -m benchmarks.questions`: the questions of `seeds/questions.jsonl`, each once, one by one,
in a process that has answered one before. The stages are those that `rag ask --explain` tells;
`other` is what is left of the whole. Memory is the most that the process has held so far. Prints
JSON.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Run, add_out
from benchmarks.timing import timed
from embeddings.model_thread import n_model_threads
from rag import RagPipeline
from rag.evaluation.provenance import peak_memory_bytes
from rag.evaluation.questions import load_questions

_FIRST = 30
"""Questions after which memory is told, beside the end: it should have stopped growing."""


def main() -> None:
    """Ask, and tell what each stage took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", default="seeds", help="or an index of them")
    parser.add_argument("--limit", type=int, default=120, help="questions")
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    asked = [q.question for q in load_questions(Path("seeds/questions.jsonl"))][: given.limit]
    pipeline, open_s = timed(lambda: RagPipeline.open(given.reports))
    pipeline.ask(asked[0])  # What is loaded with the first question is not measured.
    first = [_ask(pipeline, question) for question in asked[:_FIRST]]
    early_mb = _peak_mb()
    times = [*first, *(_ask(pipeline, question) for question in asked[_FIRST:])]
    figures = {
        "n": len(times),
        "threads": n_model_threads(),
        "open_s": round(open_s, 2),
        **summarise(times),
        f"peak_mb_after_{len(first)}": early_mb,
        "peak_mb": _peak_mb(),
    }
    run.tell(figures, given.out)


def _ask(pipeline: RagPipeline, question: str) -> dict[str, float]:
    """Seconds of each stage, and of the `whole`."""
    explanation, whole = timed(lambda: pipeline.explain(question))
    return {**asdict(explanation.seconds), "whole": whole}


def summarise(times: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Median and 95th percentile of the whole, and of each stage with its share of all time."""
    wholes = [each["whole"] for each in times]
    stages = {name: [each[name] for each in times] for name in times[0] if name != "whole"}
    stages["other"] = [2 * each["whole"] - sum(each.values()) for each in times]
    told = {
        name: {**_spread(values), "share": round(sum(values) / sum(wholes), 3)}
        for name, values in stages.items()
    }
    return {**_spread(wholes), "stages": told}


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values, (50, 95))
    return {"p50_s": round(float(p50), 4), "p95_s": round(float(p95), 4)}


def _peak_mb() -> float:
    return round(peak_memory_bytes() / 1e6, 1)


if __name__ == "__main__":
    main()
