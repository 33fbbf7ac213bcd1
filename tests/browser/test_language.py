from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched, press_until_focused, watching
from tests.browser.shelf_app import FACT, QUESTION

pytestmark = pytest.mark.browser

Open = Callable[[str], Watched]
# Anything in the page, or in an attribute that is read out, that was not turned into one language.
LEFT_OVER = """() => {
    const own = [...document.querySelectorAll("body *")].filter(
        (node) => !node.matches("script, style"));
    const texts = own.flatMap((node) => [
        ...[...node.childNodes].filter((child) => child.nodeType === 3).map((c) => c.nodeValue),
        ...["aria-label", "alt", "placeholder", "title"].map((name) => node.getAttribute(name)),
    ]);
    return texts.filter((text) => /[\\u2061\\u2063\\u2064]/.test(text || ""));
}"""


@pytest.fixture
def open_in(browser: Browser, shelf_url: str) -> Iterator[Open]:
    """Opens the page in a browser of the given language."""
    with ExitStack() as opened:
        yield lambda locale: opened.enter_context(watching(browser, shelf_url, locale=locale))


def asked(watched: Watched) -> Page:
    watched.ask(QUESTION)
    watched.wait_for_answer()
    return watched.page


@pytest.mark.parametrize(
    ("locale", "language", "title", "ask", "hint"),
    [
        ("zh-TW", "zh-CN", "报告问答", "提问", "输入问题，按 Enter 提问"),
        ("en-GB", "en", "Report QA", "Ask", "Type a question, press Enter"),
        ("de-DE", "en", "Report QA", "Ask", "Type a question, press Enter"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    open_in: Open, locale: str, language: str, title: str, ask: str, hint: str
):
    page = open_in(locale).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page).to_have_title(title)
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("#rag-question .submit-button")).to_have_text(ask)
    expect(page.locator("#rag-question textarea")).to_have_attribute("placeholder", hint)


def test_nothing_is_left_in_two_languages(open_in: Open):
    page = asked(open_in("en-GB"))
    for panel in ("#rag-scope", "#rag-history", "#rag-reports", "#rag-settings"):
        page.click(f"{panel} > .label-wrap")
    page.click(".rag-why summary")
    expect(page.locator("#rag-find")).to_be_visible()
    assert page.evaluate(LEFT_OVER) == []


def test_the_switch_turns_an_answer_at_once_and_leaves_the_report_alone(open_in: Open):
    page = asked(open_in("en-GB"))
    facts = page.locator(".rag-facts").first
    expect(facts).to_contain_text("Confidence high 92%")
    page.get_by_role("button", name="中文").click()
    expect(facts).to_contain_text("可信度 高 92%")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.locator("#source-1-1 .evidence").text_content() == FACT
    page.get_by_role("button", name="English").click()
    expect(facts).to_contain_text("Confidence high 92%")


def test_the_choice_is_kept_and_what_comes_later_follows_it(open_in: Open):
    watched = open_in("en-GB")
    watched.page.get_by_role("button", name="中文").click()
    watched.open()
    page = asked(watched)
    chinese = page.get_by_role("button", name="中文")
    expect(chinese).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".rag-facts").first).to_contain_text("可信度 高 92%")
    expect(page.locator("#rag-scope .label-wrap")).to_contain_text("筛选：全部报告")


def test_the_language_is_switched_with_the_keyboard(open_in: Open):
    page = open_in("en-GB").page
    chinese = page.get_by_role("button", name="中文")
    expect(page.locator("#rag-question textarea")).to_be_focused()
    press_until_focused("Shift+Tab", chinese)  # Past the examples.
    page.keyboard.press("Enter")
    expect(chinese).to_have_attribute("aria-pressed", "true")
    expect(page.locator("h1")).to_have_text("报告问答")
