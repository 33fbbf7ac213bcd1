"""Named tokenizers for Chinese and Latin text, and how texts are folded before."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

# Scripts written without spaces (Han, kana, hangul), and the zero of Chinese years (〇).
_UNSPACED = (
    "〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<number>\d+(?:\.\d+)*)|(?P<word>[^\W\d_{_UNSPACED}]+)"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def fold(text: str) -> str:
    """`text` for matching only: half-width, lower case, simplified Chinese.

    Never used on text that is shown or cited: it may change the length.
    """
    return to_simplified(unicodedata.normalize("NFKC", text).lower())


def to_simplified(text: str) -> str:
    """`text` with traditional Chinese characters replaced by simplified ones."""
    return str(_converter().convert(text))


@cache
def _converter() -> Any:  # noqa: ANN401 (opencc ships no types)
    import opencc

    return opencc.OpenCC("t2s")


def _char_bigram(text: str) -> list[str]:
    tokens: list[str] = []
    for match in _TOKEN.finditer(_THOUSANDS.sub("", fold(text))):
        run = match.group()
        if match.lastgroup == "unspaced":
            tokens.extend(run)
            tokens.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            tokens.append(run)
    return tokens


def _jieba(text: str) -> list[str]:
    import jieba

    words = jieba.cut_for_search(_THOUSANDS.sub("", fold(text)))
    return [word for word in words if _TOKEN.search(word)]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A way to cut text into terms. Its `name` is stored with every index and score.

    Attributes:
        name: Name and version; a change of `cut` needs a new version.
        cut: The terms of a text, in order, with repetitions.
    """

    name: str
    cut: Callable[[str], list[str]]


TOKENIZERS = {
    tokenizer.name: tokenizer
    for tokenizer in (
        # Single characters and pairs of unspaced scripts; words and numbers elsewhere.
        Tokenizer("char_bigram/1", _char_bigram),
        # jieba's words for search, with the shorter words inside long ones.
        Tokenizer("jieba/1", _jieba),
    )
}
DEFAULT_TOKENIZER = "char_bigram/1"
