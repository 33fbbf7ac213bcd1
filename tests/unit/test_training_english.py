import re
from random import Random

import pytest

from training.english import english_question
from training.glossary import load_glosses, load_synonyms, load_units, romanise_name, romanise_place

CLAUSE = "2019年全县累计搬迁贫困户1,234户"


def test_same_rng_gives_same_question():
    questions = {
        english_question(CLAUSE, "1,234户", "number", "青禾县", None, Random(5)) for _ in range(3)
    }
    assert len(questions) == 1


def test_number_question_names_verb_place_and_year():
    asked = [
        english_question(CLAUSE, "1,234户", "number", "青禾县", None, Random(seed))
        for seed in range(20)
    ]
    assert all(q is not None and "Qinghe County" in q and "2019" in q for q in asked)
    assert any(q is not None and q.startswith("How many") for q in asked)
    assert len(set(asked)) > 3


def test_no_answer_is_shown_in_the_question():
    for seed in range(20):
        question = english_question(
            "农业总产值达到35.2亿元", "35.2亿元", "money", None, None, Random(seed)
        )
        assert question is not None
        assert "35" not in question


def test_given_year_wins_over_the_clause():
    question = english_question(CLAUSE, "1,234户", "number", None, "2020年", Random(1))
    assert question is not None
    assert "in 2020" in question
    assert "2019" not in question


def test_too_few_known_words_gives_none():
    assert english_question("嗯嗯呀呀3个", "3个", "number", "青禾县", None, Random(0)) is None


def test_answer_outside_the_clause_gives_none():
    assert english_question(CLAUSE, "77户", "number", None, None, Random(0)) is None


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind"):
        english_question(CLAUSE, "1,234户", "colour", None, None, Random(0))


@pytest.mark.parametrize(
    "kind",
    [
        "number",
        "double",
        "percent",
        "money",
        "date",
        "place",
        "person",
        "org",
        "title",
        "slogan",
        "list",
        "how",
        "why",
    ],
)
def test_every_kind_gives_a_clean_question(kind):
    clause = "当地政府实施危房改造项目，修建农村公路若干，建立就业培训基地"
    for seed in range(30):
        question = english_question(clause, "若干", kind, "青禾县", "2018", Random(seed))
        assert question is not None
        assert question.endswith("?")
        assert not re.search(r"\s{2}|[{}]| [,?]", question)


def test_growth_asks_by_what_percentage():
    question = english_question("农业总产值增长8.5%", "8.5%", "percent", None, None, Random(0))
    assert question is not None
    assert re.match(r"By (what|how)", question)


@pytest.mark.parametrize(
    ("place", "english"),
    [
        ("青禾县", "Qinghe County"),
        ("云南省青禾县", "Qinghe County, Yunnan Province"),
        ("青禾彝族自治县", "Qinghe Yi Autonomous County"),
        ("北京", "Beijing"),
        ("青禾", "Qinghe"),
    ],
)
def test_places_are_romanised(place, english):
    assert romanise_place(place) == english


def test_names_keep_the_family_name_apart():
    assert romanise_name("王小明") == "Wang Xiaoming"


def test_lists_are_large_and_consistent():
    assert len(load_glosses()) + len(load_units()) >= 1000
    assert len(load_synonyms()) >= 600
    assert all(word not in others for word, others in load_synonyms().items())
    assert all(g.word_class in {"v", "n", "a", "p", "o"} for g in load_glosses().values())
