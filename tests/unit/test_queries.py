import pytest

import rag.queries
from rag.queries import is_foreign, parse_query


@pytest.fixture(autouse=True)
def _small_glossary(monkeypatch):
    words = {"tea": "茶叶", "roads": "公路"}
    known = lambda text: " ".join(words[w] for w in text.lower().split() if w in words)  # noqa: E731
    monkeypatch.setattr(rag.queries, "gloss", known)


def test_chinese_question_is_searched_without_its_place():
    query = parse_query("东禾县种茶多少亩", ["东禾县", "冬河区"])
    assert query.places == (("东禾县",),)
    assert query.lexical == "种茶多少亩"
    assert query.short_texts == ("种茶多少亩",)


def test_foreign_question_is_searched_by_chinese_terms_too():
    query = parse_query("How much tea in Donghe County", ["东禾县"])
    assert query.gloss == "茶叶"
    assert query.short_texts == ("How much tea in ", "茶叶")
    assert query.lexical == "How much tea in  茶叶"


def test_parts_can_be_switched_off():
    query = parse_query("tea in Donghe County", ["东禾县"], use_places=False, use_gloss=False)
    assert (query.bare, query.gloss, query.places) == ("tea in Donghe County", "", ())


def test_foreign_question_without_known_word_is_searched_as_it_is():
    assert parse_query("silk", []).short_texts == ("silk",)


def test_is_foreign():
    assert is_foreign("How much tea in Donghe (东禾县)?")
    assert not is_foreign("2020年GDP是多少？")
    assert not is_foreign("123")
