"""How long answers take when many ask at once while the shelf changes, and whether memory grows.

`python -m benchmarks.load --out FILE.json`: 1, 2, 4, 8 and 16 callers ask the questions of
`seeds/questions.jsonl` for 60 seconds each, in the process, through the page's `/ask`, and through
`/v1`; each caller asks its next question when the last is answered. Meanwhile a report is added,
replaced and removed again and again. Every citation and passage of every answer is held against
the texts of the generations that were in use. Then 2,000 questions of four callers tell how memory
grows. The rate limit is off: all callers come from one address. Exit code 1 if anything failed.
"""

import argparse
import asyncio
import gc
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import gradio as gr
import numpy as np
import psutil

from benchmarks.load_callers import Ask, Outcome, in_process, run, through_page, through_v1
from benchmarks.load_shelf import CHANGING_QUESTION, Generations, changing
from benchmarks.record import Run, add_out
from rag.config import RagConfig
from rag.evaluation.questions import load_questions
from rag.generations import is_index
from rag.interfaces import Interfaces
from rag.output import Record
from rag.pipeline import RagPipeline
from rag.ui.protocol import Pipeline
from rag.ui.server import launch

WAYS = ("python", "page", "v1")
MAX_BYTES_A_QUESTION = 4096
"""Decided before anything was measured: memory is flat if the interval's upper end is below."""
_MEMORY_CALLERS, _BLOCKS = 4, 20
_T_975 = 2.101  # Student's t with `_BLOCKS` - 2 degrees of freedom, 97.5 %.
_WARM_UP = 200
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Slope:
    """Bytes that memory grows by with each question: least squares over means of blocks.

    Attributes:
        bytes_a_question: The slope.
        low: Lower end of its 95 % interval.
        high: Upper end.
        n_questions: Questions that it is fitted over.
    """

    bytes_a_question: float
    low: float
    high: float
    n_questions: int

    @property
    def is_flat(self) -> bool:
        """True if memory grows by less than `MAX_BYTES_A_QUESTION`, even at the upper end."""
        return self.high < MAX_BYTES_A_QUESTION

    @classmethod
    def of(cls, memory: Sequence[float]) -> "Slope":
        """The slope of `memory`, bytes after each question.

        Raises:
            ValueError: There are fewer questions than blocks.
        """
        if len(memory) < _BLOCKS:
            raise ValueError(f"{len(memory)} questions; a slope needs {_BLOCKS} or more")
        size = len(memory) // _BLOCKS
        means = np.asarray(memory[-size * _BLOCKS :], float).reshape(_BLOCKS, size).mean(1)
        x = (np.arange(_BLOCKS) - (_BLOCKS - 1) / 2) * size
        slope = float(x @ means / (x @ x))
        rest = means - means.mean() - slope * x
        error = _T_975 * float(np.sqrt(rest @ rest / (_BLOCKS - 2) / (x @ x)))
        return cls(slope, slope - error, slope + error, size * _BLOCKS)

    def as_record(self) -> Record:
        """Whole bytes."""
        return {
            "bytes_a_question": round(self.bytes_a_question),
            "interval": [round(self.low), round(self.high)],
            "limit": MAX_BYTES_A_QUESTION,
            "n_questions": self.n_questions,
            "is_flat": self.is_flat,
        }


