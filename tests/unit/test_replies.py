import pytest

from rag.replies import no_answer, no_comparison, no_report


@pytest.mark.parametrize("question", ["全县GDP是多少？", "修了多少路", "？？"])
def test_chinese_questions_are_told_in_chinese(question: str):
    assert no_answer(question) == "报告中没有找到这个问题的答案。"


@pytest.mark.parametrize("question", ["Roads built in Xikou County (溪口县)?", "Сколько дорог?"])
def test_other_questions_are_told_in_english(question: str):
    assert no_answer(question).startswith("The reports do not contain")


def test_a_place_without_report_is_named_beside_those_that_have_one():
    places = ("甲县", "乙县", "甲县")
    assert no_report("丙县有多少人？", ("丙县",), places) == (
        "没有关于丙县的报告；书架上的报告涉及甲县、乙县。"
    )
    assert no_report("How many in Bing County?", ("Bing County",), places) == (
        "There is no report on Bing County; the shelf covers 甲县, 乙县."
    )
    assert no_report("丙县有多少人？", ("丙县",), ()) == "没有关于丙县的报告。"


def test_a_long_shelf_is_told_in_part():
    places = [f"{number}县" for number in range(12)]
    assert "7县等12处" in no_report("丙县有多少人？", ("丙县",), places)
    assert "7县 and 4 more" in no_report("How many in Bing County?", ("Bing",), places)


def test_what_cannot_be_compared_is_told():
    assert no_comparison("甲县和乙县哪个多？", ()).endswith("找到的数字不能相比。")
    assert no_comparison("Which has more?", ("甲县",)).endswith(" Nothing was found for 甲县.")
