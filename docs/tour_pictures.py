"""Take the pictures of the README and of docs/tour.md: `python -m docs.tour_pictures`.

The page is served over the seeds, and Chromium does in it what a person would do. As in the
browser tests, an error of the page or a request that leaves this machine ends it.
"""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.apps import ROOT, app_by
from tests.browser.conftest import chromium, watching

IMAGES = Path(__file__).with_name("images")
SAMPLES = ROOT / "tests" / "data" / "documents"
START_SECONDS = 300  # With the index to build.
N_COLOURS = 256
WIDE, HIGH, NARROW = (1360, 860), (1360, 1260), (375, 812)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and how it comes about.

    Attributes:
        name: Of its file, without the suffix.
        question: What is asked first, by its id in seeds/questions.jsonl; empty for nothing.
        prepare: What is done once that is answered.
        locale: Of the browser.
        size: Of its window, in pixels.
    """

    name: str
    question: str
    prepare: Callable[[Page], None]
    locale: str = "zh-CN"
    size: tuple[int, int] = WIDE


def open_source(page: Page) -> None:
    """Open the source of the first mark, at its place."""
    page.click("a.rag-mark >> nth=0")
    expect(page.locator(".rag-shown mark.answer").first).to_be_in_viewport()


def leave(page: Page) -> None:
    """Nothing more."""


def open_why(page: Page) -> None:
    """Open why it was answered so, and go there."""
    page.click(".rag-shown .rag-why summary")
    page.locator(".rag-shown .rag-why").evaluate("why => why.scrollIntoView()")


def give_files(page: Page) -> None:
    """Put files on the shelf, one of them without text."""
    page.click("#rag-reports > .label-wrap")
    given = [SAMPLES / name for name in ("report.docx", "budget.csv", "scanned.pdf")]
    page.locator("#rag-upload input[type=file]").set_input_files(given)
    expect(page.locator("#rag-reports > .label-wrap")).to_contain_text("(7)")
    page.locator("#rag-reports").evaluate("panel => panel.scrollIntoView()")


PICTURES = (
    Picture("chat", "dev-022", open_source),
    Picture("comparison", "dev-116", leave),
    Picture("refusal", "dev-020", leave),
    Picture("why", "dev-022", open_why, size=HIGH),
    Picture("english", "dev-024", open_source, locale="en-GB"),
    Picture("narrow", "dev-022", leave, size=NARROW),
    Picture("library", "", give_files),  # Last: it changes the shelf.
)


def take(picture: Picture, browser: Browser, url: str, question: str) -> bytes:
    """The picture as a PNG file."""
    width, height = picture.size
    with watching(
        browser,
        url,
        locale=picture.locale,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        color_scheme="light",
    ) as watched:
        if question:
            watched.ask(question)
            watched.wait_for_answer()
        picture.prepare(watched.page)
        taken = watched.page.screenshot()
    return small(taken)


def small(png: bytes) -> bytes:
    """The PNG in a palette of its own, a fraction of the size."""
    file = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(N_COLOURS)
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    """Take all pictures."""
    lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = {row["id"]: row["question"] for row in map(json.loads, lines)}
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "app.py"), "--index", f"{folder}/index", "--port"]
        with app_by(command, Path(folder), START_SECONDS) as url:
            for browser in chromium():
                for picture in PICTURES:
                    question = questions.get(picture.question, "")
                    png = take(picture, browser, url, question)
                    (IMAGES / f"{picture.name}.png").write_bytes(png)


if __name__ == "__main__":
    main()
