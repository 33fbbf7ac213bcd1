from dataclasses import replace

import pytest

from rag.types import Document
from rag.ui.shelf import example_questions


def test_an_empty_shelf_gives_no_examples():
    assert example_questions({}) == []


def test_examples_ask_for_numbers_that_the_reports_state(document):
    examples = example_questions({"songxi": document})
    assert examples[0] == "松溪县建成茶园多少亩？"
    assert "松溪县在“产业”方面做了什么？" in examples


def test_examples_come_from_different_reports_in_turn(document):
    other = replace(document, document_id="b", place="青河县")
    examples = example_questions({"songxi": document, "b": other}, 2)
    assert [example[:3] for example in examples] == ["松溪县", "青河县"]


@pytest.mark.parametrize("text", ["", "plain words only", "其中投入资金总额5亿元。第三批12户。"])
def test_a_report_without_stated_numbers_still_gives_an_example(text):
    document = Document("a", "0", text, "年度报告")
    assert example_questions({"a": document}) == ["《年度报告》取得了哪些主要成果？"]
