"""Whether `ask_many` is faster than asking one by one, and what stands in the way.

`OMP_NUM_THREADS=1 python -m benchmarks.many_questions`: the questions of `seeds/questions.jsonl` in
blocks, each asked one by one and then by `ask_many`, in one run; the answers must be the same. Then
the reader's encoder is timed over all their passages, in batches of several sizes, sorted by
length: that share of the time is the same however many questions come together, so that
`at_most_times_faster` is what could be reached if all else cost nothing. Prints JSON. Exit code 1
if an answer differs.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch

from benchmarks.record import Run, add_out
from benchmarks.timing import seconds
from embeddings.model_thread import n_model_threads
from rag import RagPipeline
from rag.evaluation.questions import load_questions
from rag.reader.copying import CopyReader
from rag.reader.inputs import Source, collate, make_source
from rag.types import Answer

_BATCHES = (1, 5, 8, 16, 32, 64)
_RUNS = 3


def main() -> None:
    """Measure both, and the encoder alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", default="seeds", help="or an index of them")
    parser.add_argument("--limit", type=int, default=120, help="questions")
    parser.add_argument("--block", type=int, default=30, help="questions for one ask_many")
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    pipeline = RagPipeline.open(given.reports)
    questions = [q.question for q in load_questions(Path("seeds/questions.jsonl"))][: given.limit]
    pipeline.ask(questions[0])  # What is loaded with the first question is not measured.
    singly, together, n_different = compare(pipeline, questions, given.block)
    sources = _sources(pipeline, questions)
    milliseconds = {size: _encoding(pipeline, sources, size) for size in _BATCHES}
    n_tokens = sum(len(source.ids) for source in sources)
    share = n_tokens * milliseconds[5] / 1000 / sum(singly)
    figures = {
        "n": len(questions),
        "threads": n_model_threads(),
        "one_by_one_s": round(sum(singly) / len(questions), 4),
        "ask_many_s": round(sum(together) / len(questions), 4),
        "times_faster": round(sum(singly) / sum(together), 3),
        "different_answers": n_different,
        "reader_tokens": n_tokens,
        "encoder_ms_a_token_by_batch": {n: round(ms, 4) for n, ms in milliseconds.items()},
        "encoder_share_one_by_one": round(share, 3),
        "at_most_times_faster": round(1 / share, 2),
    }
    run.tell(figures, given.out)
    sys.exit(1 if n_different else 0)


def compare(
    pipeline: RagPipeline, questions: Sequence[str], block: int
) -> tuple[list[float], list[float], int]:
    """Seconds of each block one by one and together, and how many answers differ."""
    singly, together, n_different = list[float](), list[float](), 0
    for start in range(0, len(questions), block):
        asked = questions[start : start + block]
        one, many = list[Answer](), list[Answer]()
        singly.append(seconds(lambda one=one, asked=asked: one.extend(map(pipeline.ask, asked))))
        together.append(
            seconds(lambda many=many, asked=asked: many.extend(pipeline.ask_many(asked)))
        )
        n_different += sum(map(differ, one, many))
    return singly, together, n_different


def differ(one: Answer, other: Answer) -> bool:
    """True if the answers say or cite different things; their times and scores may differ."""
    shown = [replace(each, seconds=0.0, confidence=0.0, passages=()) for each in (one, other)]
    places = [[passage.chunk for passage in each.passages] for each in (one, other)]
    return shown[0] != shown[1] or places[0] != places[1]


def _sources(pipeline: RagPipeline, questions: Sequence[str]) -> list[Source]:
    """What the reader reads for the questions, each passage with its question, by length."""
    assert isinstance(pipeline.reader, CopyReader)
    tokenizer = pipeline.reader.tokenizer
    sources = [
        make_source(tokenizer, question, passage.chunk.header, passage.chunk.text)
        for question in questions
        for passage in pipeline.search(question)
    ]
    return sorted(sources, key=lambda source: len(source.ids))


@torch.inference_mode()
def _encoding(pipeline: RagPipeline, sources: Sequence[Source], size: int) -> float:
    """Milliseconds a token of the reader's encoder in batches of `size`."""
    assert isinstance(pipeline.reader, CopyReader)
    model, some = pipeline.reader.model, sources[:: max(1, len(sources) // 64)]
    batches = [
        collate(some[start : start + size], model.config.pad_token_id)
        for start in range(0, len(some), size)
    ]

    def encode() -> None:
        for batch in batches:
            model.encode(batch.input_ids, batch.attention_mask, batch.token_type_ids)

    n_tokens = sum(len(source.ids) for source in some)
    return 1000 * median(seconds(encode) for _ in range(_RUNS)) / n_tokens


if __name__ == "__main__":
    main()
