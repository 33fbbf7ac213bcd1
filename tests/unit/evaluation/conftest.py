from dataclasses import replace

import pytest

from rag.evaluation.harness import EvaluationReport, evaluate
from rag.evaluation.questions import Question
from rag.types import Document
from tests.fakes import FakePipeline, make_answer

TEXT = "青河县共有贫困户12户。2020年全县投入5.2亿元，修路30公里。其余不详。"
RIVER = Document("river", "0", TEXT, "青河县报告")
QUESTIONS = (
    Question("right", "多少户？", "zh", "number", ("12户",), ("river",), ("共有贫困户12户",)),
    Question("wrong", "How much?", "en", "number", ("5.2亿元",), ("river",), ("投入5.2亿元",)),
    Question("kept", "谁是县长？", "zh", "unanswerable"),
    Question("missed", "修路多少？", "zh", "number", ("30公里",), ("river",), ("修路30公里",)),
)


class AskedPipeline(FakePipeline):
    model_ids = {"encoder": "fake-encoder", "reader": "fake-reader"}  # noqa: RUF012 (a fake)


def build_pipeline() -> AskedPipeline:
    money = "2020年全县投入5.2亿元，修路30公里。"
    answers = {
        "多少户？": make_answer("多少户？", RIVER, TEXT, "青河县共有贫困户12户。", "12户"),
        "How much?": make_answer("How much?", RIVER, TEXT, money, "30公里"),
    }
    return AskedPipeline({"river": RIVER}, answers)


@pytest.fixture
def pipeline() -> AskedPipeline:
    return build_pipeline()


@pytest.fixture
def report() -> EvaluationReport:
    return evaluate(build_pipeline(), QUESTIONS)


@pytest.fixture
def hostile_report() -> EvaluationReport:
    """A report whose every text is markup and formatting code."""
    nasty = "<script>alert(1)</script> $x_1$ %s {0}"
    question = Question(nasty, nasty, nasty, nasty, (nasty,), (nasty,), ())
    pipeline = build_pipeline()
    answer = replace(pipeline.ask("多少户？"), question=nasty, short=nasty)
    return evaluate(
        AskedPipeline({"river": RIVER}, {nasty: replace(answer, short="no")}), [question]
    )
