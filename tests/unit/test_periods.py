import pytest

from rag.periods import asked_years, other_times
from rag.types import Document, Span


def closed(question, text, published="2019-09-23", years=()):
    document = Document("d", "0", text, "报告", years=years, published=published)
    return [span.of(text) for span in other_times(question, text, document)]


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("2019年脱贫多少人？", {2019}),
        ("2016年至2018年脱贫多少人？", {2016, 2017, 2018}),
        ("2016-2018年脱贫多少人？", {2016, 2017, 2018}),
        ("How many were there in 2017?", {2017}),
        ("脱贫多少人？", set()),
        ("比2018年多多少人？", set()),
        ("五年来脱贫多少人？", set()),
        ("编号20190人是谁？", set()),
    ],
)
def test_years_that_a_question_names(question, years):
    assert asked_years(question) == years


def test_a_time_rules_what_follows_it_up_to_the_next():
    text = "2018年脱贫3户,2019年脱贫5户。"
    assert closed("2019年脱贫多少户？", text) == ["脱贫3户,"]
    assert closed("2018年脱贫多少户？", text) == ["脱贫5户。"]


def test_the_next_sentence_is_open_again():
    assert closed("2019年脱贫多少户？", "2018年脱贫3户。搬迁8户。") == ["脱贫3户。"]


def test_growth_from_one_year_to_another():
    text = "人均收入从2014年的7038元增加到2019年的11300元。"
    assert closed("2019年人均收入是多少元？", text) == ["的7038元增加到"]
    assert closed("2014年人均收入是多少元？", text) == ["的11300元。"]


def test_what_has_grown_belongs_to_the_time_before():
    text = "2019年人均收入从2014年的2904元增长到12971元。"
    assert closed("2019年人均收入是多少元？", text) == ["的2904元增长到"]
    assert closed("2014年人均收入是多少元？", text) == ["人均收入从", "12971元。"]


@pytest.mark.parametrize("time", ["2016-2019年", "2016年至2019年", "2016年以来", "五年来", "目前"])
def test_times_that_may_hold_the_year_close_nothing(time):
    assert closed("2018年脱贫多少户？", f"{time}脱贫3户。") == []


def test_times_of_one_breath_rule_together():
    assert closed("2016年投入多少万元？", "2016年、2017年分别投入8万元和9万元。") == []


def test_a_year_that_is_only_compared_with_rules_nothing():
    assert closed("2019年脱贫多少户？", "脱贫3户,比2018年多1户。") == []


def test_this_year_and_last_year_are_counted_from_the_publication():
    text = "今年减贫5人,去年减贫3人。2020年将完成任务。"
    assert closed("2019年减贫多少人？", text) == ["减贫3人。", "将完成任务。"]
    assert closed("2018年减贫多少人？", text) == ["减贫5人,", "将完成任务。"]


def test_last_year_in_a_question_is_counted_from_the_publication_too():
    text = "今年减贫5人,去年减贫3人。2018年搬迁9人。"
    assert closed("去年减贫多少人？", text) == ["减贫5人,"]
    assert closed("今年减贫多少人？", text) == ["减贫3人。", "搬迁9人。"]


def test_without_a_date_this_year_may_be_the_last_one_named_or_the_next():
    text = "今年减贫5人。"
    assert closed("2019年减贫多少人？", text, None, (2018, 2019)) == []
    assert closed("2017年减贫多少人？", text, None, (2018, 2019)) == ["减贫5人。"]
    assert closed("2017年减贫多少人？", text, None) == []


def test_a_report_cannot_know_the_years_after_it():
    text = "减贫5人。"
    assert closed("2020年谁任县长？", text) == [text]
    assert closed("2019年谁任县长？", text) == []
    assert closed("到2025年减贫多少人？", "到2025年减贫9人。") == []


def test_what_is_to_come_has_its_year_told_where_it_stands():
    whole = "减贫5人。2020年再减贫3人。"
    document = Document("d", "0", whole, "报告", published="2019-09-23")
    question, plan = "2020年减贫多少人？", "再减贫3人。"
    assert other_times(question, whole[:5], document) == (Span(0, 5),)
    assert other_times(question, plan, document) == (Span(0, len(plan)),)
    assert other_times(question, plan, document, "报告 | 2020年打算\n") == ()
    assert other_times(question, f"明年{plan}", document) == ()


def test_only_figures_are_held_to_their_year():
    assert closed("2008年他为什么辞职？", "2007年他病重。2008年他辞职。") == []


def test_english_sentences_may_name_the_time_behind():
    text = "It was 5 in 2015. It fell to 4 in 2016 and 3 in 2017."
    assert closed("How many were there in 2016?", text) == ["It was 5 in 2015."]


def test_spans_are_places_in_the_text():
    text = "安置点建成。2018年脱贫3户。"
    document = Document("d", "0", text, "报告")
    assert other_times("2019年脱贫多少户？", text, document) == (Span(11, 16),)


def test_years_long_before_the_report_have_to_be_named():
    assert closed("2015年脱贫多少户？", "脱贫3户。", "2019-09-23", (2018, 2019)) == ["脱贫3户。"]
    assert closed("2017年脱贫多少户？", "脱贫3户。", "2019-09-23", (2018, 2019)) == []
    assert closed("2015年起脱贫多少户？", "自2015年起脱贫3户。", "2019-09-23", (2018, 2019)) == []
    assert closed("2015年谁来过？", "张三来过。", "2019-09-23", (2018, 2019)) == []
