import pytest

from rag.parsing.joining import join_lines, one_line
from rag.parsing.reflow import PageLine, reflow

WIDE = "全县新建和改造农村公路三百公里，架设桥梁十二座，"


def page(number: int, *texts: str, sizes: dict[str, float] | None = None) -> list[PageLine]:
    """Lines from the top of a page down."""
    sizes = sizes or {}
    return [
        PageLine(text, sizes.get(text, 12.0), 72.0, 700.0 - 20 * row, number)
        for row, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("投入资金", "一亿元", "投入资金一亿元"),
        ("总人口41.", "6万人", "总人口41.6万人"),
        ("总人口1,2", "34人", "总人口1,234人"),
        ("rural roads", "and bridges", "rural roads and bridges"),
        ("com-", "pleted", "completed"),
        ("Sino-", "German", "Sino- German"),
        ("in 2019", "12 villages", "in 2019 12 villages"),
        ("GDP", "增长", "GDP增长"),
        ("", "一", "一"),
    ],
)
def test_lines_are_joined_as_their_script_wants(first: str, second: str, joined: str):
    assert join_lines(first, second) == joined


def test_all_lines_of_a_cell_become_one():
    assert one_line("贫困\n村\r\n（个）") == "贫困村（个）"


def test_lines_that_the_layout_broke_are_joined_and_short_ones_stay():
    extract = reflow([page(0, "一、基础设施", WIDE, WIDE, "群众满意。", "二、产业")])
    assert extract.text == f"一、基础设施\n\n{WIDE}{WIDE}群众满意。\n\n二、产业"


def test_a_line_that_starts_a_heading_is_never_joined():
    extract = reflow([page(0, WIDE, "（二）" + WIDE)])
    assert extract.text == f"{WIDE}\n\n（二）{WIDE}"


@pytest.mark.parametrize("indented", ["　　" + WIDE, "  " + WIDE])
def test_an_indented_line_begins_a_paragraph(indented: str):
    assert reflow([page(0, WIDE, indented)]).text == f"{WIDE}\n\n{WIDE}"


def test_rows_of_numbers_stay_lines():
    rows = ("甲县贫困村投资情况 98 1200 30.5%", "乙县贫困村投资情况 45 8600 22.1%")
    assert reflow([page(0, *rows)]).text == "\n\n".join(rows)


def test_headers_and_footers_that_repeat_go_whatever_their_digits():
    pages = [
        page(n, f"溪口县文件〔2019〕{n}号", f"{'甲乙丙'[n]}段。", f"印发{n}份") for n in range(3)
    ]
    assert reflow(pages).text == "甲段。\n\n乙段。\n\n丙段。"


def test_a_title_that_is_the_header_of_all_pages_stays():
    title = PageLine("溪口县报告", 20.0, 72.0, 650.0, 0)
    pages = [page(n, "溪口县报告", f"{'甲乙丙'[n]}段。") for n in range(3)]
    text = reflow([[title, *pages[0]], *pages[1:]]).text
    assert text == "溪口县报告\n\n甲段。\n\n乙段。\n\n丙段。"


def test_lines_that_repeat_on_two_pages_only_stay():
    pages = [page(n, "溪口县文件", f"第{n}段。", "内容。") for n in range(2)]
    assert reflow(pages).text.count("溪口县文件") == 2


@pytest.mark.parametrize(
    "number", ["7", "- 7 -", "— 7 —", "第 7 页", "第7页 共9页", "Page 7 of 9", "iv"]
)
def test_bare_page_numbers_go(number: str):
    assert reflow([page(0, "内容。", number)]).text == "内容。"


def test_a_number_within_a_page_stays():
    assert reflow([page(0, "贫困村数", "98", "内容。")]).text == "贫困村数\n\n98\n\n内容。"


def test_a_paragraph_runs_on_to_the_next_page_and_the_page_begins_within():
    extract = reflow([page(0, "标题", WIDE), page(1, WIDE, "完。")])
    assert extract.text == f"标题\n\n{WIDE}{WIDE}完。"
    assert extract.page_starts == (0, len("标题\n\n") + len(WIDE))


def test_a_footnote_does_not_stand_within_a_paragraph():
    note = "①指乡镇和村的加工场所。"
    first = page(0, "标题", WIDE, note, sizes={note: 9.0})
    extract = reflow([first, page(1, WIDE, "完。")])
    assert extract.text == f"标题\n\n{note}\n\n{WIDE}{WIDE}完。"
    assert extract.text[extract.page_starts[1] :] == f"{WIDE}完。"


def test_blank_pages_begin_where_the_next_one_does():
    extract = reflow([page(0, "一。"), [], page(2, "二。"), []])
    assert extract.text == "一。\n\n二。"
    assert extract.page_starts == (0, 4, 4, 6)


def test_no_page_gives_no_text():
    assert reflow([]).text == ""
