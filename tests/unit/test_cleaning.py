import random

import pytest

from rag.cleaning import clean


def test_line_ends_become_newlines():
    assert clean("甲\r\n乙\r丙\u2028丁\x85戊\x0c己") == "甲\n乙\n丙\n丁\n戊\n己"


def test_invisible_characters_go():
    assert clean("\ufeff甲\x00\u200b乙\u202e丙\xad丁") == "甲乙丙丁"


def test_blanks_at_line_ends_and_runs_of_blank_lines_go():
    assert clean("\n\n甲  \n \n\u3000\n\n乙\t\n\n") == "甲\n\n乙"


def test_full_width_forms_stay():
    text = "（一）完成５．２％，“户”Ⅲ①㎡"
    assert clean(text) == text


def test_indentation_and_inner_blanks_stay():
    assert clean("题\n　　正文  两格") == "题\n　　正文  两格"


@pytest.mark.parametrize("seed", range(30))
def test_cleaning_twice_changes_nothing(seed: int):
    rng = random.Random(seed)
    alphabet = "甲乙 \t\n\r\x0b\x00\u200b\ufeff\u2028\u3000\xa0。(1)"
    once = clean("".join(rng.choices(alphabet, k=200)))
    assert clean(once) == once


def test_nothing_but_blanks_gives_no_text():
    assert clean(" \r\n\t\u200b\n") == ""


def test_a_megabyte_of_blanks_takes_no_time():
    assert clean(" " * 1_000_000 + "甲" + "\u3000" * 1_000_000).strip() == "甲"
