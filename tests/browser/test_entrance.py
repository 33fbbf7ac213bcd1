"""Signing in, and two people who use one server at the same time."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from rag.accounts import Accounts, hash_password
from tests.browser.apps import app_over
from tests.browser.shelf_app import QUESTION, SHORT, build

pytestmark = pytest.mark.browser
PASSWORD = "password-of-the-test"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    record = hash_password(PASSWORD)
    accounts = Accounts("token-of-the-test", {"anna": record, "otto": record})
    with app_over(build, tmp_path_factory.mktemp("entrance"), accounts) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Open the server in a browser of one's own; nothing may go wrong there."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        dialog.dismiss()

    def open_page(**options: Any) -> Page:
        context = browser.new_context(locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", dismiss)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def sign_in(page: Page, name: str, secret: str = PASSWORD) -> None:
    page.get_by_label("名字").fill(name)
    page.get_by_label("密码").fill(secret)
    page.get_by_role("button", name="登录 Sign in").click()


def ask(page: Page, question: str) -> None:
    page.wait_for_selector("#rag-question textarea")
    page.fill("#rag-question textarea", question)
    page.press("#rag-question textarea", "Enter")
    expect(page.locator("#rag-chat .bot-row").last).to_contain_text(SHORT)


def kept(page: Page) -> list[str]:
    page.wait_for_selector("#rag-history")
    page.locator("#rag-history > button").click()
    expect(page.locator("#rag-history-find")).to_be_visible()
    return page.locator("#rag-history-list label").all_inner_texts()


def test_a_person_signs_in_and_asks(visit):
    page = visit()
    sign_in(page, "anna", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong")
    sign_in(page, "anna")
    ask(page, QUESTION)


def test_two_people_see_only_their_own_conversations(visit):
    anna, otto = visit(), visit()
    sign_in(anna, "anna")
    sign_in(otto, "otto")
    ask(anna, QUESTION)
    anna.reload()
    assert any(QUESTION[:10] in line for line in kept(anna))
    anna.click("#rag-history-list label >> nth=0")
    with anna.expect_download() as taken:
        anna.click("#rag-export-json")
    assert QUESTION in taken.value.path().read_text(encoding="utf-8")
    otto.reload()
    assert kept(otto) == []


def test_the_token_is_a_third_person(visit):
    page = visit()
    sign_in(page, "", "token-of-the-test")
    assert kept(page) == []
    ask(page, QUESTION)


def test_who_signs_out_is_asked_to_sign_in(visit, url):
    page = visit()
    sign_in(page, "otto")
    page.wait_for_selector("#rag-question textarea")
    page.get_by_role("link", name="退出登录").click()
    page.get_by_role("button", name="退出登录 Sign out").click()
    page.goto(url)
    expect(page.get_by_label("密码")).to_be_visible()


def test_who_does_not_want_to_sign_out_goes_back(visit):
    page = visit()
    sign_in(page, "otto")
    page.get_by_role("link", name="退出登录").click()
    page.get_by_role("link", name="返回 Back").click()
    page.wait_for_selector("#rag-question textarea")


def test_on_a_phone_nothing_leaves_the_screen_or_runs_into_the_way_out(visit):
    page = visit(viewport={"width": 360, "height": 740})
    field = page.get_by_label("名字").bounding_box()
    assert field["x"] + field["width"] <= 360 - 16  # As wide a margin as on the left.
    sign_in(page, "otto")
    page.wait_for_selector("#rag-question textarea")
    promise = page.locator("#rag-header p")
    lines = promise.evaluate(
        "p => { const text = document.createRange(); text.selectNodeContents(p);"
        " return [...text.getClientRects()].map(line => line.width).filter(width => width) }"
    )
    assert lines[0] > 0.8 * promise.bounding_box()["width"]  # None beside the way out.
