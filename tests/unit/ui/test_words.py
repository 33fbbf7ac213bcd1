import pytest

from rag.cleaning import clean
from rag.ui.assets import asset
from rag.ui.language import language_switch
from rag.ui.markup import escape
from rag.ui.server import _SCRIPTS
from rag.ui.words import MARKS, both
from tests.words import in_chinese, in_english


def test_both_languages_are_in_one_text():
    text = f"1 {both('页', 'pages')}"
    assert (in_chinese(text), in_english(text)) == ("1 页", "1 pages")


def test_a_pair_within_a_pair_is_refused():
    with pytest.raises(ValueError, match="within others"):
        both(f"第{both('一', 'one')}", "the first")


def test_escaping_keeps_a_pair():
    assert in_english(escape(both("页", "page"))) == "page"


def test_no_document_holds_the_marks_of_a_pair():
    assert clean(both("甲县", "hidden")) == "甲县hidden"


def test_the_script_knows_the_marks_and_comes_before_those_that_use_it():
    assert _SCRIPTS[0] == "language.js"
    script = asset("language.js")
    assert all(f"\\u{ord(mark):04x}" in script for mark in MARKS)


def test_the_switch_names_each_language_in_itself():
    markup = language_switch()
    assert '<button type="button" lang="zh&#45;CN" data-speak="zh">中文</button>' in markup
    assert '<button type="button" lang="en" data-speak="en">English</button>' in markup
