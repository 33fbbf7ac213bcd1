import pytest

from rag.evaluation.cmrc import cmrc_exact_match, cmrc_f1, cmrc_tokens


def test_chinese_by_character_latin_by_word_punctuation_dropped():
    assert cmrc_tokens("《MG》 New York，共3.5万-4万") == [
        "mg", "new", "york", "共", "3.5", "万", "4", "万"
    ]  # fmt: skip


def test_exact_match_ignores_case_and_punctuation_and_takes_the_best_gold():
    assert cmrc_exact_match("《红楼梦》。", ["西游记", "红楼梦"]) == 1.0
    assert cmrc_exact_match("红楼梦里", ["红楼梦"]) == 0.0


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("北京大学", "北京大学", 1.0),
        ("在北京大学", "北京大学", 2 * 0.8 * 1.0 / 1.8),
        ("甲乙丙丁", "甲丙", 2 * 0.25 * 0.5 / 0.75),  # the longest run only, as in the script
        ("上海", "北京", 0.0),
        ("", "北京", 0.0),
    ],
)
def test_f1_counts_the_longest_common_run(answer, gold, f1):
    assert cmrc_f1(answer, [gold]) == pytest.approx(f1)


def test_f1_is_the_best_over_the_golds():
    assert cmrc_f1("北京", ["上海", "北京市"]) == pytest.approx(0.8)
