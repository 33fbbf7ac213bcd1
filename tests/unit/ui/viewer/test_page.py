from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import LoadResult, load_documents
from rag.types import Document, Span
from rag.ui.viewer.page import page_view, wanted_on
from rag.ui.viewer.place import Place
from tests.html_reading import Reading

PDF = Path(__file__).parents[3] / "data" / "documents" / "report.pdf"
MAX_BYTES = RagConfig().max_document_bytes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture(scope="module")
def shelf(folder) -> LoadResult:
    (folder / "report.pdf").write_bytes(PDF.read_bytes())
    return load_documents([folder / "report.pdf"], RagConfig())


def place_of(document: Document, text: str, answer: str = "") -> Place:
    start = document.text.index(text)
    at = document.text.index(answer, start)
    return Place.of(document, Span(start, start + len(text)), [Span(at, at + len(answer))])


def view(shelf: LoadResult, place: Place, number: int) -> str:
    return page_view(shelf.documents[0], place, number, shelf.sources[0].path, MAX_BYTES)


def test_the_page_is_shown_with_evidence_and_answer_lit(shelf):
    place = place_of(shelf.documents[0], "发展茶叶基地5.8万亩", "5.8万亩")
    markup = view(shelf, place, 2)
    assert "data&#58;image&#47;png" in markup
    assert markup.count("rag&#45;lit&#45;answer") == 1
    assert markup.count('class="rag&#45;lit"') == 1
    assert "第 2 / 4 页" in Reading(markup).text


def test_a_page_without_the_quotation_says_so(shelf):
    place = place_of(shelf.documents[0], "发展茶叶基地5.8万亩")
    markup = view(shelf, place, 4)
    assert "引文不在这一页" in markup
    assert "rag&#45;lit" not in markup


def test_a_quotation_that_runs_over_a_page_is_cut_at_its_end(shelf):
    document = shelf.documents[0]
    place = place_of(document, "所有行政村全部通了硬化路", "硬化路")
    assert wanted_on(document, place, 1).text == "所有行政村全部通了"
    assert wanted_on(document, place, 1).answers == ()
    second = wanted_on(document, place, 2)
    assert (second.text, second.answers) == ("硬化路", (Span(0, 3),))
    assert "rag&#45;lit&#45;answer" in view(shelf, place, 2)


def test_text_that_is_not_on_the_picture_is_told(shelf):
    document = shelf.documents[0]
    page = document.pages[1]
    other = "字" * 30 + document.text[page.start + 30 :]
    changed = replace(document, text=document.text[: page.start] + other)
    place = Place.of(changed, Span(page.start, page.start + 10))
    markup = page_view(changed, place, 2, shelf.sources[0].path, MAX_BYTES)
    assert "未能在这一页的图上定位" in markup
    assert "<img" in markup


def test_a_changed_file_is_not_shown(shelf, folder):
    copy = folder / "other" / "report.pdf"
    copy.parent.mkdir()
    copy.write_bytes(PDF.read_bytes() + b"\n")
    place = place_of(shelf.documents[0], "发展茶叶基地")
    markup = page_view(shelf.documents[0], place, 2, str(copy), MAX_BYTES)
    assert "The file has changed since it was indexed" in Reading(markup).text
    assert "<img" not in markup


def test_a_file_that_went_is_told(shelf):
    place = place_of(shelf.documents[0], "发展茶叶基地")
    markup = page_view(shelf.documents[0], place, 2, None, MAX_BYTES)
    assert "原文件已不在原处" in markup


def test_a_page_that_cannot_be_drawn_is_told(shelf, monkeypatch):
    def fail(*given):
        raise DocumentError("report.pdf: page 2 is <not> drawn")

    monkeypatch.setattr("rag.ui.viewer.page.draw", fail)
    markup = view(shelf, place_of(shelf.documents[0], "发展茶叶基地"), 2)
    assert "page 2 is &#60;not&#62; drawn" in markup


@pytest.mark.parametrize("number", [0, 5])
def test_a_page_that_the_document_does_not_have_is_refused(shelf, number):
    with pytest.raises(ValueError, match=f"page is {number}; expected 1 to 4"):
        view(shelf, place_of(shelf.documents[0], "发展茶叶基地"), number)
