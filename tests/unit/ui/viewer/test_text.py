import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs

import pytest

from rag.types import Document, Section, Span
from rag.ui.viewer.place import Place, offset, parse_place
from rag.ui.viewer.text import earlier_text, later_text, text_view
from tests.html_reading import Reading

FACT = "𠮷县建成电站41座。"
TEXT = (
    "开头。\n" + "甲县的一段话。\n" * 20_000 + FACT + "\n" + "后面的一段话。\n" * 20_000 + "结尾。"
)
START = TEXT.index(FACT)
LONG = Document(
    "long", "0", TEXT, "长报告", sections=(Section("一", 1, Span(START, START + 1000)),)
)
PLACE = Place.of(LONG, Span(START, START + len(FACT)), [Span(START + 6, START + 9)])


def addresses(markup: str, kind: str) -> list[str]:
    return [unescape(found) for found in re.findall(rf'data-{kind}="(.*?)"', markup)]


def given(address: str) -> dict[str, str]:
    query = parse_qs(address.partition("?")[2], keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


def test_a_place_reads_back_from_its_address():
    assert parse_place(given(PLACE.address("text"))) == PLACE
    odd = replace(PLACE, document_id="甲 & b/../?c=#&#39;", answers=())
    assert parse_place(given(odd.address("text"))) == odd


@pytest.mark.parametrize("start", ["", "-1", "x", "1.5", "９", "1" * 13])
def test_an_offset_that_is_no_number_is_refused(start):
    with pytest.raises(ValueError, match=r"start is .*; expected a number from 0"):
        offset({"start": start}, "start")


def test_a_span_of_any_length_is_held_to_a_limit():
    asked = {"document": "long", "hash": "0", "start": "5", "end": "999999999"}
    assert len(parse_place(asked).span) == 20_000


def test_the_marked_text_is_what_is_quoted():
    markup = text_view(LONG, PLACE)
    assert Reading(markup).marked == "41座"
    evidence = re.search('class="evidence">(.*?)</span>', markup)
    assert evidence is not None
    assert Reading(evidence[1]).text == FACT


def test_a_long_document_is_not_sent_whole():
    assert len(TEXT) > 200_000
    assert len(Reading(text_view(LONG, PLACE)).text) < 8_000


def test_earlier_and_later_lead_to_both_ends():
    first, last = addresses(text_view(LONG, PLACE), "more")
    shown = ""
    while first:
        markup = earlier_text(LONG, PLACE, offset(given(first), "edge"))
        shown = Reading(markup).text + shown
        first = next(iter(addresses(markup, "more")), "")
    assert "开头。" in shown
    while last:
        markup = later_text(LONG, PLACE, offset(given(last), "edge"))
        last = next(iter(addresses(markup, "more")), "")
    assert Reading(markup).text.endswith("结尾。")


def test_a_short_document_is_shown_whole_without_buttons():
    short = Document("short", "0", "甲县建成电站41座。", "短报告")
    markup = text_view(short, Place.of(short, Span(0, 10), [Span(6, 9)]))
    assert Reading(markup).text == short.text
    assert "<button" not in markup


def test_a_heading_leads_to_its_text_and_the_mark_stays_where_it_is():
    (address,) = addresses(text_view(LONG, PLACE), "jump")
    at = offset(given(address), "at")
    assert at == START
    assert Reading(text_view(LONG, PLACE, 0)).marked == ""
    assert Reading(text_view(LONG, PLACE, at)).marked == "41座"


def test_the_heading_that_the_quotation_stands_under_is_told():
    assert 'aria-current="true"' in text_view(LONG, PLACE)


def test_markup_in_a_document_is_text(hostile):
    reading = Reading(text_view(hostile, Place.of(hostile, Span(0, 5))))
    assert "img" not in reading.tags
    assert hostile.text in reading.text
