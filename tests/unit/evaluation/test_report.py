import json

from rag.evaluation.harness import evaluate
from rag.evaluation.html_report import report_as_html
from rag.evaluation.report import report_as_json, report_as_text


def test_json_holds_run_measures_groups_misses_and_outcomes(report):
    record = json.loads(report_as_json(report))
    assert record.keys() == {"run", "measures", "groups", "misses", "outcomes"}
    assert record["measures"]["hit@5"] == {
        "value": 1.0,
        "n": 3,
        "low": report["hit@5"].interval.low,
        "high": 1.0,
        "unit": "share",
    }
    assert record["misses"][0] == {
        "id": "wrong",
        "type": "number",
        "question": "How much?",
        "gold": ["5.2亿元"],
        "answer": "30公里",
        "abstained": False,
        "confidence": 0.92,
        "gold_rank": 1,
    }


def test_text_shows_measures_groups_and_misses(report):
    text = report_as_text(report)
    assert "4 questions on 1 reports" in text
    assert "by language" in text
    assert "2 misses" in text
    assert "gold    5.2亿元\n  answer  30公里  (confidence 0.92, gold passage 1)" in text
    assert "answer  (abstained)" in text


def test_undefined_values_show_as_a_dash_and_null(pipeline):
    empty = evaluate(pipeline, [])
    assert json.loads(report_as_json(empty))["measures"]["accuracy"]["value"] is None
    assert "no misses" in report_as_text(empty)
    assert "<h1>" in report_as_html(empty)


def test_html_holds_plots_and_loads_nothing(report):
    page = report_as_html(report)
    assert page.count("data:image/png;base64,") == 3
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in page


def test_html_escapes_every_text(hostile_report):
    page = report_as_html(hostile_report)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $x_1$ %s {0}" in page
