import pytest

from rag.headings import find_sections
from rag.lines import lines_of
from rag.titles import derive_title, find_title, title_of_file

BODY = (
    "近年来,全县上下坚持把道路建设作为头等大事,一年接着一年干,累计建成农村公路三百公里,村村通路。"
)


def title(text: str) -> str | None:
    found = find_title(lines_of(text))
    return found.text if found else None


def test_first_line_is_the_title():
    assert title(f"向着明天前进\n文章字数:3995\n{BODY}") == "向着明天前进"


def test_subtitle_joins():
    assert title(f"山路上的足音\n\n——溪口县交通工作综述\n\n特约记者 张三\n{BODY}") == (
        "山路上的足音——溪口县交通工作综述"
    )


def test_page_furniture_is_passed_over():
    head = "下载\n打印\n【字号：\n加大\n】\n2026年溪口县政府工作报告\n来源：县报"
    assert (
        title(f"{head}\n——2026年1月5日在县人大会议上\n各位代表：\n{BODY}")
        == "2026年溪口县政府工作报告"
    )


def test_markdown_title():
    assert title(f"# Annual review of roads\n\n{BODY}") == "Annual review of roads"


def test_body_first_has_no_title():
    assert title(f"{BODY}\n一、成效\n{BODY}") is None


def test_numbered_heading_is_no_title():
    assert title(f"一、回顾\n{BODY}") is None


def test_title_made_from_place_topic_and_headings():
    text = f"{BODY}\n【成效】乡村振兴。\n【举措】乡村振兴。" + "乡村振兴。" * 5
    made = derive_title("溪口县", find_sections(text), lines_of(text))
    assert made == "溪口县乡村振兴：成效、举措"


def test_title_made_from_the_first_clause():
    assert derive_title(None, (), lines_of("2023-08-01,道路建设,很快。")) == "道路建设"


def test_a_file_may_be_named_by_its_title():
    assert title_of_file("01_2020年溪口县_工作报告") == "2020年溪口县 工作报告"


@pytest.mark.parametrize("stem", ["report-3", "报告", "002_dc76fe2ca383aec2", "溪口县的照片"])
def test_other_names_of_files_are_no_titles(stem):
    assert title_of_file(stem) == ""
