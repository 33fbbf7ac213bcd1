from decimal import Decimal

import pytest

from rag.figures import cuts_a_figure, find_figures, parse_number, unsupported
from rag.types import Span


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("37121", 37121),
        ("37,121", 37121),
        ("3.5万", 35000),
        ("7.9亿", 790_000_000),
        ("2万亿", 2 * 10**12),
        ("三万七千一百二十一", 37121),
        ("三亿五千万", 350_000_000),
        ("一万亿", 10**12),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("两千", 2000),
        ("二〇二〇", 2020),
        ("三点五", Decimal("3.5")),
    ],
)
def test_numbers_in_both_kinds_of_digits(written, value):
    assert parse_number(written) == value


@pytest.mark.parametrize("written", ["", "点五", "许多", "3.5.6"])
def test_what_is_no_number_is_told(written):
    with pytest.raises(ValueError, match="is no number"):
        parse_number(written)


def told(text):
    return [(int(f.value), f.unit, f.kind) for f in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("8205户30935人", [(8205, "户", "households"), (30935, "人", "people")]),
        ("３７，１２１户", [(37121, "户", "households")]),
        ("投资三千万元", [(30_000_000, "元", "money")]),
        (
            "百分之五，5%，5个百分点",
            [(5, "%", "percent"), (5, "%", "percent"), (5, "个百分点", "points")],
        ),
        ("列第3位", [(3, "位", "rank")]),
        ("1万多人", [(10000, "人", "people")]),
        ("2019年4月30日", [(2019, "年", "time"), (4, "月", "time"), (30, "日", "time")]),
        ("统一安排，一批干部十分努力", []),
        ("4700余户", [(4700, "户", "households")]),
    ],
)
def test_figures_of_a_text(text, figures):
    assert told(text) == figures


def test_a_range_has_two_ends():
    (figure,) = find_figures("3至5万元")
    assert (int(figure.value), int(figure.high), figure.kind) == (30_000, 50_000, "money")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12369人", "12,369 人", True),
        ("12369人", "12369名", False),
        ("12369", "12369人", True),
        ("12369人", "12396人", False),
        ("5%", "百分之五", True),
        ("5%", "5个百分点", False),
        ("3万元", "30000元", True),
        ("3万元", "3亿元", False),
        ("第3位", "3位", False),
        ("20户", "20人", False),
        ("3-5人", "3人", False),
    ],
)
def test_equal_figures(one, other, same):
    ((first,), (second,)) = (find_figures(one), find_figures(other))
    assert first.equals(second) is same


def test_spans_are_places_in_the_text():
    text = "搬迁 ８２０５ 户"
    assert [figure.span.of(text) for figure in find_figures(text)] == ["８２０５ 户"]


@pytest.mark.parametrize(
    ("answer", "evidence", "missing"),
    [
        ("30935人", "搬迁8205户30935人", []),
        ("0935人", "搬迁8205户30935人", ["0935人"]),
        ("30935户", "搬迁8205户30935人", ["30935户"]),
        ("30936人", "搬迁8205户30935人", ["30936人"]),
        ("3万元", "投资3.5万元", ["3万元"]),
        ("5%", "提高5个百分点", ["5%"]),
        ("第3位", "列全市第2位", ["第3位"]),
        ("三千万元", "投资3000万元", []),
        ("没有数字", "投资3000万元", []),
        ("4月30日", "2019年4月30日至5月1日", []),
        ("4月1日", "2019年4月30日至5月1日", ["4月", "1日"]),
        ("8月到8月", "5月到8月", ["8月", "8月"]),
        ("5户、8户", "先5户，又6户，再8户", []),
        ("8户、5户", "先5户，又6户，再8户", ["8户", "5户"]),
    ],
)
def test_figures_that_the_evidence_does_not_state(answer, evidence, missing):
    assert [figure.span.of(answer) for figure in unsupported(answer, evidence)] == missing


@pytest.mark.parametrize(
    ("part", "is_cut"),
    [("5", True), ("5万", False), ("5万元", False), ("12", True), ("12.5%", False), ("资5", True)],
)
def test_numbers_are_taken_whole_or_not_at_all(part, is_cut):
    text = "投资5万元，增长12.5%"
    start = text.index(part)
    assert cuts_a_figure(find_figures(text), Span(start, start + len(part))) is is_cut
