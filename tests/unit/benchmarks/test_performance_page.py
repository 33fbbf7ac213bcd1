"""The documentation shows what the committed results of the benchmarks say, and nothing older."""

import copy
import json
import re
from importlib.util import find_spec

import pytest

from benchmarks.record import FIELDS, RESULTS
from docs.markdown_tables import every_figure
from docs.performance_page import PAGES, PICTURES, filled, load_results, pictures
from docs.performance_plots import draw
from docs.performance_tables import told

COMMITTED = load_results()
MACHINE = {
    "architecture": "x86_64",
    "processor": "Fast One",
    "n_cores": 2,
    "flags": ["avx2"],
    "memory_gb": 25.3,
    "load_average": 0.25,
    "busy": 0.5,
}
RUN = {
    "benchmark": "new",
    "command": "python -m benchmarks.new",
    "commit": "0123456789-dirty",
    "date": "2026-01-02T03:04:05+00:00",
    "machine": MACHINE,
    "versions": {"python": "3.11.7"},
}
PAGE = "before\n<!-- begin new -->\nold\n<!-- end new -->\nafter\n"
_IDS = re.compile(rb"\b[mphc][0-9a-f]{10}\b")
_NUMBERS = re.compile(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def are_alike(one: bytes, other: bytes) -> bool:
    """True if two drawings differ at most by rounding, which processors do differently."""
    parts = [_IDS.sub(b"id", picture) for picture in (one, other)]
    if len({_NUMBERS.sub(b"0", part) for part in parts}) > 1:
        return False
    numbers = [[float(each) for each in _NUMBERS.findall(part)] for part in parts]
    return all(abs(a - b) < 0.01 for a, b in zip(*numbers, strict=True))


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_committed_result_tells_where_it_comes_from(name):
    result = COMMITTED[name]
    assert tuple(result)[: len(FIELDS)] == FIELDS
    assert result["benchmark"] == name
    assert re.fullmatch("[0-9a-f]{40}(-dirty)?", result["commit"])
    assert result["versions"]
    # Before there was one record for all, no date was noted.
    assert "python" in result["versions"] or result["date"] is None
    assert result["machine"].keys() == MACHINE.keys()


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_command_of_a_committed_result_is_one_of_this_repository(name):
    *_, module = re.findall(r"python -m (\S+)", COMMITTED[name]["command"])
    assert module == f"benchmarks.{name}"
    assert find_spec(module)
    assert not re.search(r"\s/", COMMITTED[name]["command"]), "no folder of one machine"


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_committed_result_is_shown(name):
    shown = f"](../benchmarks/results/{name}.json)"
    assert any(shown in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_says_what_the_results_say(page):
    text = page.read_text(encoding="utf-8")
    assert filled(text, COMMITTED) == text, "run: python -m docs.performance_page"


def test_pictures_are_drawn_from_the_results():
    drawn = pictures(COMMITTED)
    assert {path.stem for path in PICTURES.glob("*.svg")} == set(drawn)
    for name, picture in drawn.items():
        assert are_alike((PICTURES / f"{name}.svg").read_bytes(), picture), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_and_files_that_a_page_names_are_there(page):
    targets = re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_another_figure_is_another_picture():
    result = copy.deepcopy(COMMITTED["load"])
    result["rows"][3]["p50_ms"] *= 1.1
    picture, changed = (draw("load", each) for each in (COMMITTED["load"], result))
    assert picture
    assert changed
    assert are_alike(picture, picture)
    assert not are_alike(picture, changed)


def test_result_without_a_table_of_its_own_is_shown_in_one_row_a_figure():
    rows = [{"device": "cpu", "ms": 3.5}, {"device": "cuda", "ms": 0.5}]
    shown = filled(
        PAGE, {"new": {**RUN, "n": 1200, "is_same": True, "a": {"b": [1, 2]}, "rows": rows}}
    )
    assert shown.startswith(
        "before\n<!-- begin new -->\n`python -m benchmarks.new` wrote [new.json]"
    )
    assert "| n | 1,200 |\n| is_same | True |\n| a, b | 1, 2 |\n" in shown
    assert "| device | ms |\n| --- | --- |\n| cpu | 3.5 |\n| cuda | 0.5 |\n" in shown
    assert shown.endswith("|\n<!-- end new -->\nafter\n")


def test_result_is_told_with_machine_load_and_whether_the_code_was_changed():
    origin = told("new", {**RUN, "n": 1, "threads": 1}).split("\n")[0]
    assert origin.endswith(
        ": Fast One x86_64; 2 cores; 1 thread; avx2; busy with others before: 50% (load 0.25); "
        "commit 0123456, changed since; 2026-01-02; python 3.11.7."
    )


def test_what_was_not_measured_is_told():
    assert "Not measured yet: `benchmarks/results/new.json` is missing." in filled(PAGE, {})


def test_rows_of_unlike_names_are_still_told():
    assert "| rows | {'a': 1}, {'b': 2} |" in every_figure({"rows": [{"a": 1}, {"b": 2}]})


def test_results_are_json_as_it_is_written():
    for name, result in COMMITTED.items():
        text = (RESULTS / f"{name}.json").read_text(encoding="utf-8")
        assert text == json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def test_make_bench_measures_every_committed_result():
    makefile = (RESULTS.parents[1] / "Makefile").read_text(encoding="utf-8")
    measured = re.search(r"^MEASURED := ((?:.*\\\n)*.*)", makefile, re.MULTILINE)
    assert measured
    assert set(COMMITTED) <= set(measured[1].replace("\\", " ").split())
