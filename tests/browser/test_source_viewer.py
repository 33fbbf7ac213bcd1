from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.apps import app_over
from tests.browser.conftest import Watched, watching
from tests.browser.documents_app import COMPARISON, DOCX, PDF, TXT, Asked, build

pytestmark = pytest.mark.browser

LATEST = ".rag-shown .rag-source"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def documents_url(files: Path) -> Iterator[str]:
    with app_over(build, files) as url:
        yield url


@pytest.fixture
def viewer(browser: Browser, documents_url: str) -> Iterator[Watched]:
    """The page over real files."""
    with watching(browser, documents_url) as watched:
        yield watched


def open_source(viewer: Watched, question: str) -> Locator:
    """The source that the first mark of the answer opens, with its text loaded."""
    viewer.ask(question)
    viewer.wait_for_answer()
    viewer.page.locator("a.rag-mark").first.click()
    source = viewer.page.locator(LATEST).first
    expect(source.locator(".rag-stretch").first).to_be_visible()
    return source


def is_within(inner: Locator, outer: Locator) -> bool:
    box, around = inner.bounding_box(), outer.bounding_box()
    assert box is not None
    assert around is not None
    return around["y"] <= box["y"] and box["y"] + box["height"] <= around["y"] + around["height"]


@pytest.mark.parametrize("asked", [TXT, DOCX, PDF], ids=["txt", "docx", "pdf"])
def test_a_mark_opens_the_document_at_what_is_quoted(viewer: Watched, asked: Asked):
    source = open_source(viewer, asked.question)
    assert source.locator("mark.answer").text_content() == asked.short
    assert source.locator(".evidence").text_content() == asked.sentence
    pane = source.locator(".rag-pane:not(.rag-page)")
    assert is_within(source.locator("mark.answer"), pane)
    # More than the passage: the document goes on around it.
    assert len(pane.inner_text()) > 2 * len(asked.sentence)


def test_the_evidence_stands_in_full_below_the_short_answer(viewer: Watched):
    viewer.ask(DOCX.question)
    viewer.wait_for_answer()
    reply = viewer.replies()[-1]
    assert reply.index(DOCX.short) < reply.index(DOCX.sentence)


def test_a_long_document_is_loaded_stretch_by_stretch(viewer: Watched):
    source = open_source(viewer, TXT.question)
    pane = source.locator(".rag-pane")
    before = pane.inner_text()
    assert len(before) < 8_000
    pane.locator(".rag-more").first.click()
    expect(pane.locator(".rag-stretch")).to_have_count(2)
    after = pane.inner_text()
    assert len(after) > len(before) + 3_000
    numbers = [int(line[1:].partition("条")[0]) for line in after.splitlines() if "条" in line[:8]]
    assert numbers == sorted(set(numbers))
    assert pane.locator(".rag-more").count() == 2


def test_a_heading_of_the_outline_leads_to_its_text(viewer: Watched):
    source = open_source(viewer, TXT.question)
    source.locator(".rag-outline summary").click()
    source.locator(".rag-outline button", has_text="结语").click()
    expect(source.locator(".rag-pane")).to_contain_text("到此为止。")
    assert source.locator("mark.answer").count() == 0


def test_a_mark_leads_back_to_what_is_quoted(viewer: Watched):
    source = open_source(viewer, TXT.question)
    pane, mark = source.locator(".rag-pane"), source.locator("mark.answer")
    pane.evaluate("pane => { pane.scrollTop = 0; }")
    assert not is_within(mark, pane)
    viewer.page.locator("a.rag-mark").first.click()
    assert is_within(mark, pane)
    source.locator(".rag-outline summary").click()
    source.locator(".rag-outline button", has_text="结语").click()
    expect(mark).to_have_count(0)
    viewer.page.locator("a.rag-mark").first.click()
    expect(mark).to_have_text(TXT.short)
    assert is_within(mark, pane)


def test_the_page_of_a_pdf_is_shown_with_the_quotation_lit(viewer: Watched):
    source = open_source(viewer, PDF.question)
    light = source.locator(".rag-lit-answer").first
    expect(light).to_be_in_viewport()
    assert is_within(light, source.locator(".rag-page"))
    assert source.locator(".rag-lit").count() == 3  # Of as many lines of the page.
    width = source.locator(".rag-page img").evaluate("image => image.naturalWidth")
    assert width > 500
    source.locator(".rag-turning button", has_text="下一页").click()
    expect(source.locator(".rag-turning")).to_contain_text("第 2 / 4 页")
    expect(source).to_contain_text("引文不在这一页")


def test_a_file_that_changed_since_it_was_indexed_is_told(viewer: Watched, files: Path):
    path = files / "county.pdf"
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    try:
        source = open_source(viewer, PDF.question)
        expect(source).to_contain_text("原文件在建立索引之后已更改")
        assert source.locator("mark.answer").text_content() == PDF.short
        assert source.locator("img").count() == 0
    finally:
        path.write_bytes(kept)


def test_a_comparison_has_bars_that_follow_its_figures(viewer: Watched):
    viewer.ask(COMPARISON)
    viewer.wait_for_answer()
    chart = viewer.page.get_by_role("img", name="溪口县: 12860户; 白水镇: 412户")
    expect(chart).to_be_visible()
    widths = chart.locator(".rag-bar-fill").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().width)"
    )
    assert widths[1] / widths[0] == pytest.approx(412 / 12860, rel=0.2)
    assert viewer.page.locator("#rag-chat table.rag-sides td").count() == 4


def test_the_nearest_passages_of_an_abstention_open_in_their_documents(viewer: Watched):
    viewer.ask("溪口县有多少所大学？")
    viewer.wait_for_answer()
    viewer.page.get_by_text("看最相近的段落").click()
    near = viewer.page.locator(".rag-shown .rag-near").first
    near.locator("summary").first.click()
    expect(near.locator(".rag-stretch .evidence")).to_be_visible()


def test_sources_of_an_older_answer_are_loaded_when_it_is_brought_back(viewer: Watched):
    open_source(viewer, TXT.question)
    viewer.ask(DOCX.question)
    viewer.page.wait_for_selector("#turn-2.rag-shown")
    viewer.wait_for_answer()
    viewer.page.locator("a.rag-mark").first.click()
    expect(viewer.page.locator("#turn-1 .rag-stretch").first).to_be_visible()
    assert viewer.page.locator("#source-1-1 mark.answer").text_content() == TXT.short


def test_the_viewer_stays_within_a_narrow_screen(viewer: Watched):
    viewer.page.set_viewport_size({"width": 375, "height": 800})
    source = open_source(viewer, PDF.question)
    expect(source.locator(".rag-lit").first).to_be_visible()
    assert viewer.page.evaluate("document.documentElement.scrollWidth") <= 375
