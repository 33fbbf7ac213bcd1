"""Long texts become reports in a process of their own, and are the same there."""

import sys
import time

import pytest

from rag import describing
from rag.describing import describe_file
from rag.errors import DocumentError
from rag.metadata import Given
from rag.types import Document

HANGING = (sys.executable, "-c", "import time; time.sleep(600)")
NOTHING = Given()
NOWHERE = ("/nowhere/python",)
TEXT = "甲县道路报告\n一、概况\n2019年，甲县修路300公里。\n二、桥梁\n甲县架桥12座。\n"
MIXED = "---\ntitle: 乙县报告\nyears: 2018\n---\n" + TEXT


def described(
    text: str | bytes, given: Given = NOTHING, *, has_pages: bool = False, **named
) -> Document:
    data = text.encode() if isinstance(text, str) else text
    return describe_file(
        data, "roads.txt", given, has_pages=has_pages, **{"max_seconds": 60.0, **named}
    )


@pytest.mark.parametrize("text", [TEXT, MIXED, TEXT.encode("gb18030"), TEXT.encode("utf-16")])
@pytest.mark.parametrize("given", [Given(), Given("丙县报告", "丙县", (2017, 2018), "2020-01-02")])
def test_a_report_is_the_same_from_a_process_of_its_own(monkeypatch, text, given):
    here = described(text, given, worker=NOWHERE)
    monkeypatch.setattr(describing, "MAX_BYTES_HERE", 10)
    assert described(text, given) == here
    assert here.sections


def test_a_text_with_pages_keeps_its_front_matter_in_its_place(monkeypatch):
    monkeypatch.setattr(describing, "MAX_BYTES_HERE", 10)
    assert described(MIXED, has_pages=True).text == MIXED.rstrip("\n")
    assert described(MIXED).title == "乙县报告"


def test_a_long_text_whose_process_hangs_is_stopped_in_time():
    with pytest.raises(DocumentError, match=r"roads\.txt: is not read after 0\.2 seconds"):
        described("甲" * describing.MAX_BYTES_HERE, max_seconds=0.2, worker=HANGING)


def test_the_longest_text_of_short_lines_takes_no_longer_than_it_may():
    data = ("甲乡\n乙镇丙村\n" * 1_100_000).encode()
    began = time.monotonic()
    with pytest.raises(DocumentError, match=r"roads\.txt: is not read after 1 seconds"):
        described(data, max_seconds=1.0)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("max_bytes_here", [10, 1000])
@pytest.mark.parametrize(
    ("text", "told"), [(" \n" * 20, "holds no text"), (b"\x00\x01" * 20, "looks like a binary")]
)
def test_a_text_that_cannot_be_used_is_told_alike(monkeypatch, max_bytes_here, text, told):
    monkeypatch.setattr(describing, "MAX_BYTES_HERE", max_bytes_here)
    with pytest.raises(DocumentError, match=rf"^roads\.txt: {told}"):
        described(text)


def test_too_much_text_is_told(monkeypatch):
    monkeypatch.setattr("rag.parsing.limits.MAX_CHARS", 5)
    with pytest.raises(DocumentError, match=r"roads\.txt: has \d+ characters of text, more than 5"):
        described(TEXT)
