"""The sentences that the product itself says, in the language of the question."""

import re
from collections.abc import Sequence

from rag.types import Citation, Side

_NO_ANSWER = "报告中没有找到这个问题的答案。"
_NO_ANSWER_ENGLISH = "The reports do not contain the answer to this question."
_NOT_ALIKE = "找到的数字不能相比。"
_NOT_ALIKE_ENGLISH = "The figures found cannot be compared."
_MOST_PLACES = 8
_HAN = re.compile("[\u3400-\u9fff]")
_OTHER_LETTER = re.compile("[^\\W\\d_\u3400-\u9fff]")


def no_answer(question: str) -> str:
    """Says that the reports do not contain the answer, in Chinese or English.

    English if most letters of the question are not Chinese: a name in brackets may be.
    """
    return _NO_ANSWER_ENGLISH if _is_foreign(question) else _NO_ANSWER


def no_report(question: str, strangers: Sequence[str], places: Sequence[str]) -> str:
    """Says that no report is about the places asked for, and which places there are."""
    shelf = tuple(dict.fromkeys(places))
    shown, n_more = shelf[:_MOST_PLACES], len(shelf) - _MOST_PLACES
    if _is_foreign(question):
        more = f" and {n_more} more" if n_more > 0 else ""
        covers = f"; the shelf covers {', '.join(shown)}{more}" if shown else ""
        return f"There is no report on {', '.join(strangers)}{covers}."
    more = f"等{len(shelf)}处" if n_more > 0 else ""
    covers = f"；书架上的报告涉及{'、'.join(shown)}{more}" if shown else ""
    return f"没有关于{'、'.join(strangers)}的报告{covers}。"


def no_mention(question: str, term: str) -> str:
    """Says that no report has the word asked for."""
    if _is_foreign(question):
        return f"No report mentions “{term}”."
    return f"没有报告提到“{term}”。"


def no_comparison(question: str, missing: Sequence[str]) -> str:
    """Says that places cannot be compared, and for which of them nothing was found."""
    is_foreign = _is_foreign(question)
    if not missing:
        reason = _NOT_ALIKE_ENGLISH if is_foreign else _NOT_ALIKE
    elif is_foreign:
        reason = f"Nothing was found for {', '.join(missing)}."
    else:
        reason = f"没有找到{'、'.join(missing)}的数字。"
    return f"{no_answer(question)}{' ' if is_foreign else ''}{reason}"


def comparison_text(question: str, short: str, sides: Sequence[Side]) -> str:
    """The place asked for, and in brackets each place with its answer and its marks."""
    is_foreign = _is_foreign(question)
    told = [
        f"{side.place}{': ' if is_foreign else '：'}{side.answer} "
        + "".join(f"[{mark}]" for mark in side.marks)
        for side in sides
    ]
    return f"{short} ({'; '.join(told)})" if is_foreign else f"{short}（{'；'.join(told)}）"


def _is_foreign(question: str) -> bool:
    return len(_OTHER_LETTER.findall(question)) > len(_HAN.findall(question))


def with_marks(short: str, citations: Sequence[Citation]) -> str:
    """The answer followed by the marks of its citations: `300户 [1]`."""
    return f"{short} {''.join(f'[{citation.mark}]' for citation in citations)}"
