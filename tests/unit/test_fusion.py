import pytest

from rag.fusion import reciprocal_rank_fusion


def ids(hits):
    return [hit.id for hit in hits]


def test_score_is_the_sum_of_reciprocal_ranks_from_one():
    hits = reciprocal_rank_fusion([["a", "b"], ["b"]], constant=60)
    assert {h.id: h.score for h in hits} == {"a": 1 / 61, "b": 1 / 62 + 1 / 61}
    assert ids(hits) == ["b", "a"]


def test_ties_are_broken_by_id_whatever_the_order_of_the_rankings():
    assert ids(reciprocal_rank_fusion([["b"], ["a"]])) == ["a", "b"]
    assert ids(reciprocal_rank_fusion([["a"], ["b"]])) == ["a", "b"]


def test_weight_counts():
    assert ids(reciprocal_rank_fusion([["a"], ["b"]], weights=[1, 2])) == ["b", "a"]


def test_no_rankings_give_nothing():
    assert reciprocal_rank_fusion([]) == []
    assert reciprocal_rank_fusion([[], []]) == []


def test_one_ranking_keeps_its_order():
    assert ids(reciprocal_rank_fusion([["c", "a", "b"]])) == ["c", "a", "b"]


def test_an_id_may_stand_once_in_a_ranking():
    with pytest.raises(ValueError, match="twice"):
        reciprocal_rank_fusion([["a", "a"]])


def test_each_ranking_needs_a_weight():
    with pytest.raises(ValueError, match="argument"):
        reciprocal_rank_fusion([["a"], ["b"]], weights=[1])
