"""A document that hangs its parser, or takes long to read, never blocks a question."""

import sys
import time
from functools import partial
from pathlib import Path

import pytest

import rag.loading
from rag.config import RagConfig
from rag.describing import MAX_BYTES_HERE, describe_file
from rag.intake import Step
from rag.opening import open_index
from rag.parsing import parse
from rag.pipeline import RagPipeline
from rag.retrieval import HybridRetriever
from rag.ui.library import Library
from rag.ui.operation.watched import Operation, watched
from tests.fakes import HashEncoder
from tests.unit.test_pipeline import CopyReader

HANGING = (sys.executable, "-c", "import time; time.sleep(600)")
LIMIT_SECONDS = 3.0


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Over a shelf whose parser hangs for every file that needs one, as long texts do."""
    config = RagConfig(index=tmp_path / "index", max_parse_seconds=LIMIT_SECONDS)
    roads = tmp_path / "roads.txt"
    roads.write_text("甲县道路报告\n2019年，甲县修路300公里。", encoding="utf-8")
    index = open_index([roads], HashEncoder(), config)
    retriever = HybridRetriever(index, HashEncoder(), config)
    pipeline = RagPipeline(index, retriever, CopyReader("300公里"), config)
    pipeline.ask("甲县修路多少公里？")  # What is loaded with the first question takes its time.
    monkeypatch.setattr(rag.loading, "parse", partial(parse, worker=HANGING))
    hanging = partial(describe_file, worker=HANGING)
    monkeypatch.setattr(rag.loading, "describe_file", hanging)
    return Library(watched(pipeline, Operation.of(config)))


def step_of(library: Library) -> Step:
    (line,) = library.lines
    return line.progress.step


@pytest.mark.parametrize(
    ("name", "text"),
    [("stuck.html", "<p>乙县通水25村。</p>"), ("stuck.txt", "乙县通水25村。\n" * MAX_BYTES_HERE)],
    ids=["html", "long text"],
)
def test_questions_are_answered_while_a_parser_hangs_which_is_stopped_in_time(
    library: Library, tmp_path: Path, name: str, text: str
):
    stuck = tmp_path / name
    stuck.write_text(text, encoding="utf-8")
    began = time.monotonic()
    library.add([stuck])
    steps = library.watch()
    while step_of(library) is not Step.READING:
        next(steps)
    answers = [library.pipeline.ask("甲县修路多少公里？") for _ in range(20)]
    assert step_of(library) is Step.READING  # It hung from the first question to the last.
    assert {answer.short for answer in answers} == {"300公里"}
    assert list(steps)[-1] is False
    assert time.monotonic() - began >= LIMIT_SECONDS
    (line,) = library.lines
    assert line.progress.step is Step.REFUSED
    assert "is not read after 3 seconds (max_parse_seconds)" in line.progress.reason
