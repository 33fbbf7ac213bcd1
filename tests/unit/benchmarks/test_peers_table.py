import json
import sys
from pathlib import Path

import pytest

from benchmarks.peers.__main__ import (
    CONTENDERS,
    Contender,
    environment,
    measure_one,
    summarise,
)
from benchmarks.peers.environments import EnvironmentFailure, last_line, requirements_of
from benchmarks.peers.table import render
from rag.evaluation.questions import Question

ROOT = Path(__file__).parents[3]
MEASURED = {
    "n_pieces": 1234,
    "load_seconds": 3.04,
    "index_seconds": 12.0,
    "index_cpu_seconds": 23.0,
    "query_ms_p50": 9.6,
    "query_ms_p95": 20.2,
    "query_cpu_ms_p50": 8.8,
    "hit_at_1": 0.5,
    "hit_at_5": 1.0,
    "hit_in_budget": 0.75,
    "mean_chars": 1100.4,
    "peak_mb": 1500.0,
}


def report(*systems):
    return {"budget_chars": 1500, "systems": systems}


def test_row_of_a_measured_system():
    text = render(report({"name": "甲", "setting": "cut at lines", **MEASURED}))
    head, rule, row = text.split("\n")
    assert "in 1,500 characters" in head
    assert rule.count("---") == head.count(" | ") + 1
    assert row == (
        "| 甲, cut at lines | 1,234 | 3.0 s | 12.0 s (23.0) | 10 / 20 ms (9) "
        "| 0.500 | 1.000 | 0.750 | 1,100 | 1,500 MB |"
    )


def test_failed_system_has_a_row_with_the_reason():
    text = render(report({"name": "甲", "setting": "", "failure": "no such | package\nfound"}))
    row = text.split("\n")[-1]
    assert row.startswith("| 甲 | not measured: no such / package found |")
    assert row.count("|") == text.split("\n")[0].count("|")


def test_summary_of_what_was_measured():
    question = Question("q", "？", "zh", "number", ("5户",), ("river",), ("有5户",))
    measured = MEASURED | {
        "query_seconds": [0.01, 0.03],
        "query_cpu_seconds": [0.02, 0.02],
        "passages": [[["river", "甲县有5户"]], [["hill", "甲县有5户"]]],
        "versions": {"torch": "1"},
    }
    kept = summarise(measured, [question, question])
    assert (kept["hit_at_1"], kept["mean_chars"], kept["query_ms_p50"]) == (0.5, 5, 20.0)
    assert kept["versions"] == {"torch": "1"}


def test_system_that_cannot_be_installed_is_told_with_the_reason(monkeypatch, tmp_path):
    def fail(name, work):
        raise EnvironmentFailure(f"no matching distribution for {name}")

    monkeypatch.setattr("benchmarks.peers.__main__.prepare", fail)
    told = measure_one(Contender("甲", "jia"), {}, [], tmp_path, 1)
    failure = "cannot be installed: no matching distribution for jia"
    assert told == {"name": "甲", "setting": "", "failure": failure}


def test_system_whose_process_fails_is_told_with_what_it_said_last(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.peers.__main__.prepare", lambda name, work: sys.executable)
    told = measure_one(Contender("甲", "jia"), {}, [], tmp_path, 1)
    assert told["failure"].endswith("No module named benchmarks.peers.jia")


def test_processes_are_offline_with_the_threads_asked_for_and_default_settings():
    given = {"RAG_TOP_K": "9", "PYTHONPATH": "elsewhere", "OMP_NUM_THREADS": "7", "HOME": "home"}
    kept = environment(given, 2)
    assert (kept["OMP_NUM_THREADS"], kept["HF_HUB_OFFLINE"], kept["HOME"]) == ("2", "1", "home")
    assert not {"RAG_TOP_K", "PYTHONPATH"} & set(kept)


def test_last_line_of_what_a_program_said():
    assert last_line("first\n  last \n\n") == "last"
    assert last_line("\n") == ""


@pytest.mark.parametrize("name", sorted({each.module for each in CONTENDERS if each.environment}))
def test_requirements_are_pinned(name):
    lines = requirements_of(name).read_text(encoding="ascii").splitlines()
    assert lines
    assert all(line.count("==") == 1 and " " not in line for line in lines)


def test_documentation_shows_the_table_of_the_committed_result():
    measured = json.loads((ROOT / "benchmarks/results/peers.json").read_text(encoding="utf-8"))
    assert {each["name"] for each in measured["systems"]} == {each.name for each in CONTENDERS}
    assert render(measured) in (ROOT / "docs/performance.md").read_text(encoding="utf-8")
