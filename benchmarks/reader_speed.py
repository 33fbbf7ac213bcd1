"""How fast the reader reads five passages, beside the same model by plain `generate`.

`python -m benchmarks.reader_speed`: for each answerable question of
`seeds/questions.jsonl` both read the same five retrieved passages, in turn, in one run. Plain
`generate` is greedy, in the free mixture, each passage alone. Prints JSON.
"""

import argparse
from pathlib import Path
from statistics import median

import torch

from benchmarks.record import Run, add_out
from benchmarks.timing import seconds
from embeddings.model_thread import n_model_threads
from rag import RagPipeline
from rag.evaluation.questions import load_questions
from rag.evaluation.scores import bootstrap
from rag.reader import ReaderInput
from rag.reader.copying import CopyReader
from rag.reader.inputs import collate, make_source

_MAX_NEW_TOKENS = 72


def main() -> None:
    """Measure both, question by question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=60, help="questions")
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    pipeline = RagPipeline.open("seeds")
    reader = CopyReader.load()
    ours, plain = [], []
    questions = [q for q in load_questions(Path("seeds/questions.jsonl")) if q.is_answerable]
    for question in questions[: given.limit]:
        passages = pipeline.search(question.question, top_k=5)
        texts = tuple(passage.chunk.text for passage in passages)
        headers = tuple(passage.chunk.header for passage in passages)
        asked = ReaderInput(question.question, texts, headers)
        ours.append(seconds(lambda asked=asked: reader.read([asked])))
        plain.append(seconds(lambda asked=asked: _generate(reader, asked)))
    ratios = [slow / fast for slow, fast in zip(plain, ours, strict=True)]
    spread = bootstrap(ratios)
    figures = {
        "n": len(ours),
        "threads": n_model_threads(),
        "precision": str(reader.model.dtype).removeprefix("torch."),
        "reader_median_s": round(median(ours), 4),
        "reader_p95_s": round(sorted(ours)[int(0.95 * len(ours))], 4),
        "generate_median_s": round(median(plain), 4),
        "times_faster": round(sum(ratios) / len(ratios), 2),
        "times_faster_95": [round(spread.low, 2), round(spread.high, 2)],
    }
    run.tell(figures, given.out)


@torch.inference_mode()
def _generate(reader: CopyReader, asked: ReaderInput) -> None:
    sources = [
        make_source(reader.tokenizer, asked.question, header, text)
        for text, header in zip(asked.passages, asked.headers, strict=True)
    ]
    batch = collate(sources, reader.tokenizer.pad_id)
    reader.model.generate(
        batch.input_ids,
        batch.attention_mask,
        batch.token_type_ids,
        batch.copy_mask,
        max_new_tokens=_MAX_NEW_TOKENS,
        do_sample=False,
    )


if __name__ == "__main__":
    main()
