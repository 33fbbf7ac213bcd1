import pytest

from rag.dates import find_published, find_years, parse_years
from rag.lines import lines_of


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("题目\n发布日期:2019-09-23\n正文", "2019-09-23"),
        ("题目\n时间：\n2026-02-02 09:20\n正文", "2026-02-02"),
        ("题目\n  • 2021-03-04 09:30\n正文", "2021-03-04"),
        ("题目\n（2020年3月）\n正文", "2020-03"),
        ("题目\n二〇二一年六月\n正文", None),
        ("题目\n2021/6/1\n正文", "2021-06-01"),
        ("题目\n——2026年1月27日在溪口县第十四届人民代表大会上\n正文", "2026-01-27"),
        ("题目\n来源：某日报  2022年5月6日\n正文", None),
        ("题目\n2020年10月,全县脱贫,成绩喜人。", None),
        ("题目\n日期:2020-13-40", None),
        ("题目", None),
    ],
)
def test_date_of_publication(text: str, date: str | None):
    assert find_published(lines_of(text)) == date


def test_years_of_the_title_with_their_range():
    assert find_years("溪口县2016年至2019年工作报告", "", None) == (2016, 2017, 2018, 2019)


def test_years_that_the_text_dwells_on_up_to_publication():
    text = "2018年修路。2018年通水。2019年种茶。2019年采茶。2025年的目标。2025年的远景。"
    assert find_years("综述", text, "2020-01") == (2018, 2019)


def test_years_named_once_count_if_none_is_named_more():
    assert find_years("综述", "2018年修路。2019年通水。", None) == (2018, 2019)


def test_no_years():
    assert find_years("综述", "共2000户。", None) == ()


@pytest.mark.parametrize("value", ["2016-2018", "2016年至2018年", "2016, 2017, 2018"])
def test_parse_years(value: str):
    assert parse_years(value) == (2016, 2017, 2018)
