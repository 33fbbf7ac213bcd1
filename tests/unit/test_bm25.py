import bm25s
import numpy as np
import pytest

from rag.bm25 import BM25
from rag.lexical import TOKENIZERS
from rag.maxscore import Part, Term
from rag.postings import Postings, build_postings, hash_terms, merge_postings

WORDS = [f"w{n}" for n in range(300)]


@pytest.fixture(scope="module")
def texts():
    random = np.random.default_rng(5)
    # Some words stand nearly everywhere, most are rare, as in any language.
    odds = 1 / np.arange(1, 301)
    sizes = random.integers(1, 60, size=2000)
    return [" ".join(random.choice(WORDS, size=n, p=odds / odds.sum())) for n in sizes]


@pytest.fixture(scope="module")
def ids(texts):
    return [f"{n * 7919 % 2003:04}" for n in range(len(texts))]


@pytest.fixture(scope="module")
def index(ids, texts):
    return BM25.build(ids, texts)


@pytest.fixture(scope="module")
def every_score(texts):
    model = bm25s.BM25(k1=1.5, b=0.75)
    cut = TOKENIZERS["char_bigram/1"].cut
    model.index([cut(text) for text in texts], show_progress=False)
    return lambda query: model.get_scores([t for t in cut(query) if t in model.vocab_dict])


QUERIES = [
    "w0 w1 w2 w250",
    "w299",
    "w0",
    "w7 w7 w40 w120 w120",
    "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9",
    "w20 w21 w22 w23 w24",
]


def best(ids, scores, top_k):
    ranked = sorted((-score, each) for each, score in zip(ids, scores.tolist(), strict=True))
    return [(each, -score) for score, each in ranked if score < 0][:top_k]


def pairs(hits):
    return [(hit.id, hit.score) for hit in hits]


@pytest.fixture
def pruned(monkeypatch):
    """Postings are left unread as soon as they may be, as they are of a large shelf."""
    monkeypatch.setattr("rag.maxscore._FIRST_LOOK", 5)
    monkeypatch.setattr("rag.maxscore._NEXT_LOOKS", 0)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("top_k", [1, 10, 5000])
def test_the_best_are_those_of_bm25s_to_the_last_bit(index, ids, every_score, query, top_k):
    assert pairs(index.search(query, top_k)) == best(ids, every_score(query), top_k)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("top_k", [1, 10])
@pytest.mark.usefixtures("pruned")
def test_so_they_are_where_postings_are_left_unread(index, ids, every_score, query, top_k):
    assert pairs(index.search(query, top_k)) == best(ids, every_score(query), top_k)


@pytest.mark.usefixtures("pruned")
def test_common_words_are_looked_up_for_the_few_that_can_still_win(index, monkeypatch):
    read: list[Term] = []
    whole = Part.add_to_all

    def counting(part, term, *others):
        read.append(term)
        whole(part, term, *others)

    monkeypatch.setattr(Part, "add_to_all", counting)
    index.search("w0 w250", 1)
    assert len(read) == 1


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("few", [0, 5000])
@pytest.mark.parametrize("share", [2, 40])
@pytest.mark.usefixtures("pruned")
def test_within_a_choice_too(index, ids, every_score, query, share, few, monkeypatch):
    monkeypatch.setattr("rag.bm25._FEW", few)
    chosen = frozenset(ids[::share])
    expected = [pair for pair in best(ids, every_score(query), 5000) if pair[0] in chosen][:10]
    assert pairs(index.search(query, 10, chosen)) == expected


def in_two(ids, texts, n):
    """An index over the first `n` texts, joined with one over the rest."""
    return BM25.joined([BM25.build(ids[:n], texts[:n]), BM25.build(ids[n:], texts[n:])])


def test_texts_that_came_later_count_as_if_they_had_always_been_there(index, ids, texts):
    spans = [slice(0, 900), *(slice(start, start + 50) for start in range(900, 2000, 50))]
    grown = BM25.joined([BM25.build(ids[span], texts[span]) for span in spans])
    for query in QUERIES:
        assert grown.search(query, 20) == index.search(query, 20)


def test_longer_texts_that_came_later_lift_the_bounds_of_those_before(texts, ids):
    rising = sorted(texts, key=len)
    grown = in_two(ids, rising, 1000)
    for part, terms, *_ in grown._query("w0 w1 w40 w250"):
        rows = np.arange(len(part.norms))
        assert terms
        assert all(part.weights_in(term, rows).max() <= term.bound * (1 + 1e-6) for term in terms)


def test_a_grown_index_comes_back(ids, texts, tmp_path):
    grown = in_two(ids, texts, 1900)
    grown.save(tmp_path)
    assert BM25.load(tmp_path, ids).search(QUERIES[0], 20) == grown.search(QUERIES[0], 20)


def test_parts_merged_hold_what_one_build_holds():
    texts = [["a", "b", "a"], ["c"], [], ["b", "c", "d"]]
    whole = build_postings(texts, 1.5, 0.75)
    merged = merge_postings([build_postings(part, 1.5, 0.75) for part in (texts[:2], texts[2:])])
    for name in ("terms", "starts", "rows", "counts", "lengths"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))


def test_no_merged_peak_is_below_the_true_one():
    texts = [["a", "b", "a"], ["a"] * 9, ["b", "c", "d"]]
    whole = build_postings(texts, 1.5, 0.75)
    merged = merge_postings([build_postings(part, 1.5, 0.75) for part in (texts[:1], texts[1:])])
    assert (merged.peaks >= whole.peaks * (1 - 1e-6)).all()


def test_a_term_that_no_text_holds_has_no_place():
    postings = build_postings([["a"], ["b"]], 1.5, 0.75)
    assert (postings.find(hash_terms(["x"])) == -1).all()
    assert postings.of(int(postings.find(hash_terms(["b"]))[0]))[0].tolist() == [1]


def test_arrays_of_two_indexes_are_told(tmp_path):
    build_postings([["a"], ["b"]], 1.5, 0.75).save(tmp_path)
    np.save(tmp_path / "counts.npy", np.ones(7, dtype=np.uint8))
    with pytest.raises(ValueError, match="do not belong together"):
        Postings.load(tmp_path)