def main() -> None:
    """Measure, print the table, and write all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=Path("seeds"), help="or an index of them")
    parser.add_argument("--questions", type=Path, default=Path("seeds/questions.jsonl"))
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--memory-questions", type=int, default=2000, help="0: none")
    add_out(parser)
    given = parser.parse_args()
    started = Run.begin()
    asked = [question.question for question in load_questions(given.questions)]
    with tempfile.TemporaryDirectory() as name:
        pipeline = open_shelf(given.reports, Path(name))
        record = measure(
            pipeline, Path(name), asked, given.ways, given.callers, given.seconds,
            given.memory_questions,
        )  # fmt: skip
    print(table(record), file=sys.stderr)
    started.tell(record, given.out, ["gradio"])
    sys.exit(0 if is_sound(record) else 1)


def open_shelf(reports: Path, folder: Path) -> RagPipeline:
    """A pipeline over a shelf in `folder`, with the reports or a copy of the index."""
    config = RagConfig(index=folder / "index", max_requests_per_minute=0)
    if is_index(reports):
        shutil.copytree(reports, config.index)
        return RagPipeline.open(None, config=config)
    return RagPipeline.open(reports, config=config)


def measure(
    pipeline: RagPipeline,
    folder: Path,
    questions: Sequence[str],
    ways: Sequence[str],
    callers: Sequence[int],
    seconds: float,
    n_memory: int,
    pause_seconds: float = _PAUSE_SECONDS,
) -> Record:
    """Latencies of each way and number of callers, then the slope of memory."""
    generations = Generations(pipeline)
    # A few of many are asked of the report that changes.
    asked = [*questions, *[CHANGING_QUESTION] * max(1, len(questions) // 8)]
    rows: list[Record] = []
    pipeline.ask(CHANGING_QUESTION)  # What is loaded with the first question is not measured.
    for way in ways:
        for n in callers:
            n_before = generations.n_changes
            with (
                callers_of(way, n, generations) as asks,
                changing(generations, folder, pause_seconds),
            ):
                outcome = run(asks, asked, generations.problem, max_seconds=seconds)
            rows.append(_row(way, n, generations.n_changes - n_before, outcome))
            print(rows[-1], file=sys.stderr)
    record: Record = {"seconds_each": seconds, "rows": rows}
    if n_memory:
        with changing(generations, folder, pause_seconds):
            record["memory"] = _memory(generations, asked, n_memory)
    return record


@contextmanager
def callers_of(way: str, n: int, pipeline: Generations) -> Iterator[list[Ask]]:
    """`n` callers of one way; the server they ask is up meanwhile."""
    if way == "python":
        yield [in_process(cast(RagPipeline, pipeline))] * n
        return
    app = asyncio.run(_launched(cast(Pipeline, pipeline)))
    try:
        with ExitStack() as stack:
            url = str(app.local_url)
            through = through_page if way == "page" else through_v1
            yield [stack.enter_context(through(url, f"caller{i}")) for i in range(n)]
    finally:
        app.close(verbose=False)


def is_sound(record: Record) -> bool:
    """True if every caller got answers while the shelf changed, nothing failed, memory is flat."""
    rows = cast("list[Record]", record["rows"])
    memory = cast("Record", record.get("memory", {"failed": 0, "is_flat": True}))
    has_failed = any(row["failed"] for row in (*rows, memory))
    is_measured = all(row["fewest"] and row["changes"] for row in rows)
    return is_measured and not has_failed and bool(memory["is_flat"])


def table(record: Record) -> str:
    """The latencies for people."""
    names = ("way", "callers", "answered", "refused", "failed", "a_second", "p50_ms", "p95_ms")
    columns = (*names, "p99_ms", "longest_ms", "fewest", "most", "changes")
    rows = cast("list[Record]", record["rows"])
    lines = [columns, *[tuple(str(row.get(name, "")) for name in columns) for row in rows]]
    return "\n".join("  ".join(f"{value:>10}" for value in line) for line in lines)


def _memory(pipeline: Generations, questions: Sequence[str], n: int) -> Record:
    process, memory = psutil.Process(), list[float]()

    def note() -> None:
        memory.append(float(process.memory_info().rss))

    asks = [in_process(cast(RagPipeline, pipeline))] * _MEMORY_CALLERS
    run(asks, questions, pipeline.problem, max_questions=min(_WARM_UP, n))
    gc.collect()
    outcome = run(asks, questions, pipeline.problem, max_questions=n, on_answer=note)
    slope = Slope.of(memory)
    return {**slope.as_record(), "failed": outcome.n_failed, "failures": outcome.failures}


def _row(way: str, n: int, n_changes: int, outcome: Outcome) -> Record:
    failures: Record = {"failures": outcome.failures} if outcome.failures else {}
    return {"way": way, "callers": n, "changes": n_changes, **outcome.as_record(), **failures}


async def _launched(pipeline: Pipeline) -> gr.Blocks:
    # Within a loop, since Gradio makes (and never closes) loops of its own without one.
    return launch(pipeline, port=_free_port(), interfaces=Interfaces(api=True))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
