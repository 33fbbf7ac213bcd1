import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.apps import app_over
from tests.browser.shelf_app import build

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Gradio's own script says so whenever an upload has ended.
GRADIO_UPLOADS = "Method not implemented."
WINDOW = {"width": 1360, "height": 860}
expect.set_options(timeout=30_000)  # For machines that are busy with something else.


def chromium() -> Iterator[Browser]:
    """The Chromium of this machine; pytest's own skip if there is none."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.skip("no Chromium: install it (Debian, Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture(scope="session")
def shelf_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with app_over(build, tmp_path_factory.mktemp("shelf")) as url:
        yield url


class Watched:
    """A page, and everything that it did which it should not."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.wrong: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("dialog", self._on_dialog)
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != GRADIO_UPLOADS:
            self.wrong.append(f"console {message.type}: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(f"request: {request.url}")

    def open(self) -> None:
        self.page.goto(self.url)
        self.page.wait_for_selector("#rag-question textarea")

    def ask(self, question: str) -> None:
        asked = self.page.locator("#rag-chat .user-row")
        n_before = asked.count()
        self.page.fill("#rag-question textarea", question)
        self.page.press("#rag-question textarea", "Enter")
        expect(asked).to_have_count(n_before + 1)

    def wait_for_answer(self, timeout_seconds: float = 30) -> None:
        """Wait until the last question has an answer or a problem, and the next may be asked."""
        expect(self.page.locator(".rag-status")).to_have_count(0, timeout=timeout_seconds * 1000)
        expect(self.page.locator("#rag-question .submit-button")).to_be_visible()

    def replies(self) -> list[str]:
        return self.page.locator("#rag-chat .bot-row").all_inner_texts()


def press_until_focused(key: str, target: Locator, max_presses: int = 20) -> None:
    for _ in range(max_presses):
        target.page.keyboard.press(key)
        if target.evaluate("node => node === document.activeElement"):
            break
    expect(target).to_be_focused()


@contextmanager
def watching(browser: Browser, url: str, **options: Any) -> Iterator[Watched]:
    """The page at `url` in a browser window of its own, in which nothing wrong may happen.

    `options` are those of Playwright's `new_context`.
    """
    context = browser.new_context(**{"locale": "zh-CN", "viewport": WINDOW, **options})
    watched = Watched(context.new_page(), url)
    watched.open()
    yield watched
    context.close()
    assert watched.wrong == []


@pytest.fixture
def watched(browser: Browser, shelf_url: str) -> Iterator[Watched]:
    """The page over the invented reports."""
    with watching(browser, shelf_url, permissions=["clipboard-read", "clipboard-write"]) as watched:
        yield watched
