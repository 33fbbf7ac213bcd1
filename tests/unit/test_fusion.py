import pytest

from rag.fusion import convex_combination, reciprocal_rank_fusion


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


def test_convex_combination_scales_each_scoring_and_weighs_it():
    dense, lexical = {"a": 0.9, "b": 0.8, "c": 0.7}, {"a": 0.0, "b": 8.0, "c": 4.0}
    hits = convex_combination([dense, lexical], [1, 1], [None, 0.0])
    assert {h.id: h.score for h in hits} == pytest.approx({"a": 0.5, "b": 0.75, "c": 0.25})
    assert ids(hits) == ["b", "a", "c"]
    assert ids(convex_combination([dense, lexical], [3, 1], [None, 0.0])) == ["a", "b", "c"]


def test_known_floor_keeps_a_lowest_score_above_nothing():
    hits = convex_combination([{"a": 4.0, "b": 2.0}], [1], [0.0])
    assert [h.score for h in hits] == [1.0, 0.5]


def test_missing_and_equal_scores_count_nothing():
    hits = convex_combination([{"b": 1.0, "a": 1.0}, {"c": 3.0}], [1, 1], [None, 0.0])
    assert [(h.id, h.score) for h in hits] == [("c", 0.5), ("a", 0.0), ("b", 0.0)]
    assert convex_combination([{}, {}], [1, 1], [None, 0.0]) == []


def test_each_scoring_needs_weight_and_floor():
    with pytest.raises(ValueError, match="argument"):
        convex_combination([{}], [1], [])
