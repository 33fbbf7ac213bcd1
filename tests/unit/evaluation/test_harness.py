from dataclasses import replace

import pytest

from rag.evaluation.harness import evaluate
from rag.evaluation.questions import Question


def test_evaluate_scores_each_question(report):
    assert [outcome.correct for outcome in report.outcomes] == [True, False, True, False]
    assert [miss.question.id for miss in report.misses] == ["wrong", "missed"]
    assert [outcome.gold_rank for outcome in report.outcomes] == [1, 1, None, 1]


def test_evaluate_sums_up(report):
    values = {measure.name: measure.value for measure in report.measures}
    assert values["accuracy"] == 0.5
    assert values["accuracy_answerable"] == pytest.approx(1 / 3)
    assert values["hit@1"] == values["MRR@10"] == 1
    assert values["number_exactness"] == pytest.approx(1 / 3)
    assert values["refusal_precision"] == 0.5
    assert values["refusal_recall"] == 1
    assert values["wrong_answers_shown"] == 0.25
    assert values["citations"] == 2
    assert values["inexact_citations"] == 0
    assert values["peak_memory"] > 10**6


def test_measures_say_how_many_questions_count(report):
    assert (report["accuracy"].n, report["hit@5"].n, report["refusal_recall"].n) == (4, 3, 1)
    assert report["accuracy"].interval.low < 0.5 < report["accuracy"].interval.high
    with pytest.raises(KeyError):
        report["luck"]


def test_groups_are_by_type_report_and_language(report):
    assert [(group.by, group.name, group.n) for group in report.groups] == [
        ("type", "number", 3),
        ("type", "unanswerable", 1),
        ("report", "(none)", 1),
        ("report", "river", 3),
        ("language", "en", 1),
        ("language", "zh", 3),
    ]


def test_run_tells_what_was_measured(report):
    assert report.run.models == {"encoder": "fake-encoder", "reader": "fake-reader"}
    assert report.run.settings["top_k"] == "5"
    assert (report.run.n_questions, report.run.n_documents) == (4, 1)
    assert len(report.run.questions_hash) == len(report.run.documents_hash) == 64
    assert "python" in report.run.versions


def test_inexact_citation_is_found(pipeline):
    answer = pipeline.ask("多少户？")
    (citation,) = answer.citations
    pipeline._answers["多少户？"] = replace(answer, citations=(replace(citation, text="13户"),))
    question = Question("q", "多少户？", "zh", "number", ("12户",))
    assert evaluate(pipeline, [question])["inexact_citations"].value == 1


def test_no_questions_leaves_everything_undefined(pipeline):
    report = evaluate(pipeline, [])
    assert (report.misses, report.groups) == ((), ())
    assert report["accuracy"].value is report["seconds_p50"].value is None
