import math
from collections import Counter

import numpy as np
import pytest

from rag.bm25 import BM25
from rag.lexical import TOKENIZERS, fold

TEXTS = ["甲县种茶800亩", "乙县修路", "甲县养蚕和种茶,种茶增收", "Tea from Jia County"]
IDS = ["d", "c", "b", "a"]


def cut(text):
    return TOKENIZERS["char_bigram/1"].cut(text)


def test_char_bigram_gives_characters_pairs_words_and_numbers():
    assert cut("种茶800亩") == ["种", "茶", "种茶", "800", "亩"]
    assert cut("Tea from Jia County, 2 kinds") == ["tea", "from", "jia", "county", "2", "kinds"]


def test_char_bigram_does_not_pair_over_punctuation():
    assert "路种" not in cut("修路,种茶")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("１２．５％", "12.5%"),
        ("37,121户", "37121户"),
        ("雲縣貧困戶", "云县贫困户"),
        ("ＧＤＰ", "gdp"),
    ],
)
def test_different_writings_give_the_same_terms(left, right):
    assert cut(left) == cut(right)


@pytest.mark.parametrize(("left", "right"), [("5.2", "52"), ("2017", "17"), ("2.5", "5.2")])
def test_different_numbers_share_no_term(left, right):
    assert not set(cut(left)) & set(cut(right))


def test_fold_keeps_simplified_text():
    assert fold("云县 a1") == "云县 a1"


@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_every_tokenizer_cuts_chinese_english_and_nothing(name):
    tokens = TOKENIZERS[name].cut("贫困户增收 Tea 800")
    assert {"tea", "800", "增收"} <= set(tokens)
    assert TOKENIZERS[name].cut(" ,。") == []


def plain_bm25(query, texts, k1=1.5, b=0.75):
    """The formula of Kamphuis et al. 2020, Lucene (accurate), as a loop."""
    cuts = [cut(text) for text in texts]
    average = sum(map(len, cuts)) / len(cuts)
    scores = []
    for tokens in cuts:
        counts, score = Counter(tokens), 0.0
        for term in cut(query):
            n = sum(term in other for other in cuts)
            idf = math.log(1 + (len(cuts) - n + 0.5) / (n + 0.5))
            tf = counts[term]
            score += idf * tf / (tf + k1 * (1 - b + b * len(tokens) / average))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["甲县种茶", "修路 tea", "茶茶", "County 800亩"])
def test_bm25_equals_a_plain_loop(query):
    expected = dict(zip(IDS, plain_bm25(query, TEXTS), strict=True))
    hits = BM25.build(IDS, TEXTS).search(query, 10)
    assert {hit.id for hit in hits} == {i for i, score in expected.items() if score > 0}
    np.testing.assert_allclose([h.score for h in hits], [expected[h.id] for h in hits], rtol=1e-5)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


@pytest.mark.parametrize("query", ["", "龘", "xyzzy", "，。"])
def test_query_without_known_term_gives_no_hits(query):
    assert BM25.build(IDS, TEXTS).search(query, 10) == []


def test_texts_without_terms_give_no_hits():
    assert BM25.build(["a"], ["。。"]).search("茶", 10) == []


def test_ties_are_broken_by_id():
    hits = BM25.build(["z", "a", "m"], ["种茶"] * 3).search("茶", 2)
    assert [hit.id for hit in hits] == ["a", "m"]


def test_allowed_limits_the_hits():
    index = BM25.build(IDS, TEXTS)
    assert [h.id for h in index.search("甲县种茶", 10, {"d", "missing"})] == ["d"]
    assert index.search("甲县", 10, frozenset()) == []


def test_scores_of_given_ids():
    index = BM25.build(IDS, TEXTS)
    found = {hit.id: hit.score for hit in index.search("甲县种茶", 10)}
    assert index.scores("甲县种茶", ["b", "a"]) == {"b": found["b"], "a": 0.0}


@pytest.mark.parametrize("texts", [TEXTS, ["。"] * 4])
def test_saved_index_gives_the_same_hits_without_pickle(tmp_path, texts):
    index = BM25.build(IDS, texts)
    index.save(tmp_path / "lexical")
    loaded = BM25.load(tmp_path / "lexical", IDS)
    assert loaded.search("甲县种茶 tea", 10) == index.search("甲县种茶 tea", 10)
    files = [path for path in (tmp_path / "lexical").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".npy", ".json"}


def test_load_with_other_ids_is_refused(tmp_path):
    BM25.build(IDS, TEXTS).save(tmp_path)
    with pytest.raises(ValueError, match="1 ids but 4 texts"):
        BM25.load(tmp_path, ["a"])


def test_ids_and_texts_must_match():
    with pytest.raises(ValueError, match="1 ids but 2 texts"):
        BM25.build(["a"], ["x", "y"])
