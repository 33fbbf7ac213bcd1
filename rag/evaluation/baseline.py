"""A plain answer to compare with: the best sentence of the top passage, or its first number."""

import re
from collections.abc import Sequence

from rag.evaluation.normalise import tokenise
from rag.types import Passage

_SENTENCE = re.compile(r"[^。!！?？;；\n]+")
_ASKS_NUMBER = re.compile(r"多少|几|how (?:many|much)", re.IGNORECASE)
_NUMBER_WITH_UNIT = re.compile(r"\d[\d,.]*[%％‰]?[万亿]*(?:平方|立方)?[^\W\d_]?")


def baseline_answer(question: str, passages: Sequence[Passage]) -> str:
    """The sentence of the first passage that shares most words with the question.

    When the question asks for a number: the first number of that sentence with its unit. Empty
    without passages. It never abstains.
    """
    sentences = _SENTENCE.findall(passages[0].chunk.text) if passages else []
    if not sentences:
        return ""
    words = set(tokenise(question))
    best = max(sentences, key=lambda sentence: len(words & set(tokenise(sentence)))).strip()
    number = _NUMBER_WITH_UNIT.search(best) if _ASKS_NUMBER.search(question) else None
    return number.group() if number else best
