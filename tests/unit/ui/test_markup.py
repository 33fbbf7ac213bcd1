import pytest

from rag.types import Span
from rag.ui.markup import clip, element, escape, highlight, plain
from tests.html_reading import Reading
from tests.words import in_chinese

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</blockquote><script>alert(1)</script>",
    "[link](javascript:alert(1)) ![pixel](http://198.51.100.7/)",
    "http://198.51.100.7/ www.example.invalid mail@example.invalid",
    "**bold** _italic_ `code` ~~gone~~ # title\n\n- item\n1. item\n| a | b |\n    code",
    "$$x^2$$ \\(y\\) {{template}} ${value} &lt;already&gt; &#60;",
    "quotes ' and \" and \\ back",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_reads_back_as_itself(text):
    reading = Reading(escape(text))
    assert reading.text == text
    assert reading.tags == []


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_has_no_character_that_markdown_reads(text):
    bare = escape(text).replace("&#", "").replace(";", "")
    assert not set(bare) & set("<>\"'`*_[](){}!|~$\\.:/@&#-+=\n")


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\x00", "\x1b", "\r", "\ud800"])
def test_control_characters_are_shown_as_replacements(character):
    assert escape(f"a{character}b") == "a\ufffdb"


def test_attribute_values_are_escaped():
    reading = Reading(element("p", "x", title='"><script>'))
    assert reading.tags == ["p"]


def test_clip_says_how_long_the_text_is():
    assert clip("12345", 5) == "12345"
    assert in_chinese(clip("123456", 5)) == "12345…（共 6 字）"


TEXT = "前文。证据有41座电站。后文"


def test_highlight_marks_exactly_the_answer_and_keeps_the_text():
    evidence = Span(3, 12)
    markup = highlight(TEXT, Span(0, len(TEXT)), evidence, [Span(6, 9)])
    assert Reading(markup).text == TEXT
    assert Reading(markup).marked == "41座"
    assert '<span class="evidence">证据有<mark class="answer">41座</mark>电站。</span>' in markup


def test_highlight_joins_spans_that_overlap_or_touch():
    spans = [Span(8, 11), Span(6, 9), Span(4, 4), Span(3, 4)]
    markup = highlight(TEXT, Span(0, len(TEXT)), Span(3, 12), spans)
    assert markup.count("<mark") == 2
    assert Reading(markup).marked == "证41座电站"


def test_highlight_counts_characters_beyond_the_basic_plane_as_one():
    text = "𠮷𠮷村有𠀋人"
    markup = highlight(text, Span(0, 6), Span(0, 6), [Span(4, 6)])
    assert Reading(markup).marked == "𠀋人"


def test_highlight_marks_nothing_outside_the_shown_stretch():
    markup = highlight(TEXT, Span(0, 5), Span(3, 12), [Span(4, 9)])
    assert Reading(markup).text == TEXT[:5]
    assert Reading(markup).marked == TEXT[4:5]


def test_highlight_escapes_every_part():
    text = "<b>a</b><i>b</i><u>c</u>"
    markup = highlight(text, Span(0, len(text)), Span(8, 16), [Span(11, 12)])
    assert Reading(markup).tags == ["span", "mark"]
    assert Reading(markup).text == text


def test_plain_text_is_one_line_that_hides_nothing():
    assert plain("<b>甲\n 县</b>\x00\u202eab") == "<b>甲 县</b>\ufffd\ufffdab"
