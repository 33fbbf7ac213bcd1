from embeddings.stores import Hit
from rag.found import Found, Ranking, Standing, best_first, matching
from rag.queries import parse_query

FIRST = Ranking({"a": 0.9, "b": 0.8}, {"a": 0.0, "b": 2.0}, [Hit("b", 1.0), Hit("a", 0.5)])
SECOND = Ranking({"c": 0.7, "a": 0.6}, {"c": 3.0, "a": 1.0}, [Hit("c", 1.0), Hit("a", 0.0)])


def found(*rankings: Ranking) -> Found:
    return Found(parse_query("修路？", ()), (), rankings)


def test_ranks_count_from_one_and_unmatched_terms_have_none():
    assert FIRST.standing("a") == Standing(1, 0.9, None, 0.0)
    assert FIRST.standing("b") == Standing(2, 0.8, 1, 2.0)


def test_a_chunk_of_several_places_stands_where_it_was_taken_from():
    assert found(FIRST, SECOND).standing("a") == FIRST.standing("a")
    assert found(FIRST, SECOND).standing("c") == SECOND.standing("c")


def test_a_chunk_that_was_no_candidate_stands_nowhere():
    assert found(FIRST).standing("x") == Standing()


def test_ties_are_broken_by_id():
    assert best_first({"b": 1.0, "a": 1.0, "c": 2.0}) == ["c", "a", "b"]
    assert matching({"a": 0.0, "b": 0.1}) == {"b": 0.1}
