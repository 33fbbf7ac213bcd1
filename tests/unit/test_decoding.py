import pytest

from rag.decoding import decode
from rag.errors import DocumentError

SIMPLIFIED = "溪口县全年新建饮水工程三百处，改善两万多人饮水条件。"
TRADITIONAL = "溪口縣全年新建飲水工程三百處，改善兩萬多人飲水條件，並發展農業與觀光產業。"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk", "gb2312"]
)
def test_chinese_encodings_round_trip(encoding: str):
    assert decode(SIMPLIFIED.encode(encoding), "a.txt") == SIMPLIFIED


def test_very_short_gbk_is_not_taken_for_another_script():
    assert decode("五年总结".encode("gbk"), "a.txt") == "五年总结"


def test_big5_is_not_taken_for_gb18030():
    assert decode(TRADITIONAL.encode("big5"), "a.txt") == TRADITIONAL


def test_traditional_text_in_gb18030():
    assert decode(TRADITIONAL.encode("gb18030"), "a.txt") == TRADITIONAL


def test_other_scripts_fall_to_the_statistical_guess():
    text = "この報告書は、村の道路と水道の整備について述べたものです。カタカナもあります。" * 5
    assert decode(text.encode("shift_jis"), "a.txt") == text


def test_damaged_marked_text_names_the_file():
    with pytest.raises(DocumentError, match=r"a\.txt: damaged utf-16"):
        decode("甲乙".encode("utf-16")[:-1], "a.txt")


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + bytes(500)])
def test_binary_files_are_refused(data: bytes):
    with pytest.raises(DocumentError, match=r"b\.txt: "):
        decode(data, "b.txt")
