import json

import pytest

from rag.cli import main
from rag.evaluation.questions import load_questions
from rag.history import Conversations, Feedback, NewTurn, Verdict
from rag.types import Answer


@pytest.fixture
def given(tmp_path):
    """Options of a shelf with one rating."""
    path = tmp_path / "conversations.sqlite3"
    answer = Answer("甲县几所大学？", "没有。", "", (), 0.1, True, (), 0.2)
    Conversations(path).add(NewTurn("c", "t", answer, None, {"reader": "r@1"}))
    Feedback(path).give("t", Verdict.RIGHT)
    return ["--index", str(tmp_path / "index")]


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_feedback_is_written_as_questions(given, capsys, tmp_path):
    path = tmp_path / "out.jsonl"
    code, out, err = run(capsys, "feedback", "export", path, *given)
    assert (code, out, err) == (0, f"1 ratings are written into {path}\n", "")
    assert load_questions(path)[0].type == "unanswerable"
    assert json.loads(path.read_text("utf-8"))["versions"] == [{"reader": "r@1"}]


def test_feedback_is_written_as_a_table(given, capsys, tmp_path):
    path = tmp_path / "out.csv"
    assert run(capsys, "feedback", "export", path, *given)[0] == 0
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"given","verdict"')


def test_a_file_that_is_there_is_not_overwritten(given, capsys, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("mine")
    code, _, err = run(capsys, "feedback", "export", path, *given)
    assert code == 1
    assert "is there already; remove it or give another name" in err
    assert path.read_text() == "mine"


def test_another_kind_of_file_is_told(given, capsys, tmp_path):
    code, _, err = run(capsys, "feedback", "export", tmp_path / "out.xlsx", *given)
    assert code == 1
    assert "expected a name that ends in .jsonl or .csv" in err


def test_without_feedback_it_says_so(capsys, tmp_path):
    arguments = ["--index", tmp_path / "index"]
    code, _, err = run(capsys, "feedback", "export", tmp_path / "out.csv", *arguments)
    assert code == 1
    assert "holds no feedback" in err
    assert not (tmp_path / "out.csv").exists()
