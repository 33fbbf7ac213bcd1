"""What Gradio itself says on the page follows the switch of the page, not the browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.apps import ROOT
from tests.browser.conftest import Watched, watching

pytestmark = pytest.mark.browser

SAMPLE = ROOT / "tests" / "data" / "documents" / "budget.csv"
ZH, EN = "button[data-speak=zh]", "button[data-speak=en]"


def drop_zone(page: Page) -> str:
    return " ".join(page.locator("#rag-upload button .wrap").inner_text().split())


def test_the_drop_zone_speaks_the_language_of_the_page(watched: Watched):
    page = watched.page
    page.click("#rag-reports > .label-wrap")
    page.wait_for_selector("#rag-upload button .wrap")
    assert drop_zone(page) == "把文件拖到这里 - 或 - 点击选择文件"
    page.click(EN)
    assert drop_zone(page) == "Drop files here - or - Click to choose files"
    page.click(ZH)
    assert drop_zone(page) == "把文件拖到这里 - 或 - 点击选择文件"


def test_in_a_browser_of_another_language_it_is_that_of_the_page_too(
    browser: Browser, shelf_url: str
):
    with watching(browser, shelf_url, locale="de-DE") as watched:
        watched.page.click("#rag-reports > .label-wrap")
        watched.page.wait_for_selector("#rag-upload button .wrap")
        assert drop_zone(watched.page) == "Drop files here - or - Click to choose files"


def test_labels_that_gradio_has_in_english_only_are_said_in_chinese(watched: Watched):
    page = watched.page
    page.click("#rag-settings > .label-wrap")
    slider = page.locator("#rag-settings input[type=range]").first
    expect(slider).to_have_attribute("aria-label", "滑块：阅读段数")
    page.click(EN)
    expect(slider).to_have_attribute("aria-label", "range slider for Passages to read (top-k)")
    page.click(ZH)
    expect(slider).to_have_attribute("aria-label", "滑块：阅读段数")


def test_an_error_is_told_in_the_language_of_the_page(browser: Browser, shelf_url: str):
    context = browser.new_context(locale="zh-CN")
    page = Watched(context.new_page(), shelf_url).page
    page.goto(shelf_url)
    page.click("#rag-reports > .label-wrap")
    page.route("**/gradio_api/upload*", lambda route: route.fulfill(status=413, body="no"))
    page.locator("#rag-upload input[type=file]").set_input_files(SAMPLE)
    title = page.locator(".toast-title")
    expect(title).to_have_text("出错")
    page.click(EN)  # The message does not cover it.
    expect(title).to_have_text("Error")
    context.close()


def test_a_report_that_says_error_is_left_alone(watched: Watched):
    watched.page.evaluate("document.querySelector('#rag-sources').append('Error')")
    assert "Error" in watched.page.locator("#rag-sources").inner_text()
