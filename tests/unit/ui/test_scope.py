from dataclasses import replace

from rag.ui.scope import document_choices, scope_title, year_choices
from tests.words import in_chinese, in_english


def test_reports_of_one_title_are_told_apart(document):
    shelf = {"a": document, "b": replace(document, document_id="b")}
    shown = [label for label, _ in document_choices(shelf)]
    assert shown == ["松溪县总结 · a", "松溪县总结 · b"]
    assert [name for _, name in document_choices(shelf)] == ["a", "b"]


def test_years_are_offered_once_and_the_latest_first(document):
    shelf = {"a": document, "b": replace(document, years=(2020, 2021))}
    assert year_choices(shelf) == [("2021", 2021), ("2020", 2020), ("2016", 2016)]


def test_the_title_tells_what_is_chosen():
    assert in_english(scope_title(["a", "b"], [2020, 2019])) == "Filter: 2 reports · 2019, 2020"
    assert in_chinese(scope_title([], [])) == "筛选：全部报告"
