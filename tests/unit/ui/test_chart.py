import re
from decimal import Decimal

import pytest

from rag.types import Side
from rag.ui.chart import bar_lengths, chart
from tests.html_reading import Reading


def sides(*answers: str) -> list[Side]:
    return [Side(f"{n}县", answer, (n,)) for n, answer in enumerate(answers, start=1)]


@pytest.mark.parametrize(
    ("answers", "lengths"),
    [
        (("500公里", "300公里"), ("1", "0.6")),
        (("1.5亿元", "3000万元"), ("1", "0.2")),
        (("３７户", "74户"), ("0.5", "1")),
        (("5公顷", "15亩"), ("1", "0.2")),
        (("1公里", "250米"), ("1", "0.25")),
        (("2 千米", "1公里"), ("1", "0.5")),
        (("4斤", "1 千克"), ("1", "0.5")),
        (("1平方千米", "50公顷"), ("1", "0.5")),
        (("10块", "20元"), ("0.5", "1")),
        (("5726户200人", "100名"), ("1", "0.5")),
        (("0户", "0户"), ("0", "0")),
        (("百分之五", "10%", "2.5%"), ("0.5", "1", "0.25")),
    ],
)
def test_bars_follow_the_amounts_in_one_unit(answers, lengths):
    found = bar_lengths(sides(*answers))
    assert found is not None
    assert [round(length, 6) for length in found] == [Decimal(length) for length in lengths]


@pytest.mark.parametrize(
    "answers",
    [
        (),
        ("500公里",),
        ("500公里", "许多"),
        ("500公里", "300户"),
        ("3亿元", "1亿美元"),
        ("2018年", "2019年"),
        ("第3", "第5"),
        ("3至5万元", "2万元"),
        ("98户300人", "50户120人"),
        ("5户，其中2户", "3户"),
    ],
)
def test_where_bars_would_mislead_there_are_none(answers):
    assert bar_lengths(sides(*answers)) is None
    assert chart(sides(*answers)) == ""


def test_a_bar_has_its_place_its_figure_and_its_mark():
    markup = chart(sides("1.5亿元", "3000万元"))
    assert Reading(markup).text == "1县1.5亿元 [1]2县3000万元 [2]"
    widths = re.findall(r'style="width&#58;([\d&#;]+)&#37;"', markup)
    assert [width.replace("&#46;", ".") for width in widths] == ["70.0", "14.0"]


def test_the_chart_is_a_picture_with_a_text_alternative():
    markup = chart(sides("500公里", "300公里"))
    assert 'role="img"' in markup
    assert "1县&#58; 500公里&#59; 2县&#58; 300公里" in markup


def test_markup_in_names_and_figures_is_text():
    markup = chart([Side("<b>甲县", "500公里", (1,)), Side("乙县", "300公里<i>", (2,))])
    assert not {"b", "i"} & set(Reading(markup).tags)
