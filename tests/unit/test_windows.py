import pytest

from rag.windows import split_windows


def test_short_sentences_are_joined_and_cover_the_text():
    text = "种茶八百亩。修路三公里。养蚕。" * 6
    windows = split_windows(text, 20)
    assert "".join(windows) == text
    assert all(len(window) <= 20 for window in windows)


def test_sentence_a_little_too_long_stays_whole():
    text = "短句。" + "长" * 25 + "。短句。"
    assert "长" * 25 + "。" in split_windows(text, 20)


def test_much_too_long_sentence_is_cut_at_its_commas():
    text = "，".join(["这里有十二个字左右的话"] * 8) + "。"
    windows = split_windows(text, 30)
    assert len(windows) > 2
    assert all(len(window) <= 30 for window in windows)
    assert all(window.endswith(("，", "。")) for window in windows)


@pytest.mark.parametrize(("text", "expected"), [("", ()), ("茶", ("茶",)), ("无" * 200, 200)])
def test_odd_texts(text, expected):
    windows = split_windows(text, 20)
    assert windows == expected or sum(map(len, windows)) == expected
