import pytest

from rag.periods import years_written
from rag.types import Document
from rag.year_words import year_words


def read_as(question, text, published="2018-02", years=()):
    """The text as it is read for the question."""
    document = Document("d", "0", text, "报告", years=years, published=published)
    for each in reversed(year_words(question, text, document)):
        text = text[: each.span.start] + each.text + text[each.span.end :]
    return text


@pytest.mark.parametrize(
    ("question", "text", "read"),
    [
        ("2017年立案多少件？", "去年立案138件。", "2017年立案138件。"),
        ("2018年立案多少件？", "今年立案9件,去年138件。", "2018年立案9件,去年138件。"),
        ("去年立案多少件？", "2017年立案138件。", "去年立案138件。"),
        ("去年立案多少件？", "2016年立案138件。", "2016年立案138件。"),
        ("How many were there in 2017?", "去年立案138件。", "2017年立案138件。"),
        ("去年立案多少件？", "上年立案138件。", "上年立案138件。"),
        ("2017年立案多少件？", "2017年立案138件。", "2017年立案138件。"),
        ("2016年到2017年立案多少件？", "去年立案138件。", "去年立案138件。"),
        ("立案多少件？", "去年立案138件。", "去年立案138件。"),
    ],
)
def test_years_are_read_in_the_words_of_the_question(question, text, read):
    assert read_as(question, text) == read


def test_no_year_is_made_up_where_the_report_may_be_of_two():
    text = "去年立案138件。"
    assert read_as("2017年立案多少件？", text, None, (2017, 2018)) == text
    assert read_as("2017年立案多少件？", text, None) == text


def test_a_report_that_tells_of_one_year_and_plans_the_next_was_written_in_the_next():
    told = "2017年脱贫5户。" * 3
    document = Document("d", "0", f"{told}2018年再脱贫。", "报告", years=(2017, 2018))
    assert years_written(document) == {2018}
    both = Document("d", "0", f"{told}2018年脱贫3户。2018年搬迁。", "报告", years=(2017, 2018))
    assert years_written(both) == {2018, 2019}
    about = Document("d", "0", f"{told}2018年再脱贫。", "2018年报告", years=(2018,))
    assert years_written(about) == {2018, 2019}
