import gzip
import json

import pytest

from rag.errors import QuestionError
from rag.evaluation.squad import evaluate_reader, load_squad, reader_record, reader_text
from rag.reader import Reading
from rag.types import Span

ROW = {
    "title": "甲县",
    "context": "甲县在南方。乙县有三十个村。",
    "qas": [
        {"id": "1", "question": "甲县在哪里？", "answers": [{"text": "南方"}, {"text": "在南方"}]},
        {"id": "2", "question": "丙县有几个村？", "answers": []},
    ],
}


class FixedReader:
    model_id = "fixed"

    def read(self, inputs):
        return [
            Reading("南方", 0, (Span(3, 5),), 0.9, abstained=asked.question.startswith("丙"))
            for asked in inputs
        ]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "squad.json"])
def test_all_forms_are_read(tmp_path, name):
    path = tmp_path / name
    text = json.dumps(ROW, ensure_ascii=False)
    if name == "squad.json":
        text = json.dumps({"data": [{"title": "甲县", "paragraphs": [ROW]}]})
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    first, second = load_squad(path)
    assert first.answers == ("南方", "在南方")
    assert second.answers == ()
    assert first.context == ROW["context"]


@pytest.mark.parametrize("text", ["", "{", '{"context": 1, "qas": []}', "[1]", '{"data": [{}]}'])
def test_other_files_are_told_in_one_line(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text, "utf-8")
    with pytest.raises(QuestionError, match=r"bad\.json") as told:
        load_squad(path)
    assert "\n" not in str(told.value)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(QuestionError, match="cannot be read"):
        load_squad(tmp_path / "none.json")


def test_reader_is_scored_and_silence_counts_where_there_is_no_answer(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW, ensure_ascii=False), "utf-8")
    seen: list[int] = []
    report = evaluate_reader(FixedReader(), load_squad(path), seen.append)
    assert seen == [2]
    assert report.measures["em"].values == (1.0, 1.0)
    assert report.measures["shown"].mean == 0.5
    assert report.measures["em_shown"].values == (1.0, None)
    assert report.measures["baseline_f1"].values[0] == pytest.approx(2 * (3 / 5) * 1 / 1.6)
    assert report.answers == {"1": "南方", "2": "南方"}
    record = reader_record(report, "fixed")
    assert record["n"] == 2
    assert "em           1.000" in reader_text(report, "fixed")
