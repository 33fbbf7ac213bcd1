import csv
import io
import json
from dataclasses import replace

import pytest

from rag.evaluation.questions import load_questions
from rag.exports import feedback_as_csv, feedback_as_questions
from rag.exports.feedback_table import guarded
from rag.history import Rating, Verdict
from rag.output import answer_record

VERSIONS = {"reader": "r@1"}


def rating(answer, verdict: Verdict = Verdict.RIGHT, reason: str = "") -> Rating:
    record = answer_record("t", answer)
    return Rating("2024-05-01T08:00:00+00:00", verdict, reason, record, VERSIONS)


def refusal(answer):
    return replace(answer, text="没有。", short="", citations=(), abstained=True)


def rows(*ratings: Rating):
    return [json.loads(line) for line in feedback_as_questions(ratings).splitlines()]


@pytest.fixture
def load(tmp_path):
    def load(*ratings: Rating):
        path = tmp_path / "feedback.jsonl"
        path.write_text(feedback_as_questions(ratings), encoding="utf-8")
        return load_questions(path)

    return load


def test_a_confirmed_answer_is_gold_with_its_report_and_evidence(load, answer):
    (question,) = load(rating(answer))
    assert (question.question, question.answers) == (answer.question, ("41座",))
    assert question.documents == ("songxi",)
    assert question.evidence == (answer.citations[0].text,)
    assert (question.lang, question.type) == ("zh", "number")


def test_a_confirmed_refusal_is_unanswerable(load, answer):
    (question,) = load(rating(refusal(answer)))
    assert (question.type, question.answers) == ("unanswerable", ())


def test_a_follow_up_is_written_as_it_was_understood(load, answer):
    (question,) = load(
        rating(replace(answer, question="那甲县呢？", understood="甲县电站多少座？"))
    )
    assert question.question == "甲县电站多少座？"


def test_a_wrong_answer_is_listed_with_its_reason_and_is_no_question(load, answer):
    wrong = rating(answer, Verdict.WRONG, "应为42座")
    other = rating(replace(answer, question="另一问？"))
    assert [question.question for question in load(wrong, other)] == ["另一问？"]
    row = rows(wrong)[0]
    assert (row["type"], row["answers"]) == ("unjudged", [])
    assert (row["wrong"][0]["answer"], row["wrong"][0]["reason"]) == ("41座", "应为42座")


def test_wrong_answers_stand_beside_the_gold_of_the_same_question(load, answer):
    wrong = rating(replace(answer, short="8,200亩"), Verdict.WRONG)
    (question,) = load(wrong, rating(answer), rating(answer))
    assert question.answers == ("41座",)
    assert [each["answer"] for each in rows(wrong, rating(answer))[0]["wrong"]] == ["8,200亩"]


@pytest.mark.parametrize("contradiction", ["same answer wrong", "refusal right, too"])
def test_what_contradicts_itself_is_no_gold(answer, contradiction):
    against = (
        rating(answer, Verdict.WRONG)
        if contradiction == "same answer wrong"
        else rating(refusal(answer))
    )
    (row,) = rows(rating(answer), against)
    assert (row["type"], row["answers"], row["doc"]) == ("unjudged", [], [])


@pytest.mark.parametrize("held_to", [{"documents": "songxi"}, {"years": "2019"}])
def test_what_was_answered_from_chosen_reports_only_is_no_gold(answer, held_to):
    held = replace(rating(refusal(answer)), versions=VERSIONS | held_to)
    (row,) = rows(held)
    assert row["type"] == "unjudged"
    assert rows(held, rating(answer))[0]["answers"] == ["41座"]


def test_ids_are_the_same_in_every_export(answer):
    assert rows(rating(answer))[0]["id"] == rows(rating(answer), rating(answer))[0]["id"]


def test_csv_reads_back(answer):
    written = feedback_as_csv([rating(answer, Verdict.WRONG, '说"错",\n了')])
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert (row["verdict"], row["reason"]) == ("wrong", '说"错",\n了')
    assert (row["question"], row["answer"]) == (answer.question, "41座")
    assert answer.citations[0].text in row["citations"]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＠x", "\n=cmd|' /C calc'!A0"],
)
def test_a_cell_that_would_be_computed_is_guarded(cell):
    assert guarded(cell).startswith("'")


def test_reasons_and_questions_are_guarded_in_the_table(answer):
    formula = replace(answer, question="=HYPERLINK(A1)")
    written = feedback_as_csv([rating(formula, Verdict.WRONG, "@x")])
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert (row["question"], row["reason"]) == ("'=HYPERLINK(A1)", "'@x")


@pytest.mark.parametrize("cell", ["41座", "a=b", "", "5-3"])
def test_other_cells_stay(cell):
    assert guarded(cell) == cell
