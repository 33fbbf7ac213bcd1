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
    return _NO_ANSWER_ENGLISH if _is_foreign(question) else _NO_ANSWER


def no_comparison(question: str, missing: Sequence[str]) -> str:
    """Says that places cannot be compared, and for which of them nothing was found."""
    if not missing:
        reason = (
            "The figures found cannot be compared."
            if _is_foreign(question)
            else "找到的数字不能相比。"
        )
    elif _is_foreign(question):
        reason = f"Nothing was found for {', '.join(missing)}."
    else:
        reason = f"没有找到{'、'.join(missing)}的数字。"
    return (
        f"{no_answer(question)} {reason}" if _is_foreign(question) else no_answer(question) + reason
    )


def comparison_text(
    question: str, short: str, sides: Sequence[tuple[str, str, Sequence[int]]]
) -> str:
    """The place asked for, and in brackets each place with its answer and its marks."""
    is_foreign = _is_foreign(question)
    told = [
        f"{place}{': ' if is_foreign else '：'}{answer} {''.join(f'[{mark}]' for mark in marks)}"
        for place, answer, marks in sides
    ]
    return f"{short} ({'; '.join(told)})" if is_foreign else f"{short}（{'；'.join(told)}）"


def _is_foreign(question: str) -> bool:
    return len(_OTHER_LETTER.findall(question)) > len(_HAN.findall(question))


def with_marks(short: str, citations: Sequence[Citation]) -> str:
    """The answer followed by the marks of its citations: `300户 [1]`."""
    return f"{short} {''.join(f'[{citation.mark}]' for citation in citations)}"
