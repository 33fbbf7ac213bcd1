import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
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
START_SECONDS = 60
# Gradio's own script says so whenever an upload has ended.
GRADIO_UPLOADS = "console warning: Method not implemented."
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


def start_app(command: list[str], folder: Path, timeout_seconds: float) -> Iterator[str]:
    """Run `command PORT` from an empty folder until the test is over; give the page's address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    log = (folder / "app.log").open("w+b")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        log,
        subprocess.Popen(
            [*command, str(port)], cwd=folder, env=environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _wait_for(process, port, timeout_seconds, folder / "app.log")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def shelf_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("shelf_app.py"))]
    yield from start_app(command, tmp_path_factory.mktemp("shelf"), START_SECONDS)


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
        if message.type in ("error", "warning"):
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


@pytest.fixture
def watched(browser: Browser, shelf_url: str) -> Iterator[Watched]:
    """The page over the invented reports; nothing wrong may have happened by the end."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1360, "height": 860})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched = Watched(context.new_page(), shelf_url)
    watched.open()
    yield watched
    context.close()
    assert watched.wrong == []
