import subprocess
import sys
from pathlib import Path

import pytest

from rag.places import (
    find_mentions,
    level_of,
    named_places,
    plain,
    short_name,
    split_name,
    without_places,
)

ROOT = Path(__file__).parents[2]

SHELF = ["东禾县", "冬河区", "南岭市", "西岸土家族苗族自治县", "川省", "陕西省", "山西省", "澧县"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("东禾县有多少人？", (("东禾县",),)),
        ("东禾的茶叶卖到哪里？", (("东禾县",),)),
        ("東禾縣有多少人？", (("东禾县",),)),
        ("澧县修了几条路？", (("澧县",),)),
        ("澧水有多长？", ()),
        ("东禾县和冬河区比,哪个多？", (("东禾县",), ("冬河区",))),
        ("冬河区、东禾县、东禾县", (("冬河区",), ("东禾县",))),
        ("西岸县的人口", (("西岸土家族苗族自治县",),)),
        ("全县有多少人？", ()),
        ("", ()),
    ],
)
def test_places_are_found_in_chinese(question, expected):
    assert named_places(question, SHELF) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many people live in Donghe County?", (("东禾县",),)),
        ("What about Donghe District's roads?", (("冬河区",),)),
        ("How big is Donghe?", (("东禾县", "冬河区"),)),
        ("How big is Donghe (冬河区)?", (("冬河区",),)),
        ("Dong He county and Nanling City", (("东禾县",), ("南岭市",))),
        ("donghe county", (("东禾县",),)),
        ("Roads of Li County", (("澧县",),)),
        ("Who is Li?", ()),
        ("Shaanxi Province or Shanxi?", (("陕西省",), ("山西省",))),
        ("Xi'an Tujia and Miao Autonomous County", (("西岸土家族苗族自治县",),)),
        ("Nanlingers", ()),
    ],
)
def test_places_are_found_in_latin_letters(question, expected):
    assert named_places(question, SHELF) == expected


def test_small_letters_name_a_place_only_in_a_text_without_capitals():
    assert named_places("how big is nanling?", SHELF) == (("南岭市",),)
    assert named_places("How big is nanling?", SHELF) == ()


@pytest.mark.parametrize(
    "question", ["南岭市东禾县", "Donghe County, Nanling", "Donghe County in Nanling City"]
)
def test_region_around_another_one_is_not_what_is_asked_about(question):
    assert named_places(question, SHELF) == (("东禾县",),)


def test_two_counties_in_a_row_are_both_asked_about():
    assert len(named_places("Donghe County, Donghe District", SHELF)) == 2


def test_longer_name_wins():
    assert named_places("大东禾县", ["东禾县", "大东禾县"]) == (("大东禾县",),)


def test_name_of_another_kind_fits_if_nothing_fits_better():
    assert named_places("东禾区", ["东禾县"]) == (("东禾县",),)
    assert named_places("东禾区", ["东禾县", "东禾区"]) == (("东禾区",),)
    assert named_places("东禾市场", ["东禾县"]) == (("东禾县",),)


def test_mentions_are_offsets_into_the_question():
    question = "问：東禾縣和Nanling City"
    found = [question[m.start : m.end] for m in find_mentions(question, SHELF)]
    assert found == ["東禾縣", "Nanling City"]


@pytest.mark.parametrize("text", ["Ｌü", "雲縣①ﬁ", "한국", "e\u0301", "𠮷", ""])
def test_plain_keeps_the_length(text):
    assert len(plain(text)) == len(text)


def test_umlaut_is_written_in_several_ways():
    for name in ("Lüyang", "Lvyang", "Luyang", "Lyuyang"):
        assert named_places(f"{name} City", ["吕阳市"]) == (("吕阳市",),)


def test_split_and_short_names():
    assert split_name("西岸土家族苗族自治县") == ("西岸", "自治县")
    assert split_name("禾") == ("禾", "")
    assert short_name("东禾县") == "东禾"
    assert short_name("澧县") == "澧县"


def test_levels():
    assert [level_of(p) for p in ("川省", "南岭市", "东禾县", "上村")] == [0, 1, 2, 4]
    assert level_of("Nanling City") == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("东禾县有多少人？", "有多少人？"),
        ("How big is Donghe District (冬河区)?", "How big is  ?"),
        ("东禾县？", "东禾县？"),
        ("全县有多少人？", "全县有多少人？"),
    ],
)
def test_place_names_are_left_out(question, expected):
    assert without_places(question, SHELF) == expected


def test_the_country_is_named_only_where_no_other_place_is():
    places = ["中国", "甲县"]
    assert named_places("全国脱贫多少人？", places) == (("中国",),)
    assert named_places("国务院的报告怎么说？", places) == (("中国",),)
    assert named_places("What was China's GDP?", places) == (("中国",),)
    assert named_places("甲县粮食占全国多少？", places) == (("甲县",),)
    assert named_places("全国人大代表有多少？", places) == ()


@pytest.mark.parametrize(("question", "is_read"), [("甲乙县多大？", False), ("Jiayi County", True)])
def test_only_latin_letters_need_the_tables_of_pinyin(question: str, is_read: bool):
    script = (
        "import sys; from rag.places import find_mentions; "
        f"print(len(find_mentions({question!r}, ['甲乙县'])), 'pypinyin' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", str(is_read)]
