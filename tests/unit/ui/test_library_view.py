"""The list of reports stays short however long the shelf is, and shows names as text."""

from dataclasses import replace
from pathlib import Path

import pytest

import rag.shelf
from rag.config import RagConfig
from rag.index import Index
from rag.intake import Progress, Step
from rag.shelf import Status
from rag.types import Document, SourceFile
from rag.ui.library import Line
from rag.ui.library_view import PAGE_ROWS, lines_list, page_words, shelf_page, table
from tests.fakes import make_index
from tests.html_reading import Reading
from tests.words import in_english

CONFIG = RagConfig()
N_REPORTS = 1000


@pytest.fixture(scope="module")
def long_index() -> Index:
    documents = {
        f"report{n:04}": Document(
            f"report{n:04}", "0", "文", f"第{n}号报告", f"{n % 10}号县", (2000 + n % 20,)
        )
        for n in range(N_REPORTS)
    }
    return make_index(documents)


def left_out(index: Index, *sources: SourceFile) -> Index:
    return replace(index, manifest=replace(index.manifest, sources=sources))


def test_a_report_is_listed_with_title_place_years_and_chunks(document):
    text = in_english(Reading(table(shelf_page(make_index({"songxi": document}), CONFIG))).text)
    assert "松溪县总结" in text
    assert "松溪县 · 2016–2020 · 0 chunks" in text
    assert "Remove" in text


def test_markup_in_titles_places_and_reasons_is_text(hostile):
    index = left_out(
        make_index({hostile.document_id: hostile}),
        SourceFile("/x/<img src=x>.txt", "", "<script>alert(1)</script>"),
    )
    reading = Reading(table(shelf_page(index, CONFIG)))
    assert set(reading.tags) == {"ul", "li", "div", "bdi", "span", "button"}
    lines = Reading(lines_list([Line("<b>x</b>", Progress(Step.REFUSED, "<i>why</i>"))]))
    assert set(lines.tags) == {"div", "ul", "li", "bdi", "span"}


def test_a_thousand_reports_are_listed_by_the_page(long_index: Index):
    page = shelf_page(long_index, CONFIG)
    markup = table(page)
    assert Reading(markup).tags.count("li") == PAGE_ROWS
    assert len(markup) < 40_000
    assert "1–20 / 1,000".replace(" ", "") in Reading(page_words(page)).text.replace(" ", "")
    assert (page.n_found, page.n_pages) == (N_REPORTS, 50)


def test_the_last_page_is_followed_by_none(long_index: Index):
    last = shelf_page(long_index, CONFIG, "", 49)
    assert shelf_page(long_index, CONFIG, "", 99) == last
    assert shelf_page(long_index, CONFIG, "", -1).number == 0


@pytest.mark.parametrize(
    ("words", "n_found"), [("第77号", 1), ("7号县 2007", 50), ("REPORT0999", 1), ("没有的", 0)]
)
def test_reports_are_found_by_title_place_year_and_id(long_index: Index, words: str, n_found: int):
    page = shelf_page(long_index, CONFIG, words)
    assert page.n_found == n_found
    assert len(page.entries) == min(n_found, PAGE_ROWS)


def test_nothing_found_is_told(long_index: Index):
    assert "no such report" in Reading(table(shelf_page(long_index, CONFIG, "没有的"))).text


def test_only_the_files_of_one_page_are_read(long_index: Index, monkeypatch: pytest.MonkeyPatch):
    read: list[Path | None] = []

    def status(document: Document, path: Path | None, config: RagConfig):
        read.append(path)
        return Status.CURRENT, ""

    monkeypatch.setattr(rag.shelf, "_status", status)
    shelf_page(long_index, CONFIG)
    assert len(read) == PAGE_ROWS


def test_files_that_were_left_out_come_last_with_the_reason(long_index: Index):
    index = left_out(long_index, SourceFile("/x/broken.pdf", "", "broken.pdf: is damaged"))
    page = shelf_page(index, CONFIG, "", 99)
    assert page.entries[-1].problem == "broken.pdf: is damaged"
    assert "Left out: broken.pdf: is damaged" in in_english(Reading(table(page)).text)
    assert shelf_page(index, CONFIG, "broken").n_found == 1


def test_each_file_has_a_line_with_its_step():
    lines = [
        Line("a.txt", Progress(Step.WAITING)),
        Line("b.txt", Progress(Step.ENCODING, share=0.37)),
        Line("c.txt", Progress(Step.REFUSED, "c.txt: holds no text")),
    ]
    text = in_english(Reading(lines_list(lines)).text)
    assert "a.txtWaiting" in text
    assert "37%" in text
    assert "Refused: c.txt: holds no text" in text


def test_of_many_lines_those_that_failed_are_shown():
    done = [Line(f"{n}.txt", Progress(Step.DONE)) for n in range(200)]
    reading = Reading(lines_list([*done, Line("bad.txt", Progress(Step.REFUSED, "no"))]))
    assert reading.tags.count("li") <= 31
    assert "bad.txt" in reading.text
    assert "171" in reading.text


def test_no_lines_are_nothing():
    assert lines_list([]) == ""
