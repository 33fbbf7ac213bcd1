from rag.evaluation.baseline import baseline_answer
from rag.types import Chunk, Passage, Span

TEXT = "全县面积广大。2020年修路30.5公里，投入1,200万元。\n村民满意度高。"


def passages():
    return [Passage(Chunk("c", "river", Span(0, len(TEXT)), TEXT, ""), 1.0, 1, "fake")]


def test_number_question_gets_the_first_number_of_the_best_sentence():
    assert baseline_answer("2020年修路多少公里？", passages()) == "2020年"


def test_other_question_gets_the_best_sentence():
    assert baseline_answer("村民满意吗？", passages()) == "村民满意度高"


def test_no_passage_gives_no_answer():
    assert baseline_answer("多少？", []) == ""
