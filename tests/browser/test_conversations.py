import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.apps import app_over
from tests.browser.conftest import Watched
from tests.browser.shelf_app import FACT, HOSTILE_QUESTION, QUESTION, SHORT, build

pytestmark = pytest.mark.browser

ROWS = "#rag-history-list label"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def damaged(folder: Path) -> None:
    """A history that cannot be used; asked for before `shelf_url`, so that it is there in time."""
    (folder / ".rag").mkdir()
    (folder / ".rag" / "conversations.sqlite3").write_text("no database" * 1000)


@pytest.fixture
def shelf_url(folder: Path) -> Iterator[str]:
    """An app with a history of its own."""
    with app_over(build, folder) as url:
        yield url


def answered(watched: Watched, question: str = QUESTION) -> Page:
    watched.ask(question)
    watched.wait_for_answer()
    return watched.page


def open_list(page: Page) -> None:
    page.click("#rag-history > button")
    expect(page.locator("#rag-history-find")).to_be_visible()


def kept(folder: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(folder / ".rag" / "conversations.sqlite3")
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_a_conversation_is_listed_after_a_reload_and_goes_on(watched: Watched, folder: Path):
    page = answered(watched)
    watched.open()
    expect(page.locator("#rag-chat .user-row")).to_have_count(0)
    open_list(page)
    expect(page.locator(ROWS)).to_have_count(1)
    assert page.locator(ROWS).inner_text().startswith(QUESTION)
    page.click(ROWS)
    expect(page.locator(".rag-answer a.rag-mark")).to_have_count(1)
    page.click("a.rag-mark")
    assert page.locator("#source-1-1 mark.answer").text_content() == SHORT
    assert page.locator("#source-1-1 .evidence").text_content() == FACT
    answered(watched, "那它有多少座？")
    expect(page.locator("#rag-chat .user-row")).to_have_count(2)
    expect(page.locator(ROWS)).to_have_count(1)
    assert kept(folder, "SELECT number FROM turns ORDER BY number") == [(1,), (2,)]


def test_a_new_conversation_leaves_the_old_one_in_the_list(watched: Watched):
    page = answered(watched)
    page.click("#rag-clear")
    expect(page.locator("#rag-chat .user-row")).to_have_count(0)
    answered(watched, HOSTILE_QUESTION)
    open_list(page)
    expect(page.locator(ROWS)).to_have_count(2)
    assert page.locator(ROWS).first.inner_text().startswith(HOSTILE_QUESTION[:60])
    assert page.locator(f"{ROWS} img").count() == 0
    page.fill("#rag-history-find textarea, #rag-history-find input", "光伏")
    expect(page.locator(ROWS)).to_have_count(1)


def test_renaming_shows_in_the_list(watched: Watched):
    page = answered(watched)
    open_list(page)
    title = page.locator("#rag-title :is(textarea, input)")
    expect(title).to_have_value(QUESTION)  # The list is renewed after the answer.
    title.fill("光伏收入")
    page.click("#rag-rename")
    expect(page.locator(ROWS)).to_contain_text("光伏收入")


def test_deleting_asks_first(watched: Watched, folder: Path):
    page = answered(watched)
    open_list(page)
    page.click("#rag-delete")
    page.click("#rag-keep")
    expect(page.locator("#rag-really")).to_be_hidden()
    assert len(kept(folder, "SELECT id FROM conversations")) == 1
    page.click("#rag-delete")
    page.click("#rag-really")
    expect(page.locator(ROWS)).to_have_count(0)
    expect(page.locator("#rag-chat .user-row")).to_have_count(0)
    assert kept(folder, "SELECT id FROM turns") == []


@pytest.mark.parametrize(("form", "suffix"), [("md", ".md"), ("json", ".json"), ("docx", ".docx")])
def test_an_export_is_downloaded(watched: Watched, form: str, suffix: str, tmp_path: Path):
    page = answered(watched)
    open_list(page)
    with page.expect_download() as download:
        page.click(f"#rag-export-{form}")
    assert download.value.suggested_filename.endswith(suffix)
    saved = tmp_path / f"saved{suffix}"
    download.value.save_as(saved)
    if form == "md":
        assert FACT.split("，")[0] in saved.read_text("utf-8")
    elif form == "json":
        assert json.loads(saved.read_text("utf-8"))["turns"][0]["answer"]["question"] == QUESTION
    else:
        assert saved.read_bytes().startswith(b"PK")


def test_thumbs_down_with_a_reason_is_in_the_database(watched: Watched, folder: Path):
    page = answered(watched)
    page.click("a[href^='#verdict-wrong']")
    page.fill("#rag-wrong-reason textarea", "应为1,300万元")
    page.click("#rag-wrong-save")
    expect(page.locator("#rag-wrong")).to_be_hidden()
    expect(page.locator("a.rag-given")).to_contain_text("不对（已记下）")
    assert kept(folder, "SELECT verdict, reason FROM feedback") == [("wrong", "应为1,300万元")]


def test_a_verdict_comes_back_with_its_conversation(watched: Watched):
    page = answered(watched)
    page.click("a[href^='#verdict-right']")
    expect(page.locator("a.rag-given")).to_have_count(1)
    watched.open()
    open_list(page)
    page.click(ROWS)
    expect(page.locator("a.rag-given")).to_contain_text("对（已记下）")


@pytest.mark.parametrize(("form", "expected"), [("gbt", "参考文献"), ("markdown", "> 2019年底")])
def test_an_answer_is_copied_in_other_forms(watched: Watched, form: str, expected: str):
    page = answered(watched)
    page.click(f"a[href='#copy-1-{form}']")
    page.wait_for_selector("text=已复制")
    assert expected in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.usefixtures("damaged")
def test_the_page_answers_beside_a_file_that_it_cannot_use(watched: Watched):
    page = watched.page
    expect(page.locator("#rag-history-notice")).to_contain_text("conversations.sqlite3 已损坏")
    answered(watched)
    expect(page.locator(".rag-answer a.rag-mark")).to_have_count(1)
    expect(page.locator(".rag-unkept")).to_contain_text("未保存")


def test_nothing_overflows_on_a_narrow_screen(watched: Watched):
    page = answered(watched)
    page.set_viewport_size({"width": 375, "height": 800})
    open_list(page)
    page.click("#rag-delete")
    page.click("a[href^='#verdict-wrong']")
    expect(page.locator("#rag-wrong")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
