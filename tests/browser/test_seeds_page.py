import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, expect

from tests.browser.apps import ROOT, app_by
from tests.browser.conftest import Watched, watching

ASSETS = ROOT / "rag" / "assets"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not any(ASSETS.rglob("*.safetensors")), reason=f"no reader weights in {ASSETS}"
    ),
]
START_SECONDS = 300  # With the index to build.


@pytest.fixture(scope="module")
def seeds_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("seeds")
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(folder / "index"), "--port"]
    with app_by(command, folder, START_SECONDS) as url:
        yield url


@pytest.fixture(scope="module")
def answers(seeds_url: str) -> list[dict[str, Any]]:
    """What the endpoint answers to some shared questions, answerable and not."""
    lines = (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    client = Client(seeds_url, verbose=False)
    chosen = rows[:8] + [row for row in rows if row["type"] == "unanswerable"][:6]
    return [client.predict(row["question"], 5, api_name="/ask") for row in chosen]


@pytest.fixture
def watched_seeds(browser: Browser, seeds_url: str) -> Iterator[Watched]:
    with watching(browser, seeds_url) as watched:
        yield watched


def test_an_answer_is_highlighted_in_its_report(
    watched_seeds: Watched, answers: list[dict[str, Any]]
):
    answered = next(answer for answer in answers if not answer["abstained"])
    watched_seeds.ask(answered["question"])
    watched_seeds.wait_for_answer()
    watched_seeds.page.locator("a.rag-mark").first.click()
    marked = watched_seeds.page.locator(".rag-shown mark.answer")
    expect(marked.first).to_be_in_viewport()
    assert marked.first.text_content() in answered["answer"]


def test_an_abstention_cites_nothing(watched_seeds: Watched, answers: list[dict[str, Any]]):
    silent = next(answer for answer in answers if answer["abstained"])
    watched_seeds.ask(silent["question"])
    watched_seeds.wait_for_answer()
    assert watched_seeds.page.locator("a.rag-mark").count() == 0
    assert watched_seeds.page.locator(".rag-shown .rag-passage").count() > 0
