from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.ui.operation.turns import N_AT_ONCE
from tests.browser.apps import app_over
from tests.browser.conftest import Watched, watching
from tests.browser.shelf_app import FACT, HOSTILE, HOSTILE_QUESTION, QUESTION, SHORT, build

pytestmark = pytest.mark.browser

MAX_OPENING_MS = 2000
MAX_FIRST_STEP_MS = 200
# Each text of the status, with the milliseconds since Enter was pressed.
WATCH_STATUS = """() => {
    window.told = [];
    let asked = 0;
    document.addEventListener("keydown", () => { asked = performance.now(); }, true);
    new MutationObserver(() => {
        const status = document.querySelector(".rag-status");
        if (status) window.told.push([status.textContent, performance.now() - asked]);
    }).observe(document, { childList: true, subtree: true, characterData: true });
}"""
UNANSWERABLE = "青石县有多少所大学？"


@pytest.fixture(scope="module")
def slow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with app_over(partial(build, pause_seconds=0.8), tmp_path_factory.mktemp("slow")) as url:
        yield url


@pytest.fixture
def slow(browser: Browser, slow_url: str) -> Iterator[Watched]:
    """The page of an app that takes so long that a person can do something meanwhile."""
    with watching(browser, slow_url) as watched:
        yield watched


def test_a_citation_opens_the_passage_with_the_answer_highlighted(watched: Watched):
    watched.ask(QUESTION)
    watched.wait_for_answer()
    page = watched.page
    assert SHORT in watched.replies()[-1]
    assert "可信度 高 92%" in watched.replies()[-1]
    source = page.locator("#source-1-1")
    source.locator("> summary").click()  # Closed, so that the mark has something to open.
    assert not source.evaluate("node => node.open")
    page.click("a.rag-mark")
    assert source.evaluate("node => node.open")
    expect(source.locator("mark.answer")).to_be_in_viewport()
    assert source.locator("mark.answer").text_content() == SHORT
    assert source.locator(".evidence").text_content() == FACT
    assert "产业扶贫" in source.inner_text()


def test_the_page_can_be_read_soon(watched: Watched):
    # It was opened just now, and there is the box for questions.
    assert watched.page.evaluate("performance.now()") < MAX_OPENING_MS


def test_the_steps_are_told_while_waiting(slow: Watched):
    slow.page.evaluate(WATCH_STATUS)
    slow.ask(QUESTION)
    slow.wait_for_answer()
    told = list(dict.fromkeys(words for words, _ in slow.page.evaluate("window.told")))
    assert [words[:3] for words in told] == ["排队中", "检索中", "正在阅", "核对中"]


def test_the_first_step_is_told_at_once(watched: Watched):
    watched.page.evaluate(WATCH_STATUS)
    for _ in range(5):
        watched.ask(QUESTION)
        watched.wait_for_answer()
    searching = [ms for words, ms in watched.page.evaluate("window.told") if "检索中" in words]
    # The soonest of five: the others may have met something else on a busy machine.
    assert min(searching) < MAX_FIRST_STEP_MS


def test_why_it_was_answered_so_opens_below_the_sources(watched: Watched):
    watched.ask(QUESTION)
    watched.wait_for_answer()
    why = watched.page.locator("#rag-sources .rag-why")
    assert not why.evaluate("node => node.open")
    expect(why.locator("table").first).to_be_hidden()
    why.locator("summary").click()
    expect(why.locator("table").first).to_be_visible()
    assert "数字见于出处" in why.inner_text()
    assert why.locator("td", has_text=SHORT).count() >= 1


def test_an_abstention_shows_related_passages_and_no_citation(watched: Watched):
    watched.ask(UNANSWERABLE)
    watched.wait_for_answer()
    assert "没有找到答案" in watched.replies()[-1]
    assert watched.page.locator("a.rag-mark").count() == 0
    panel = watched.page.locator("#rag-sources")
    assert "相关段落（未作为依据）" in panel.inner_text()
    assert panel.locator("mark").count() == 0


def test_marks_of_an_older_answer_bring_its_sources_back(watched: Watched):
    watched.ask(QUESTION)
    watched.wait_for_answer()
    watched.ask(UNANSWERABLE)
    watched.page.wait_for_selector("#turn-2.rag-shown")
    watched.wait_for_answer()
    expect(watched.page.locator("#turn-1")).to_be_hidden()
    watched.page.click("a.rag-mark")
    expect(watched.page.locator("#turn-1")).to_be_visible()
    expect(watched.page.locator("#turn-2")).to_be_hidden()


