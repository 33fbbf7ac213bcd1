"""Many ask at once while the shelf changes: each answer is of one generation, nothing fails."""

import re
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from benchmarks.load import MAX_BYTES_A_QUESTION, Slope, is_sound, measure, open_shelf, table
from benchmarks.load_callers import Outcome, Refused, run
from benchmarks.load_shelf import CHANGING_QUESTION, Generations, changing, changing_report
from rag.config import RagConfig
from rag.errors import QueueFullError
from rag.evaluation.questions import load_questions
from rag.index import Index, build_index
from rag.metadata import describe
from rag.output import Record, answer_record
from rag.pipeline import RagPipeline
from rag.reader.base import ReaderInput, Reading
from rag.retrieval import HybridRetriever
from rag.types import Span
from tests.fakes import HashEncoder

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTIONS = ["乙县通水多少村？", "甲县架桥多少座？", "乙县有什么？"]
WATER = "乙县饮水报告\n2020年，乙县通水25村。\n"
_FIGURE = re.compile(r"修路(\d+公里)|通水(\d+村)|架桥(\d+座)")
_NOTHING = Reading("", None, (), 0.1, abstained=True)


class FigureReader:
    """Answers with the first figure of the kind that is asked for."""

    model_id = "figure@1"

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        return [self._read(each) for each in inputs]

    def _read(self, asked: ReaderInput) -> Reading:
        for number, passage in enumerate(asked.passages):
            for match in _FIGURE.finditer(passage):
                if match.group()[:2] in asked.question:
                    place = Span(*match.span(cast("int", match.lastindex)))
                    return Reading(place.of(passage), number, (place,), 0.9, False)
        return _NOTHING


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index", max_requests_per_minute=0)


def make_index(config: RagConfig, **texts: str) -> Index:
    documents = [describe(name, text[-9:], text) for name, text in texts.items()]
    return build_index(documents, HashEncoder(), config)


@pytest.fixture
def pipeline(config: RagConfig) -> RagPipeline:
    index = make_index(config, water=WATER, changing=changing_report(0))
    return RagPipeline(index, HybridRetriever(index, HashEncoder(), config), FigureReader(), config)


@pytest.mark.integration
@pytest.mark.parametrize("way", ["python", "page", "v1"])
def test_no_answer_is_wrong_while_the_shelf_changes(pipeline: RagPipeline, tmp_path: Path, way):
    record = measure(pipeline, tmp_path, QUESTIONS, [way], [8], 2.5, 0, pause_seconds=0.02)
    sys.stdout.write(f"\n{table(record)}\n")
    (row,) = cast("list[Record]", record["rows"])
    assert is_sound(record), row
    assert cast("int", row["answered"]) >= 16
    assert cast("int", row["changes"]) >= 2
    assert cast("int", row["fewest"]) > 0


@pytest.mark.soak
def test_sixteen_callers_of_the_real_shelf_for_a_minute_each(tmp_path: Path):
    pipeline = open_shelf(SEEDS, tmp_path)
    asked = [question.question for question in load_questions(SEEDS / "questions.jsonl")]
    ways = ["python", "page", "v1"]
    record = measure(pipeline, tmp_path, asked, ways, [1, 2, 4, 8, 16], 60.0, 2000)
    sys.stdout.write(f"\n{table(record)}\n{record['memory']}\n")
    assert is_sound(record)


def test_an_answer_of_a_generation_in_use_is_right_and_of_another_is_told(
    pipeline: RagPipeline, config: RagConfig
):
    generations = Generations(pipeline)
    old = answer_record("", generations.ask(CHANGING_QUESTION))
    assert old["answer"] == "300公里"
    generations.take_over(make_index(config, water=WATER, changing=changing_report(1)))
    new = answer_record("", generations.ask(CHANGING_QUESTION))
    began, changed = generations._all[0].ended, generations._all[0].ended + 1
    assert new["answer"] == "301公里"
    assert generations.problem(old, began - 1, changed) == ""
    assert generations.problem(new, began, changed) == ""
    assert generations.problem(old, changed, changed + 1).startswith("no generation of 1 says")
    mixed = {**new, "citations": old["citations"]}
    assert generations.problem(mixed, began - 1, changed).startswith("no generation of 2 says")


def counted(ask: Callable[[str], Record], problem: str = "") -> Outcome:
    left = iter(range(3))

    def at_most_three(question: str) -> Record:
        next(left)
        return ask(question)

    return run([at_most_three], ["q"], lambda *_: problem, max_questions=3)


def test_what_callers_get_is_counted_by_kind():
    def full(question: str) -> Record:
        full.n += 1  # type: ignore[attr-defined]
        if full.n == 1:  # type: ignore[attr-defined]
            raise QueueFullError("full")
        if full.n == 2:  # type: ignore[attr-defined]
            raise Refused("full")
        raise KeyError("broken")

    full.n = 0  # type: ignore[attr-defined]
    refused = run([full], ["q"], lambda *_: "", max_questions=1)
    assert (refused.n_refused, refused.n_failed, refused.failures) == (
        2,
        1,
        ["q: KeyError('broken')"],
    )
    wrong = counted(lambda question: {}, "wrong")
    assert (wrong.n_failed, wrong.seconds, wrong.n_answered) == (3, [], [0])


def test_an_answer_that_cannot_be_checked_is_a_failure():
    def check(record: Record, began: float, ended: float) -> str:
        raise KeyError("citations")

    told = run([lambda question: {}], ["q"], check, max_questions=2)
    assert (told.n_failed, told.seconds, told.failures) == (2, [], ["q: KeyError('citations')"] * 2)


def test_after_each_answer_and_nothing_else_the_caller_is_told():
    problems, told = iter(["wrong", "", ""]), list[None]()
    run([lambda question: {}], ["q"], lambda *_: next(problems), max_questions=3,
        on_answer=lambda: told.append(None))  # fmt: skip
    assert len(told) == 2


def test_a_change_of_the_shelf_that_fails_is_told(pipeline: RagPipeline, tmp_path, monkeypatch):
    began = threading.Event()

    def fail(*_: object) -> None:
        began.set()
        raise OSError("broken")

    monkeypatch.setattr("benchmarks.load_shelf._change", fail)
    with (
        pytest.raises(RuntimeError, match=r"could not be changed: .*OSError\('broken'\)"),
        changing(Generations(pipeline), tmp_path, 0.001),
    ):
        assert began.wait(10)


def test_a_slope_is_flat_only_if_its_interval_is_below_the_limit():
    noise = [1e6 * (n % 7) for n in range(2000)]
    flat = Slope.of([2e8 + each for each in noise])
    grows = Slope.of([2e8 + each + 2 * MAX_BYTES_A_QUESTION * n for n, each in enumerate(noise)])
    assert flat.is_flat
    assert flat.low < 0 < flat.high
    assert not grows.is_flat
    assert grows.low < 2 * MAX_BYTES_A_QUESTION < grows.high
    with pytest.raises(ValueError, match="19 questions; a slope needs 20"):
        Slope.of([1.0] * 19)


def test_one_failure_or_growing_memory_is_not_sound():
    row: Record = {"failed": 0, "fewest": 1, "changes": 1}
    memory: Record = {"failed": 0, "is_flat": True}
    assert is_sound({"rows": [row], "memory": memory})
    for wrong in ({"failed": 1}, {"fewest": 0}, {"changes": 0}):
        assert not is_sound({"rows": [row, {**row, **wrong}], "memory": memory})
    assert not is_sound({"rows": [row], "memory": {**memory, "is_flat": False}})
    assert not is_sound({"rows": [row], "memory": {**memory, "failed": 1}})
