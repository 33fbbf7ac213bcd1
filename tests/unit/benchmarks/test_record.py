"""What is noted beside the figures of every benchmark."""

import argparse
import json
import subprocess

import pytest

from benchmarks.questions import summarise
from benchmarks.record import FIELDS, Machine, Run, add_out, command_of, told_of_processor
from rag.evaluation import provenance

MACHINE = Machine("x86_64", "A processor", 2, ("avx2",), 25.3, 0.01, 0.5)
RUN = Run("encoding", "python -m benchmarks.encoding", "f00", "2026-01-01T00:00:00+00:00", MACHINE)


def test_written_record_has_every_field_then_the_figures(tmp_path, capsys):
    out = tmp_path / "results" / "encoding.json"
    RUN.tell({"n": 3}, out, ["pytest"])
    record = json.loads(out.read_text(encoding="utf-8"))
    assert tuple(record) == (*FIELDS, "n")
    assert record["machine"]["processor"] == "A processor"
    assert record["versions"]["pytest"] == pytest.__version__
    assert json.loads(capsys.readouterr().out) == record


def test_without_a_file_the_record_is_only_printed(capsys):
    parser = argparse.ArgumentParser()
    add_out(parser)
    RUN.tell({"n": 3}, parser.parse_args([]).out)
    assert json.loads(capsys.readouterr().out)["n"] == 3


def test_run_that_begins_tells_its_machine_and_time():
    run = Run.begin()
    assert run.machine.n_cores > 0
    assert run.machine.memory_gb > 0
    assert run.date.endswith("+00:00")


def test_command_has_threads_and_quotes_but_no_folder_of_this_machine_and_no_output():
    arguments = [
        "--data",
        "/somewhere/of/mine/text",
        "--beside=old=/somewhere/old",
        "--ways",
        "two words",
        "--out",
        "a.json",
    ]
    variables = {"OMP_NUM_THREADS": "1", "RAG_STORE_TOKEN": "secret"}
    command = command_of("benchmarks.load", arguments, variables)
    assert command == (
        "OMP_NUM_THREADS=1 python -m benchmarks.load "
        "--data text --beside=old=old --ways 'two words'"
    )


def test_name_and_flags_of_the_first_processor_are_told(tmp_path):
    told = tmp_path / "cpuinfo"
    text = "processor : 0\nmodel name\t: Fast One 9000\nflags : avx2 fma\nflags : none\n"
    told.write_text(text, encoding="utf-8")
    assert told_of_processor("model name", told) == "Fast One 9000"
    assert told_of_processor("flags", told) == "avx2 fma"
    assert told_of_processor("flags", tmp_path / "none") == ""


def git(folder, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_results_written_by_a_run_do_not_make_the_code_of_the_next_a_changed_one(
    tmp_path, monkeypatch
):
    (tmp_path / "results").mkdir()
    code, result = tmp_path / "code.py", tmp_path / "results" / "a.json"
    code.write_text("1", encoding="utf-8")
    result.write_text("1", encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "all")
    monkeypatch.setattr(provenance, "__file__", str(code))
    commit = provenance.code_commit()
    assert commit
    assert "dirty" not in commit
    result.write_text("2", encoding="utf-8")
    assert provenance.code_commit() == f"{commit}-dirty"
    assert provenance.code_commit(apart_from=["results"]) == commit
    code.write_text("2", encoding="utf-8")
    assert provenance.code_commit(apart_from=["results"]) == f"{commit}-dirty"


def test_stages_share_the_whole_of_all_questions():
    slow = {"search": 0.5, "read": 1.0, "check": 0.0, "whole": 2.0}
    fast = {"search": 0.5, "read": 0.5, "check": 0.0, "whole": 1.0}
    told = summarise([slow, fast])
    assert told["p50_s"] == 1.5
    shares = {name: stage["share"] for name, stage in told["stages"].items()}
    assert shares == {"search": 0.333, "read": 0.5, "check": 0.0, "other": 0.167}
