"""A plain answer to compare with: the best sentence of the top passage, or its first number."""

import re
from collections.abc import Sequence

from rag.evaluation.normalise import tokenise
from rag.types import Passage

_SENTENCE = re.compile(r"[^。!！?？;；\n]+")
_ASKS_NUMBER = re.compile(r"多少|几|how (?:many|much)", re.IGNORECASE)
_NUMBER_WITH_UNIT = re.compile(r"\d[\d,.]*[%％‰]?[万亿]*(?:平方|立方)?[^\W\d_]?")


def baseline_answer(question: str, passages: Sequence[Passage]) -> str:
    """The best sentence of the first passage, or its first number if the question asks for one.

    Empty without passages. It never abstains.
    """
    best = best_sentence(question, passages[0].chunk.text) if passages else ""
    number = _NUMBER_WITH_UNIT.search(best) if _ASKS_NUMBER.search(question) else None
    return number.group() if number else best


def best_sentence(question: str, text: str) -> str:
    """The sentence of `text` that shares most words with the question; empty if there is none."""
    words = set(tokenise(question))
    sentences = _SENTENCE.findall(text)
    return max(sentences, key=lambda one: len(words & set(tokenise(one))), default="").strip()
