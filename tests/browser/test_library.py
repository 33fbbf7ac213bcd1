"""What a person does with the shelf: give files, ask, filter, remove."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from playwright.sync_api import Browser, Locator, expect

from rag.ui.protocol import Pipeline
from tests.browser.apps import app_over
from tests.browser.conftest import Watched, watching
from tests.browser.library_app import MAX_BYTES, build, build_long

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[1] / "data" / "documents"
TEA = "青石县新建茶厂多少座？"
STATIONS = "白水镇新增光伏电站多少座？"
BRIDGES = "溪口县架设桥梁多少座？"


@contextmanager
def opened(browser: Browser, folder: Path, build: Callable[[], Pipeline]) -> Iterator[Watched]:
    """The page of an app of its own, with the reports unfolded."""
    with app_over(build, folder) as url, watching(browser, url) as watched:
        watched.page.locator("#rag-reports > .label-wrap").click()
        yield watched


@pytest.fixture
def shelf(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    with opened(browser, tmp_path, build) as watched:
        yield watched


@pytest.fixture
def long_shelf(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    with opened(browser, tmp_path, build_long) as watched:
        yield watched


def give(watched: Watched, *files: Path) -> None:
    watched.page.locator("#rag-upload input[type=file]").set_input_files(list(files))


def line(watched: Watched, name: str) -> Locator:
    name_of_line = watched.page.locator("bdi", has_text=re.compile(f"^{re.escape(name)}$"))
    return watched.page.locator(".rag-intake li").filter(has=name_of_line)


def row(watched: Watched, title: str) -> Locator:
    return watched.page.locator(".rag-shelf li", has_text=title)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def asked(watched: Watched, question: str) -> str:
    watched.ask(question)
    watched.wait_for_answer()
    return watched.replies()[-1]


def remove(watched: Watched, title: str) -> None:
    button = row(watched, title).locator("button")
    button.click()
    expect(button).to_have_text("确认移除？")
    expect(button).to_have_attribute("aria-label", re.compile(f"^确认移除？ {title}"))
    button.click()
    expect(row(watched, title)).to_have_count(0)


def choose(watched: Watched, box: str, words: str) -> None:
    field = watched.page.locator(f"{box} input")
    field.click()
    field.press_sequentially(words)
    watched.page.locator(f"{box} [role=option]").first.click()
    field.press("Escape")


def test_given_files_are_answered_from_and_a_removed_one_is_gone(shelf: Watched, tmp_path: Path):
    text = write(tmp_path, "new.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n")
    give(shelf, text, SAMPLES / "report.docx", SAMPLES / "report.pdf")
    for name in ("new.txt", "report.docx"):
        expect(line(shelf, name)).to_contain_text("已上架")
    # Its name is that of the DOCX: a report is known by its name.
    expect(line(shelf, "report.pdf")).to_contain_text("书架上已有同名报告")
    expect(row(shelf, "白水镇2020年工作总结")).to_contain_text("2020")
    assert "3座" in asked(shelf, STATIONS)
    shelf.page.locator("a.rag-mark").last.click()
    assert shelf.page.locator(".rag-shown mark.answer").text_content() == "3座"
    remove(shelf, "白水镇2020年工作总结")
    expect(shelf.page.locator(".rag-shown .rag-gone")).to_contain_text("已更改")
    assert "3座" not in asked(shelf, STATIONS)


def test_a_pdf_is_answered_from_with_its_page(shelf: Watched):
    give(shelf, SAMPLES / "report.pdf")
    expect(row(shelf, "溪口县2019年脱贫攻坚工作报告")).to_contain_text("4 页")
    assert "12座" in asked(shelf, BRIDGES)
    expect(shelf.page.locator(".rag-shown .rag-source")).to_contain_text("第 1 页")


def test_the_answer_of_a_given_pdf_is_kept_and_says_when_its_report_has_gone(
    shelf: Watched, tmp_path: Path
):
    give(shelf, SAMPLES / "report.pdf")
    expect(row(shelf, "溪口县2019年脱贫攻坚工作报告")).to_have_count(1)
    asked(shelf, BRIDGES)
    shelf.page.locator("a.rag-mark").first.click()
    expect(shelf.page.locator(".rag-shown .rag-lit").first).to_be_visible()
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite3")) as history:
        ((versions,),) = history.execute("SELECT versions FROM turns")
    generation = (tmp_path / "index" / "CURRENT").read_text("utf-8").split()[0]
    assert json.loads(versions)["index"] == generation
    remove(shelf, "溪口县2019年脱贫攻坚工作报告")
    expect(shelf.page.locator("#rag-chat .rag-changed").first).to_be_visible()
    shelf.open()
    shelf.page.locator("#rag-history > .label-wrap").click()
    shelf.page.locator("#rag-history-list label").click()
    expect(shelf.page.locator("#rag-chat .rag-changed").first).to_be_visible()
    assert "12座" in shelf.replies()[-1]


def test_bad_files_are_refused_each_with_its_reason_and_the_rest_is_taken(
    shelf: Watched, tmp_path: Path
):
    broken = write(tmp_path, "broken.pdf", "no PDF at all")
    deck = write(tmp_path, "deck.pptx", "x")
    good = write(tmp_path, "good.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n")
    give(shelf, broken, deck, SAMPLES / "scanned.pdf", good)
    expect(line(shelf, "good.txt")).to_contain_text("已上架")
    for name in ("broken.pdf", "deck.pptx", "scanned.pdf"):
        expect(line(shelf, name)).to_contain_text("未收")
    expect(line(shelf, "deck.pptx")).to_contain_text("请另存为 PDF")
    shelf.page.click("button[data-speak=en]")
    expect(line(shelf, "deck.pptx")).to_contain_text("cannot read this kind; save it as PDF")
    assert shelf.page.locator(".rag-shelf li").count() == 2
    assert "7座" in asked(shelf, TEA)


def test_a_bomb_is_refused_and_the_rest_of_its_drop_is_taken(shelf: Watched, tmp_path: Path):
    bomb = tmp_path / "zeros.xlsx"
    with ZipFile(SAMPLES / "investment.xlsx") as sample, ZipFile(bomb, "w", ZIP_DEFLATED) as packed:
        for name in sample.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            packed.writestr(name, bytes(30_000_000) if is_sheet else sample.read(name))
    assert bomb.stat().st_size < MAX_BYTES
    give(shelf, bomb, write(tmp_path, "good.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n"))
    expect(line(shelf, "good.txt")).to_contain_text("已上架")
    expect(line(shelf, "zeros.xlsx")).to_contain_text("未收")
    assert "45公里" in asked(shelf, "黄泥镇修路多少公里？")


def test_a_file_that_is_too_big_is_refused_and_the_rest_of_the_drop_is_taken(
    shelf: Watched, tmp_path: Path
):
    big = write(tmp_path, "big.txt", "x" * (MAX_BYTES + 1))
    good = write(tmp_path, "good.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n")
    give(shelf, big, good)
    expect(line(shelf, "good.txt")).to_contain_text("已上架")
    expect(line(shelf, "big.txt")).to_contain_text(f"max_document_bytes（{MAX_BYTES}）")
    assert shelf.page.locator(".rag-shelf li").count() == 2
    assert not [*(tmp_path / "index-documents").rglob("big.txt")]


def test_questions_are_answered_while_a_file_is_encoded(shelf: Watched, tmp_path: Path):
    lines = [f"第{n}村修路{n}公里，种树{n * 3}亩，通水{n * 7}户。" for n in range(400)]
    give(shelf, write(tmp_path, "long.txt", "\n".join(lines)))
    expect(line(shelf, "long.txt")).to_contain_text("正在编码")
    assert "7座" in asked(shelf, TEA)
    expect(line(shelf, "long.txt")).to_contain_text("正在编码")
    expect(line(shelf, "long.txt")).to_contain_text("已上架")
    # What was asked meanwhile keeps its source when the list is renewed.
    expect(row(shelf, "long")).to_have_count(1)
    expect(shelf.page.locator(".rag-shown mark.answer")).to_have_text("7座")


def test_questions_are_held_to_chosen_reports_until_the_filter_is_cleared(
    shelf: Watched, tmp_path: Path
):
    give(shelf, write(tmp_path, "new.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n"))
    expect(row(shelf, "黄泥镇修路报告")).to_have_count(1)
    shelf.page.locator("#rag-scope .label-wrap").click()
    choose(shelf, "#rag-scope-documents", "黄泥")
    expect(shelf.page.locator("#rag-scope .label-wrap")).to_contain_text("1 份报告")
    removing = shelf.page.locator("#rag-scope-documents .token-remove").first
    expect(removing).to_have_attribute("title", "移除 黄泥镇修路报告 · new")
    assert "清除筛选可查全部2份" in asked(shelf, TEA)
    shelf.page.click("#rag-scope-clear")
    expect(shelf.page.locator("#rag-scope .label-wrap")).to_contain_text("全部报告")
    assert "7座" in asked(shelf, TEA)
    choose(shelf, "#rag-scope-years", "2021")
    assert "清除筛选可查全部2份" in asked(shelf, TEA)


def test_a_file_given_again_replaces_its_report(shelf: Watched, tmp_path: Path):
    path = write(tmp_path, "new.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n")
    give(shelf, path)
    expect(line(shelf, "new.txt")).to_contain_text("已上架")
    give(shelf, path)
    expect(line(shelf, "new.txt")).to_contain_text("未变")
    give(shelf, write(tmp_path, "new.txt", "黄泥镇修路报告\n2021年，黄泥镇修路46公里。\n"))
    expect(line(shelf, "new.txt")).to_contain_text("已上架")
    expect(line(shelf, "new.txt")).not_to_contain_text("未变")
    assert "46公" in asked(shelf, "黄泥镇修路多少公里？")
    assert shelf.page.locator(".rag-shelf li").count() == 2


def test_markup_in_a_given_file_shows_as_text(shelf: Watched, tmp_path: Path):
    name = "<img src=x onerror=alert(1)>.txt"
    give(shelf, write(tmp_path, name, "<script>alert(2)</script>报告\n2021年修路45公里。\n"))
    expect(shelf.page.locator(".rag-intake li")).to_contain_text("已上架")
    assert shelf.page.locator(":is(.rag-intake, .rag-shelf) :is(img, script)").count() == 0


def test_a_thousand_reports_are_listed_by_the_page_and_found(long_shelf: Watched):
    page = long_shelf.page
    expect(page.locator(".rag-shelf li")).to_have_count(20)
    page.click("#rag-pages button >> nth=1")
    expect(page.locator(".rag-shelf li").first).to_contain_text("0020号县")
    page.fill("#rag-find input, #rag-find textarea", "0777号")
    expect(page.locator(".rag-shelf li")).to_have_count(1)
    page.locator("#rag-scope .label-wrap").click()
    choose(long_shelf, "#rag-scope-documents", "0777")
    expect(page.locator("#rag-scope .label-wrap")).to_contain_text("1 份报告")


def test_reports_are_removed_with_the_keyboard_alone(shelf: Watched, tmp_path: Path):
    give(shelf, write(tmp_path, "new.txt", "黄泥镇修路报告\n2021年，黄泥镇修路45公里。\n"))
    expect(row(shelf, "黄泥镇修路报告")).to_have_count(1)
    button = row(shelf, "黄泥镇修路报告").locator("button")
    button.focus()
    shelf.page.keyboard.press("Enter")
    shelf.page.keyboard.press("Enter")
    expect(row(shelf, "黄泥镇修路报告")).to_have_count(0)


def test_the_library_does_not_overflow_a_narrow_screen(shelf: Watched, tmp_path: Path):
    give(shelf, write(tmp_path, f"{'长' * 60}.txt", "x" * 40))
    shelf.page.set_viewport_size({"width": 375, "height": 800})
    expect(shelf.page.locator(".rag-intake li")).to_contain_text("已上架")
    assert shelf.page.evaluate("document.documentElement.scrollWidth") <= 375
