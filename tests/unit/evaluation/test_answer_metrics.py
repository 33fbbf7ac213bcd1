import pytest

from rag.evaluation.answer_metrics import (
    character_f1,
    exact_match,
    is_correct,
    number_exactness,
)
from rag.evaluation.questions import Question


def ask(*golds: str, type: str = "number") -> Question:
    return Question("q", "？", "zh", type, golds)


def correct(answer: str, *golds: str, type: str = "number") -> bool:
    return is_correct(ask(*golds, type=type), answer, abstained=False)


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("37,121户", "37121户"),
        ("３７１２１户", "37121户"),
        ("增长5.2%左右", "增长5.2%"),
        ("共37121户", "37121户"),
        ("2019年", "2019"),
        ("“河谷通”", "河谷通"),
        ("百分之5.2", "5.2%"),
    ],
)
def test_same_value_is_correct(answer, gold):
    assert correct(answer, gold)


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("5.2%", "52%"),
        ("52%", "5.2%"),
        ("2.5", "5.2"),
        ("2.5%", "5.2%"),
        ("2017", "17"),
        ("2017年", "17年"),
        ("17.5", "17"),
        ("0.17", "17"),
        ("17%", "17"),
        ("-17", "17"),
        ("80万双", "80"),
        ("37121户15人", "37121户"),
        ("其中贫困户一共有整整37121户", "37121户"),
        ("", "17"),
        ("。", "17"),
        ("12 houses", "2 houses"),
        ("greenland", "green"),
    ],
)
def test_other_value_is_wrong(answer, gold):
    assert not correct(answer, gold)


def test_answer_of_exactly_twice_the_length_is_correct():
    assert correct("在河谷县", "河谷")
    assert not correct("就在河谷县", "河谷")


def test_answer_with_a_number_that_gold_lacks_is_wrong():
    assert not correct("河谷村3组", "河谷村", type="entity")


def test_any_gold_variant_will_do():
    assert correct("河谷", "河谷县", "河谷", type="entity")


def test_list_in_other_words_is_correct_at_f1_070_only_for_loose_types():
    gold, answer = "修路、架桥、通水、通电", "修路架桥和通水"
    assert character_f1(answer, [gold]) >= 0.7
    assert correct(answer, gold, type="list")
    assert correct(answer, gold, type="how")
    assert not correct(answer, gold, type="entity")


def test_unanswerable_is_correct_only_when_abstained():
    question = ask(type="unanswerable")
    assert is_correct(question, "", abstained=True)
    assert not is_correct(question, "17", abstained=False)


def test_abstaining_from_an_answerable_question_is_wrong():
    assert not is_correct(ask("17"), "17", abstained=True)


def test_f1_does_not_share_digits_between_numbers():
    assert character_f1("2.5%", ["5.2%"]) == 0
    assert character_f1("增长5.2%左右", ["增长5.2%"]) == pytest.approx(0.75)


def test_f1_counts_latin_by_word():
    assert character_f1("the Green Valley", ["Green Valley"]) == pytest.approx(0.8)


def test_exact_match_does_not_merge_points():
    assert exact_match("增长52%", ["增长5.2%"]) == 0
    assert exact_match("增长5.2％。", ["增长5.2%"]) == 1


def test_empty_answer_and_no_golds_score_zero():
    assert exact_match("", ["17"]) == exact_match("17", []) == character_f1("17", []) == 0
    assert character_f1("", ["17"]) == 0


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("8205户、30935人", "8205户30935人", 1),
        ("30935人8205户", "8205户30935人", 1),
        ("8205户", "8205户30935人", 0),
        ("37121人", "37121户", 0),
        ("37121", "37121户", 0),
        ("37121户", "37121", 1),
        ("120平方公里", "120平方米", 0),
        ("5.2%", "5.2", 0),
        ("5.2个百分点", "5.2%", 0),
        ("104.1亿元", "104.1亿", 1),
        ("104.1亿", "104.1万", 0),
        ("没有", "5.2%", 0),
    ],
)
def test_number_exactness_wants_all_numbers_and_units(answer, gold, expected):
    assert number_exactness(answer, [gold]) == expected


def test_number_exactness_does_not_count_without_gold_numbers():
    assert number_exactness("37121户", ["河谷县"]) is None


def test_number_exactness_knows_a_variant_in_words():
    assert number_exactness("第五位", ["第5位", "第五位"]) == 1
    assert number_exactness("第六位", ["第5位", "第五位"]) == 0


def test_the_word_of_a_yes_no_answer_counts_whatever_the_length_of_its_evidence():
    evidence = "各项问题已经全部整改到位并且逐一通过了验收"
    assert correct(f"是：{evidence}", "是的", "整改完了", type="yesno")
    assert correct(f"否：{evidence}", "没有", type="yesno")
    assert not correct(f"否：{evidence}", "是的", "整改完了", type="yesno")
    assert not correct(f"是：{evidence}", "整改", type="yesno")
    assert not correct(f"是：{evidence}", "是的", type="entity")
