import itertools

import pytest

from rag.crosslingual import gloss, load_glossary
from rag.english_words import singular, stem


def test_phrases_come_before_their_words():
    assert gloss("per capita disposable income", 1) == "人均可支配收入"
    assert gloss("disposable income", 1) == "可支配收入"
    assert gloss("income", 1) == "收入"


def test_a_phrase_may_begin_with_and_hold_stop_words():
    assert gloss("rate of good quality", 1) == "优良率"
    assert gloss("the Ministry of Finance", 1) == gloss("Ministry of Finance", 1) == "财政部"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bridge", "bridges"),
        ("child", "children"),
        ("county", "counties"),
        ("library", "libraries"),
        ("was cancelled", "cancelling"),
        ("labour force", "labor force"),
        ("village centres", "village centers"),
        ("urbanisation rate", "Urbanization Rate"),
        ("farmers' incomes", "farmers incomes"),
        ("e-commerce", "E commerce"),
    ],
)
def test_word_forms_do_not_matter(one, other):
    assert gloss(one) == gloss(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("relocated", "relocation"), ("planned", "planning"), ("built", "build")]
)
def test_tenses_share_a_sense(one, other):
    assert set(gloss(one).split()) & set(gloss(other).split())


def test_the_written_form_comes_before_the_stem():
    assert gloss("trains", 1) == "列车"
    assert gloss("training", 1) == "培训"


def test_words_that_ask_are_left_out():
    assert gloss("How many bridges were there, and which?", 1) == "桥梁"


def test_numbers_years_and_chinese_pass_through():
    glossed = gloss("How many villagers of 青禾县 earned 1,234.5 yuan in 2019?", 1)
    assert glossed == "村民 青禾县 收入 1,234.5 元 2019"


def test_a_chinese_query_is_unchanged():
    query = "青禾县2019年有多少 贫困人口？"
    assert gloss(query) == query


@pytest.mark.parametrize("query", ["", "Hwxq zzyv", "Hwxq in 2019?", "What is it?", "Ünïcödé"])
def test_nothing_known_gives_an_empty_string(query):
    assert gloss(query) == ("" if query else query)


def test_several_senses_are_kept_but_few():
    one, two, four = (gloss("support", n).split() for n in (1, 2, 4))
    assert (len(one), len(two)) == (1, 2)
    assert two[:1] == one
    assert four[:2] == two
    assert len(four) <= 4


def test_a_term_stands_once():
    terms = gloss("villagers, and the villagers of these villagers").split()
    assert len(terms) == len(set(terms))


def test_equal_queries_give_equal_glosses():
    queries = ["support for poor households", "first secretaries and veterans in villages"]
    assert [gloss(q) for q in queries] == [gloss(q) for q in queries]


def test_long_queries_are_no_trouble():
    assert gloss("bridge " * 2000, 1) == "桥梁"


def test_senses_must_be_positive():
    with pytest.raises(ValueError, match="max_senses is 0"):
        gloss("bridge", 0)


def test_the_glossary_is_large_and_clean():
    entries = load_glossary()
    assert len(entries) >= 2500
    assert {e.word_class for e in entries} == set("vnaupos")
    for entry in entries:
        phrases = (*entry.english, *entry.also)
        assert entry.term
        assert all(p and p == p.strip() for p in phrases), entry
        assert len(phrases) == len(set(phrases)), entry


def test_no_term_is_listed_twice_in_one_role():
    roles = sorted((e.term, e.word_class == "u") for e in load_glossary())
    assert all(one != other for one, other in itertools.pairwise(roles))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cities", "city"),
        ("news", "news"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("women", "woman"),
        ("gas", "gas"),
    ],
)
def test_singular(word, expected):
    assert singular(word) == expected


@pytest.mark.parametrize(
    "forms",
    [
        ("plan", "plans", "planned", "planning"),
        ("invest", "invested", "investing", "investment"),
        ("give", "gave", "given", "giving"),
        ("donate", "donated", "donation"),
        ("carry", "carries"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms):
    assert len({stem(form) for form in forms}) == 1
