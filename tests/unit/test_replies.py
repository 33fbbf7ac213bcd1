import pytest

from rag.replies import no_answer


@pytest.mark.parametrize("question", ["全县GDP是多少？", "修了多少路", "？？"])
def test_chinese_questions_are_told_in_chinese(question: str):
    assert no_answer(question) == "报告中没有找到这个问题的答案。"


@pytest.mark.parametrize("question", ["Roads built in Xikou County (溪口县)?", "Сколько дорог?"])
def test_other_questions_are_told_in_english(question: str):
    assert no_answer(question).startswith("The reports do not contain")
