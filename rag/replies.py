"""The sentences that the product itself says, in the language of the question."""

import re
from collections.abc import Collection, Sequence

from rag.types import Citation, Side

_NO_ANSWER = "报告中没有找到这个问题的答案。"
_NO_ANSWER_ENGLISH = "The reports do not contain the answer to this question."
_NOT_ALIKE = "找到的数字不能相比。"
_NOT_ALIKE_ENGLISH = "The figures found cannot be compared."
_MOST_PLACES = 8
_MARK = re.compile(r" ?\[(\d+)\]")
_HAN = re.compile("[\u3400-\u9fff]")
_OTHER_LETTER = re.compile("[^\\W\\d_\u3400-\u9fff]")


def no_answer(question: str) -> str:
    """Says that the reports do not contain the answer, in Chinese or English.

    English if most letters of the question are not Chinese: a name in brackets may be.
    """
    return _NO_ANSWER_ENGLISH if _is_foreign(question) else _NO_ANSWER


def no_report(question: str, strangers: Sequence[str], places: Sequence[str]) -> str:
    """Says that no report is about the places asked for, and which places there are."""
    shelf = _listed(question, tuple(dict.fromkeys(places)))
    if _is_foreign(question):
        covers = f"; the shelf covers {shelf}" if shelf else ""
        return f"There is no report on {', '.join(strangers)}{covers}."
    covers = f"；书架上的报告涉及{shelf}" if shelf else ""
    return f"没有关于{'、'.join(strangers)}的报告{covers}。"


def with_filter_told(question: str, text: str, n_asked: int, n_reports: int) -> str:
    """A refusal, followed by the word that a filter left reports out."""
    if _is_foreign(question):
        asked = "1 report was" if n_asked == 1 else f"{n_asked} reports were"
        return f"{text} By the filter only {asked} asked; clear it to ask all {n_reports}."
    return f"{text}筛选后只查了{n_asked}份报告；清除筛选可查全部{n_reports}份。"


def no_mention(question: str, term: str) -> str:
    """Says that no report has the word asked for."""
    if _is_foreign(question):
        return f"No report mentions “{term}”."
    return f"没有报告提到“{term}”。"


def reports_disagree(question: str) -> str:
    """Begins an answer that two reports give differently."""
    return "The reports differ: " if _is_foreign(question) else "报告说法不同："


def no_comparison(question: str, missing: Sequence[str]) -> str:
    """Says that places cannot be compared, and for which of them nothing was found."""
    is_foreign = _is_foreign(question)
    alike = _NOT_ALIKE_ENGLISH if is_foreign else _NOT_ALIKE
    reason = _nothing_for(question, missing) if missing else alike
    return f"{no_answer(question)}{' ' if is_foreign else ''}{reason}"


def comparison_text(
    question: str, short: str, sides: Sequence[Side], missing: Sequence[str]
) -> str:
    """The result, and in brackets each place with its answer and its marks.

    Args:
        question: Decides on the language.
        short: The result; if empty, the answers are the result.
        sides: The places with their answers.
        missing: Places for which nothing was found.
    """
    told = sides_text(question, sides, marked=True)
    if short:
        told = f"{short} ({told})" if _is_foreign(question) else f"{short}（{told}）"
    return f"{told}{_break(question)}{_nothing_for(question, missing)}" if missing else told


def sides_text(question: str, sides: Sequence[Side], *, marked: bool) -> str:
    """Each place with its answer, and with its marks if asked for."""
    colon, semicolon = (": ", "; ") if _is_foreign(question) else ("：", "；")
    return semicolon.join(
        f"{side.place}{colon}{side.answer}"
        + (f" {''.join(f'[{mark}]' for mark in side.marks)}" if marked else "")
        for side in sides
    )


def _nothing_for(question: str, places: Sequence[str]) -> str:
    listed = _listed(question, places)
    return (
        f"Nothing was found for {listed}." if _is_foreign(question) else f"没有找到{listed}的数字。"
    )


def _listed(question: str, places: Sequence[str]) -> str:
    """The first of the places, and how many there are if they are many."""
    shown, n_more = places[:_MOST_PLACES], len(places) - _MOST_PLACES
    if _is_foreign(question):
        return ", ".join(shown) + (f" and {n_more} more" if n_more > 0 else "")
    return "、".join(shown) + (f"等{len(places)}处" if n_more > 0 else "")


def _break(question: str) -> str:
    return ". " if _is_foreign(question) else "。"


def _is_foreign(question: str) -> bool:
    return len(_OTHER_LETTER.findall(question)) > len(_HAN.findall(question))


def with_marks(short: str, citations: Sequence[Citation]) -> str:
    """The answer followed by the marks of its citations: `300户 [1]`."""
    return f"{short} {''.join(f'[{citation.mark}]' for citation in citations)}"


def only_marks(text: str, marks: Collection[int]) -> str:
    """`text` with no other citation marks than `marks`."""
    return _MARK.sub(lambda match: match.group() if int(match[1]) in marks else "", text)
