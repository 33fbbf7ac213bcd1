"""Whether CUDA gives the processor's answers, and how much faster it encodes and reads.

`python -m benchmarks.devices --out FILE.json`, on a machine with a CUDA device: the reports are
indexed on the processor and on CUDA, all questions are asked of both, and what they say and cite is
compared; then both encode the chunks and read the questions' passages, in turn, in one run. Exit
code 1 if an answer differs, or if there is no CUDA device.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.record import Run, add_out
from benchmarks.timing import seconds
from embeddings import DeviceNotFoundError, SentenceTransformerEncoder
from embeddings.devices import Device, compute_on
from embeddings.model_thread import n_model_threads
from rag import RagPipeline
from rag.config import load_config
from rag.evaluation.questions import load_questions
from rag.index import indexed_text
from rag.reader import ReaderInput
from rag.reader.copying import CopyReader
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two pipelines answer to the same questions.

    Attributes:
        n_answered: Questions that the first does not abstain from.
        other_text: Questions with another text.
        other_citations: Questions with other citations.
        other_passages: Questions for which other passages were found, or in another order.
    """

    n_answered: int
    other_text: tuple[str, ...]
    other_citations: tuple[str, ...]
    other_passages: tuple[str, ...]

    @property
    def differ(self) -> bool:
        """True if anything else is shown for a question."""
        return bool(self.other_text or self.other_citations)


def main() -> None:
    """Compare, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", default="seeds")
    parser.add_argument("--questions", type=Path, default=Path("seeds/questions.jsonl"))
    parser.add_argument("--limit", type=int, help="only the first so many questions")
    parser.add_argument("--runs", type=int, default=3)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    try:
        name = compute_on("cuda").name
    except DeviceNotFoundError as exc:
        sys.exit(f"nothing to measure: {exc}")
    questions = [each.question for each in load_questions(given.questions)][: given.limit]
    with tempfile.TemporaryDirectory() as folder:
        cpu, cuda = (open_on(device, given.reports, Path(folder)) for device in ("cpu", "cuda"))
        found = compare(cpu, cuda, questions)
        figures = {
            "cuda": name,
            "threads": n_model_threads(),
            "precision": {"cpu": _encoder(cpu).precision, "cuda": _encoder(cuda).precision},
            "n": len(questions),
            "answered_on_cpu": found.n_answered,
            "n_other_text": len(found.other_text),
            "n_other_citations": len(found.other_citations),
            "n_other_passages": len(found.other_passages),
            "other_text": found.other_text,
            "other_citations": found.other_citations,
            **measure(cpu, cuda, questions, given.runs),
            "peak_cuda_bytes": torch.cuda.max_memory_allocated(),
        }
        run.tell(figures, given.out)
    sys.exit(1 if found.differ else 0)


def open_on(device: Device, reports: str | Path, folder: Path) -> RagPipeline:
    """The pipeline on a device, its index made there, in `folder`."""
    pipeline = RagPipeline.open(reports, config=load_config(device=device, index=folder / device))
    pipeline.search("warm")  # What is loaded with the first question is not measured.
    return pipeline


def compare(one: RagPipeline, other: RagPipeline, questions: Sequence[str]) -> Comparison:
    """Ask both, and tell what differs."""
    pairs = [(one.ask(question), other.ask(question)) for question in questions]

    def differing(shown: Callable[[Answer], object]) -> tuple[str, ...]:
        return tuple(first.question for first, second in pairs if shown(first) != shown(second))

    return Comparison(
        sum(not first.abstained for first, _ in pairs),
        differing(lambda answer: (answer.text, answer.abstained)),
        differing(lambda answer: answer.citations),
        differing(lambda answer: [passage.chunk for passage in answer.passages]),
    )


def measure(
    cpu: RagPipeline, cuda: RagPipeline, questions: Sequence[str], n_runs: int
) -> dict[str, Any]:
    """Encoding and reading on both, in turn; how near their vectors are."""
    texts = [indexed_text(chunk) for chunk in cpu.index.chunks.values()]
    encoders, readers = [_encoder(cpu), _encoder(cuda)], [_reader(cpu), _reader(cuda)]
    inputs = [_input(cpu, question) for question in questions]
    first, second = (encoder.encode_passages(texts) for encoder in encoders)
    return {
        "least_cosine": round(float(np.einsum("nd,nd->n", first, second).min()), 5),
        "encode_passages": _in_turn(
            [partial(encoder.encode_passages, texts) for encoder in encoders], n_runs, len(texts)
        ),
        "read_one_by_one": _in_turn(
            [partial(_read, reader, inputs, 1) for reader in readers], n_runs, len(inputs)
        ),
        "read_four_at_once": _in_turn(
            [partial(_read, reader, inputs, 4) for reader in readers], n_runs, len(inputs)
        ),
    }


def _read(reader: CopyReader, inputs: Sequence[ReaderInput], at_once: int) -> None:
    for start in range(0, len(inputs), at_once):
        reader.read(inputs[start : start + at_once])


def _in_turn(works: Sequence[Callable[[], object]], n_runs: int, n: int) -> dict[str, float]:
    """Items a second of both, the median of the runs; and of the ratios."""
    on_cpu, on_cuda = works
    runs = [(seconds(on_cpu), seconds(on_cuda)) for _ in range(n_runs)]
    return {
        "n": n,
        "cpu_a_second": round(n / median(run[0] for run in runs), 2),
        "cuda_a_second": round(n / median(run[1] for run in runs), 2),
        "times_faster": round(median(slow / fast for slow, fast in runs), 2),
    }


def _encoder(pipeline: RagPipeline) -> SentenceTransformerEncoder:
    assert isinstance(pipeline.encoder, SentenceTransformerEncoder)
    return pipeline.encoder


def _reader(pipeline: RagPipeline) -> CopyReader:
    assert isinstance(pipeline.reader, CopyReader)
    return pipeline.reader


def _input(pipeline: RagPipeline, question: str) -> ReaderInput:
    passages = pipeline.search(question)
    texts = tuple(passage.chunk.text for passage in passages)
    return ReaderInput(question, texts, tuple(passage.chunk.header for passage in passages))


if __name__ == "__main__":
    main()
