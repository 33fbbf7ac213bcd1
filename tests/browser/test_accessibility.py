"""What axe-core finds wrong for people who use a screen reader, a keyboard or strong contrast."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Watched, press_until_focused, watching
from tests.browser.shelf_app import QUESTION, SHORT

pytestmark = pytest.mark.browser

GRAVE = {"serious", "critical"}
LIGHT_AND_DARK = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def page_in(browser: Browser, shelf_url: str, scheme: str) -> Iterator[Watched]:
    """The page in a light or a dark browser, without movement that would blur the colours."""
    options = {"locale": "en-GB", "color_scheme": scheme, "reduced_motion": "reduce"}
    with watching(browser, shelf_url, **options) as watched:
        is_dark = watched.page.evaluate("document.body.classList.contains('dark')")
        assert is_dark == (scheme == "dark")
        yield watched


def grave_violations(page: Page) -> list[str]:
    """What is against a rule of at least serious impact: rule and element."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['html'][:200]} {node['failureSummary'][-200:]}"
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


@LIGHT_AND_DARK
def test_the_empty_page_is_accessible(page_in: Watched):
    expect(page_in.page.locator("#rag-chat button.example").first).to_be_visible()
    assert grave_violations(page_in.page) == []


@LIGHT_AND_DARK
def test_an_answer_with_its_sources_is_accessible(page_in: Watched):
    page_in.ask(QUESTION)
    page_in.wait_for_answer()
    page_in.page.click(".rag-why summary")
    page_in.page.click("a.rag-mark >> nth=0")
    expect(page_in.page.locator(".rag-stretch")).to_be_visible()
    assert grave_violations(page_in.page) == []


@LIGHT_AND_DARK
def test_library_conversations_filter_and_settings_are_accessible(page_in: Watched):
    page_in.ask(QUESTION)
    page_in.wait_for_answer()
    page = page_in.page
    for panel in ("#rag-scope", "#rag-history", "#rag-reports", "#rag-settings"):
        page.click(f"{panel} > .label-wrap")
    page.click("#rag-history-list label >> nth=0")
    page.click("#rag-delete")
    page.click("a[href^='#verdict-wrong'] >> nth=0")
    expect(page.locator("#rag-wrong-save")).to_be_visible()
    expect(page.locator("#rag-really")).to_be_visible()
    assert grave_violations(page) == []


def outline(target: Locator) -> tuple[str, float]:
    style, width = target.evaluate(
        "node => [getComputedStyle(node).outlineStyle, getComputedStyle(node).outlineWidth]"
    )
    return style, float(width.removesuffix("px"))


def test_a_question_is_asked_and_its_source_opened_with_the_keyboard_alone(watched: Watched):
    page = watched.page
    expect(page.locator("#rag-question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("a.rag-mark").first).to_be_visible()
    watched.wait_for_answer()
    mark, summary = page.locator(".rag-answer a.rag-mark"), page.locator("#source-1-1 > summary")
    press_until_focused("Shift+Tab", mark)
    assert outline(mark) == ("solid", 2)
    page.keyboard.press("Enter")
    expect(summary).to_be_focused()
    assert outline(summary) == ("solid", 2)
    page.keyboard.press("Enter")
    expect(page.locator("#source-1-1 mark.answer")).to_be_hidden()
    press_until_focused("Shift+Tab", mark, max_presses=40)
    page.keyboard.press("Enter")
    expect(page.locator("#source-1-1 mark.answer")).to_have_text(SHORT)
    expect(page.locator("#source-1-1 mark.answer")).to_be_in_viewport()
