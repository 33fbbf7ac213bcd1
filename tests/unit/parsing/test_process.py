import sys

import pytest

from rag.errors import DocumentError
from rag.parsing import Extract, parse
from rag.parsing.worker import parse_to_record

CSV = "县,贫困村（个）\n甲县,98\n".encode()


def fake_worker(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_file_is_parsed_in_a_process_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "csv.py").write_text("raise SystemExit('not yours')")
    monkeypatch.chdir(tmp_path)  # What lies in the caller's folder is not imported.
    assert parse(CSV, "a.csv", 60) == Extract("县：甲县；贫困村（个）：98个。")


def test_a_parser_that_hangs_is_stopped():
    with pytest.raises(DocumentError, match=r"a\.csv: is not read after 0\.2 seconds"):
        parse(CSV, "a.csv", 0.2, fake_worker("import time; time.sleep(60)"))


@pytest.mark.parametrize(
    "code", ["import os; os.abort()", "raise SystemExit(3)", "print(1 / 3, {})"]
)
def test_a_parser_that_crashes_is_told(code: str):
    with pytest.raises(DocumentError, match=r"a\.csv: its parser stopped with exit code (-6|3|0);"):
        parse(CSV, "a.csv", 60, fake_worker(code))


def test_a_parser_that_reads_nothing_is_no_trouble():
    code = 'print(\'{"text": "x", "page_starts": [0]}\')'
    assert parse(b"x" * 1_000_000, "a.pdf", 60, fake_worker(code)) == Extract("x", (0,))


def test_a_parser_that_is_not_there_is_told():
    with pytest.raises(DocumentError, match=r"a\.csv: its parser cannot be started"):
        parse(CSV, "a.csv", 60, ["/nowhere/python"])


def test_an_error_of_a_library_is_one_line_that_names_the_file():
    record = parse_to_record(b"%PDF-1.4\n\n", "报告.pdf")
    assert str(record["problem"]).startswith("报告.pdf: is damaged or no PDF file (")
    assert "\n" not in str(record["problem"])


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "rag.parsing.csv_files", None)
    assert "a.csv: needs rag.parsing.csv_files, which is missing" in str(
        parse_to_record(CSV, "a.csv")
    )


def test_running_out_of_memory_is_told(monkeypatch):
    def parse_nothing(data: bytes, name: str) -> Extract:
        raise MemoryError

    monkeypatch.setattr("rag.parsing.csv_files.parse_csv", parse_nothing)
    assert parse_to_record(CSV, "a.csv") == {"problem": "a.csv: needs more than 2048 MiB; split it"}


def test_too_much_text_is_told(monkeypatch):
    monkeypatch.setattr("rag.parsing.limits.MAX_CHARS", 5)
    assert "a.csv: has 16 characters of text, more than 5" in str(parse_to_record(CSV, "a.csv"))
