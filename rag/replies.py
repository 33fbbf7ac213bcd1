"""The sentences that the product itself says, in the language of the question."""

import re
from collections.abc import Sequence

from rag.types import Citation

_NO_ANSWER = "报告中没有找到这个问题的答案。"
_NO_ANSWER_ENGLISH = "The reports do not contain the answer to this question."
_HAN = re.compile("[\u3400-\u9fff]")
_OTHER_LETTER = re.compile("[^\\W\\d_\u3400-\u9fff]")


def no_answer(question: str) -> str:
    """Says that the reports do not contain the answer, in Chinese or English.

    English if most letters of the question are not Chinese: a name in brackets may be.
    """
    is_foreign = len(_OTHER_LETTER.findall(question)) > len(_HAN.findall(question))
    return _NO_ANSWER_ENGLISH if is_foreign else _NO_ANSWER


def with_marks(short: str, citations: Sequence[Citation]) -> str:
    """The answer followed by the marks of its citations: `300户 [1]`."""
    return f"{short} {''.join(f'[{citation.mark}]' for citation in citations)}"
