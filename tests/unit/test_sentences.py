import random
from itertools import pairwise

import pytest

from rag.sentences import split_sentences


def pieces(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def test_chinese_sentences_end_with_their_marks():
    assert pieces("修了路。通水了吗？通了！好……完") == [
        "修了路。",
        "通水了吗？",
        "通了！",
        "好……",
        "完",
    ]


def test_closing_quotes_and_brackets_stay_with_the_sentence():
    assert pieces("他说：“路通了。”大家笑了。（见附表。）完") == [
        "他说：“路通了。”",
        "大家笑了。",
        "（见附表。）",
        "完",
    ]


@pytest.mark.parametrize(
    "text", ["增长5.2%,收入1.3万元", "1.建立机制", "详见www.example.org/a?b=1的说明", "第3.1节"]
)
def test_dots_inside_numbers_and_names_do_not_split(text: str):
    assert pieces(text) == [text]


def test_english_sentences():
    text = "Dr. Li came to No. 5 St. John Road. He stayed (in 2.5 rooms). Why? It rained!"
    assert pieces(text) == [
        "Dr. Li came to No. 5 St. John Road.",
        "He stayed (in 2.5 rooms).",
        "Why?",
        "It rained!",
    ]


def test_numbered_english_heading_is_one_sentence():
    assert pieces("1. Roads were built.") == ["1. Roads were built."]


def test_line_ends_split_headings_from_text():
    assert pieces("一、基本情况\n全县有三镇。\n\n二、成效") == [
        "一、基本情况",
        "全县有三镇。",
        "二、成效",
    ]


def test_a_line_cut_by_page_width_goes_on():
    first = (
        "全县新建农村公路一百二十公里、安装路灯三千盏、建成文化广场五十个,硬化村组道路里程进一步增"
    )
    assert pieces(f"{first}\n加,群众满意。") == [f"{first}\n加,群众满意。"]


def test_an_open_quote_goes_on_over_a_blank_line():
    assert len(pieces("健全责任制,形成“政\n\n府一条线”的格局。")) == 1


def test_semicolons_split_only_long_stretches():
    short = "修路十公里;建桥两座;植树千亩。"
    assert pieces(short) == [short]
    long = ";".join(f"第{n}个乡镇完成道路硬化和饮水工程建设并通过验收" for n in range(15)) + "。"
    assert len(pieces(long)) > 1
    assert all(len(piece) <= 200 for piece in pieces(long))


@pytest.mark.parametrize("seed", range(40))
def test_spans_cover_all_that_is_not_blank_in_order(seed: int):
    rng = random.Random(seed)
    text = "".join(rng.choices("甲乙丙a1.。！?;；\n \u3000“”（）…、(1)5.2", k=400))
    spans = split_sentences(text)
    covered = "".join(span.of(text) for span in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_blank_text_has_no_sentences():
    assert split_sentences(" \n\u3000\n") == ()
