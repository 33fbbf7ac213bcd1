"""Files whose names, titles and texts try to be more than text, given to the page by a person."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.apps import app_over
from tests.browser.conftest import Watched, watching
from tests.browser.library_app import build

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)><style>*{display:none!important}</style>"
TEXT = (
    f"---\ntitle: {MARKUP}报告\nplace: <script>alert(2)</script>\n---\n"
    "2021年，黄泥镇修路45公里。<iframe src=http://198.51.100.7/></iframe> "
    "<link rel=stylesheet href=http://198.51.100.7/x.css> ![x](http://198.51.100.7/p.png)\n"
)
NAMES = (
    f"{MARKUP}.txt",
    "\u202etxt.exe.txt",
    "a\x1b[2Jb\x07.txt",
    "x" * 250 + ".txt",  # As long as file systems let it be.
    "../../../etc/cron.d/x.txt",
    "=cmd|' /C calc'!A0.txt",
    "[x](javascript:alert(3)).txt",
)


@pytest.fixture
def shelf(browser: Browser, tmp_path) -> Iterator[Watched]:
    with app_over(build, tmp_path) as url, watching(browser, url) as watched:
        watched.page.locator("#rag-reports > .label-wrap").click()
        yield watched


def payload(number: int, name: str) -> FilePayload:
    text = TEXT.replace("45", str(45 + number))
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def look(watched: Watched) -> dict[str, object]:
    """What a leaked style or element would change."""
    found: dict[str, object] = watched.page.evaluate(
        """() => ({
            display: getComputedStyle(document.body).display,
            colour: getComputedStyle(document.querySelector("#rag-header h1")).color,
            // Gradio's own pictures hold styles.
            strangers: [
                ...document.querySelectorAll(
                    "body :is(img, script, iframe, link, object, style:not(svg style))"
                ),
            ].map(e => e.outerHTML),
        })"""
    )
    return found


def test_names_titles_and_texts_stay_text(shelf: Watched):
    page = shelf.page
    before = look(shelf)
    files = [payload(number, name) for number, name in enumerate(NAMES)]
    page.locator("#rag-upload input[type=file]").set_input_files(files)
    lines = page.locator(".rag-intake li")
    expect(lines).to_have_count(len(NAMES))
    for number in range(len(NAMES)):
        expect(lines.nth(number)).to_contain_text("已上架")
    shelf.ask(f"黄泥镇修路多少公里？{MARKUP}\u202e")
    shelf.wait_for_answer()
    page.locator("#rag-history > button").click()
    page.locator("#rag-scope .label-wrap").click()
    page.locator("#rag-scope-documents input").click()
    assert look(shelf) == before
    shown = page.locator("body").inner_text()
    assert not {"\u202e", "\x1b", "\x07"} & set(shown)
    assert "onerror=alert(1)" in shown  # As text.


def test_the_files_lie_under_names_that_lead_nowhere(shelf: Watched, tmp_path):
    files = [payload(number, name) for number, name in enumerate(NAMES)]
    shelf.page.locator("#rag-upload input[type=file]").set_input_files(files)
    expect(shelf.page.locator(".rag-intake li", has_text="已上架")).to_have_count(len(NAMES))
    kept = list((tmp_path / "index-documents").rglob("*.txt"))
    assert len(kept) == len(NAMES)
    for path in kept:
        assert path.parent == tmp_path / "index-documents"
        assert path.name.isprintable()
        assert not path.name.startswith(".")
