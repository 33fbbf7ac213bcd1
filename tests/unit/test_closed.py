from rag.closed import closed_to, header_to_read
from rag.types import Document


def report(name, title):
    return Document(name, "0", "", title, place="甲县", years=(int(title[:4]),))


LATER = report("b", "2020年甲县工作报告")
HEADER = "2020年甲县工作报告 | 2019年回顾"


def test_both_guards_close():
    text = "2018年、乡村均收入增长。2018年收入3元,现在由3元增加到5元。"
    spans = closed_to("2019年收入涨到多少？", "2019年收入涨到多少？", text, LATER)
    assert "3元" in [span.of(text) for span in spans]
    assert any(span.of(text).startswith("收入3元") for span in spans)


def test_the_year_of_a_title_does_not_deny_the_years_before_it():
    assert header_to_read("2019年收入多少？", HEADER, LATER, [LATER]) == "甲县工作报告 | 2019年回顾"


def test_the_year_stays_where_another_report_is_titled_by_the_one_asked_for():
    shelf = [LATER, report("a", "2019年甲县工作报告")]
    assert header_to_read("2019年收入多少？", HEADER, LATER, shelf) == HEADER


def test_the_year_stays_for_other_questions():
    for question in ("收入多少？", "2020年收入多少？", "2021年收入多少？"):
        assert header_to_read(question, HEADER, LATER, [LATER]) == HEADER
