from decimal import Decimal

import pytest

from rag.evaluation.normalise import normalise, number_counts, quantities, tokenise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("５．２％", "5.2%"),
        ("37,121户", "37121户"),
        ("37，121户", "37121户"),
        ("1,234,567.8元", "1234567.8元"),
        ("百分之12.1", "12.1%"),
        ("5.2 %", "5.2%"),
        ("“3331”格局", "3331 格局"),
        ("Green  Valley", "green valley"),
        ("甲、乙、丙。", "甲乙丙"),
        ("17–23 May", "17-23 may"),
    ],
)
def test_normalise_makes_same_values_equal(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5.2%", "52%"),
        ("2.5", "5.2"),
        ("2.5", "25"),
        ("5.2", "5.2%"),
        ("17-23", "1723"),
        ("2019-09-23", "20190923"),
        ("-5.2%", "5.2%"),
        ("增长−5.2%", "增长5.2%"),
        ("5²", "52"),
        ("①5人", "15人"),
        ("3‰", "3%"),
        ("12,34", "1234"),
        ("10:30", "1030"),
    ],
)
def test_normalise_keeps_different_values_apart(one, other):
    assert normalise(one) != normalise(other)


def test_normalise_of_punctuation_is_empty():
    assert normalise("。、 —") == ""


def test_normalise_is_idempotent():
    once = normalise("2020年，增长 5.2% (Green Valley, 37,121户)")
    assert normalise(once) == once


def test_tokens_are_characters_words_and_whole_numbers():
    assert tokenise("增长5.2%，Green Valley 12人") == [
        "增", "长", "5.2%", "green", "valley", "12", "人",
    ]  # fmt: skip


def test_tokens_know_accents_and_apostrophes():
    assert tokenise("Café d'or") == ["café", "d'or"]


def test_quantities_carry_magnitude_and_unit():
    found = quantities("共80万双，投资1.5亿元，占5.2%")
    assert [(q.value, q.percent, q.unit) for q in found] == [
        (Decimal(800000), "", "双"),
        (Decimal(150000000), "", "元"),
        (Decimal("5.2"), "%", ""),
    ]


def test_number_counts_tell_magnitudes_apart():
    assert number_counts("80万") != number_counts("80")
    assert number_counts("80万") == number_counts("800000")
