import json

import pytest

from rag.errors import QuestionError
from rag.evaluation.questions import Question, hash_questions, load_questions

ROW = {
    "id": "a",
    "question": "多少户？",
    "lang": "zh",
    "type": "number",
    "answers": ["12户"],
    "doc": "river",
    "evidence": ["共12户"],
}


def write(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_load_reads_a_row(tmp_path):
    (question,) = load_questions(write(tmp_path / "q.jsonl", ROW))
    assert question == Question("a", "多少户？", "zh", "number", ("12户",), ("river",), ("共12户",))
    assert question.is_answerable


@pytest.mark.parametrize(
    ("doc", "expected"), [(None, ()), ("river", ("river",)), (["r", "s"], ("r", "s"))]
)
def test_load_accepts_one_report_several_or_none(tmp_path, doc, expected):
    (question,) = load_questions(write(tmp_path / "q.jsonl", ROW | {"doc": doc}))
    assert question.documents == expected


def test_load_skips_blank_lines_but_counts_them(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text(f"\n\ufeff{json.dumps(ROW)}"[1:] + "\n\n[]\n", encoding="utf-8")
    with pytest.raises(QuestionError, match=r"q\.jsonl line 3: expected a JSON object, got list"):
        load_questions(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": " "}, "'question' is ' '"),
        ({"id": 3}, "'id' is 3"),
        ({"answers": "12"}, "'answers' is '12'; expected a list"),
        ({"answers": []}, "expects at least one answer"),
        ({"type": "unanswerable"}, "expects no answers"),
        ({"evidence": [1]}, "'evidence'"),
        ({"doc": 1}, "'doc' is 1"),
    ],
)
def test_load_names_file_line_and_fault(tmp_path, change, message):
    path = write(tmp_path / "q.jsonl", ROW, ROW | {"id": "b"} | change)
    with pytest.raises(QuestionError, match=rf"q\.jsonl line 2: .*{message}"):
        load_questions(path)


def test_load_refuses_a_repeated_id(tmp_path):
    with pytest.raises(QuestionError, match="line 2: id 'a' was used before"):
        load_questions(write(tmp_path / "q.jsonl", ROW, ROW))


def test_load_refuses_broken_json_empty_and_missing_files(tmp_path):
    broken, empty = tmp_path / "broken.jsonl", tmp_path / "empty.jsonl"
    broken.write_text('{"id":', encoding="utf-8")
    empty.write_text("\n", encoding="utf-8")
    with pytest.raises(QuestionError, match=r"broken\.jsonl line 1: not valid JSON"):
        load_questions(broken)
    with pytest.raises(QuestionError, match="holds no question"):
        load_questions(empty)
    with pytest.raises(QuestionError, match=r"cannot read questions from .*absent\.jsonl"):
        load_questions(tmp_path / "absent.jsonl")


def test_hash_depends_on_gold_answers():
    one, other = Question("a", "?", "zh", "date", ("1",)), Question("a", "?", "zh", "date", ("2",))
    assert hash_questions([one]) == hash_questions([one]) != hash_questions([other])