def test_markup_in_questions_and_reports_shows_as_text(watched: Watched):
    watched.ask(HOSTILE_QUESTION)
    watched.wait_for_answer()
    page = watched.page
    assert page.locator("#rag-chat .user-row").inner_text().strip() == HOSTILE_QUESTION
    page.click("a.rag-mark")
    shown = page.locator("#source-1-1 mark.answer").text_content()
    assert shown == HOSTILE.replace("\u202e", "\ufffd")
    page.click("#rag-reports > .label-wrap")
    expect(page.locator("#rag-reports")).to_contain_text("<img src=x onerror=alert(7)>")
    inside = ":is(.message-content, #rag-sources) :is(img, script, style, strong, code, em)"
    assert page.locator(inside).count() == 0
    links = page.locator("#rag-chat a, #rag-right a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert all(link.startswith("#") for link in links)
    page.wait_for_timeout(300)  # Time for an image or a script to misbehave.


def test_an_example_question_is_asked_by_a_click(watched: Watched):
    example = watched.page.locator("#rag-chat button.example").first
    question = example.inner_text()
    example.click()
    watched.page.wait_for_selector("#rag-chat .user-row")
    watched.wait_for_answer()
    assert watched.page.locator("#rag-chat .user-row").inner_text() == question


def test_stop_then_retry_then_clear(slow: Watched):
    slow.ask(QUESTION)
    slow.page.click("#rag-question .stop-button")
    slow.page.wait_for_selector("text=已停止")
    slow.wait_for_answer()
    slow.page.click("#rag-retry")
    slow.page.wait_for_selector("a.rag-mark")
    assert len(slow.replies()) == 1
    slow.page.click("#rag-clear")
    slow.page.wait_for_selector("#rag-chat button.example")
    assert slow.page.locator(".rag-turn").count() == 0


def test_stop_pressed_in_the_line_takes_effect_before_ones_turn(browser: Browser, tmp_path: Path):
    with app_over(partial(build, pause_seconds=4.0), tmp_path) as url, ExitStack() as stack:
        *others, own = [stack.enter_context(watching(browser, url)) for _ in range(N_AT_ONCE + 1)]
        for other in others:
            other.ask(QUESTION)
            expect(other.page.locator(".rag-status")).to_contain_text("检索中")
        own.ask(QUESTION)
        expect(own.page.locator(".rag-status")).to_contain_text("排队中")
        own.page.click("#rag-question .stop-button")
        own.page.wait_for_selector("text=已停止")
        assert [other.page.locator(".rag-status").count() for other in others] == [1] * N_AT_ONCE
        own.wait_for_answer()  # The next may be asked.


def test_enter_pressed_twice_asks_once(slow: Watched):
    slow.ask(QUESTION)
    slow.page.press("#rag-question textarea", "Enter")
    slow.wait_for_answer()
    assert len(slow.replies()) == 1


@pytest.mark.parametrize("question", ["", "长" * 10_000])
def test_a_question_that_cannot_be_used_gets_a_normal_message(watched: Watched, question: str):
    watched.ask(question)
    watched.page.wait_for_selector(".rag-problem")
    watched.wait_for_answer()
    assert "question" in watched.replies()[-1]


def test_copy_puts_answer_and_quotation_on_the_clipboard(watched: Watched):
    watched.ask(QUESTION)
    watched.wait_for_answer()
    watched.page.click("a.rag-copy")
    watched.page.wait_for_selector("text=已复制")
    copied = watched.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{QUESTION}\n{SHORT} [1]\n[1] {FACT}")


def test_a_copy_link_has_its_words_again_after_two_clicks(watched: Watched):
    watched.ask(QUESTION)
    watched.wait_for_answer()
    link = watched.page.locator("a.rag-copy")
    link.dblclick()
    expect(link).to_have_text("已复制")
    watched.page.wait_for_timeout(2000)
    expect(link).to_have_text("复制")


def test_nothing_overflows_on_a_narrow_screen(watched: Watched):
    page = watched.page
    page.set_viewport_size({"width": 375, "height": 800})
    watched.ask(HOSTILE_QUESTION)
    watched.wait_for_answer()
    page.click(".rag-why summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.click("a.rag-mark")
    expect(page.locator("#source-1-1 > summary")).to_be_in_viewport()
