"""Figures of a sentence that answer another question than the one asked.

`炼铁、炼钢产能分别减少3万吨和5万吨` has a figure for each of two things, `由3户增加到5户` one for
before and one for after, `安排8亿元，比上年增加2亿元` one for the amount and one for its growth,
`5万元以下贷款` one that bounds what is told of. A question for one of them is not answered by the
other, however near it stands.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.figures import Figure, find_figures
from rag.periods import asked_years
from rag.sentences import split_sentences
from rag.types import Span

_RESPECTIVELY = re.compile("分别|各自")
_CLAUSE_START = re.compile("[，。；！？;!?\n:：]|(?<![0-9]),|,(?![0-9])")
_SENTENCE_END = re.compile("[。；！？;!?\n]")
_AND = re.compile("、|以及|[和与及]")
_BETWEEN = re.compile(
    r"(?:以上|以下|左右|以内)?[、,，]?(?:和|与|及|以及)?[^\d、,，。；和与及]{0,4}"
)
_JUST_AND = re.compile("[、和与及]")
_BASE = re.compile("(?:同?比|较)[^、，。]{1,8}")
_MAX_VERB = 8
_GROWN = re.compile(
    r"(?:左右|以上)?[、，,]?(?:提高|增加|增长|上升|扩大|上调|提升|发展|攀升|跃升|升|增|涨|扩|提"
    r"|下降|减少|降低|下调|缩小|缩短|降|减|缩|调整|变)\w{0,2}?(?:到|至|为)[^\d，,。；]{0,3}"
)
_GROWS = re.compile(
    r"(?:增加|增长|提高|上升|上涨|提升|扩大|减少|下降|降低|缩小|压减|多安排|少安排)(?:了|约|近|超过?)?$"
)
_MEASURES_GROWTH = ("percent", "points")
_ASKS_GROWTH = re.compile(
    r"[增升涨提降减跌多少][^，。？?到至为]{0,4}(?:多少|几|百分之)|[增涨降][速幅]|增长率|百分点"
    r"|[比较][^，。？?]{1,12}[多少高低增减]"
)
_TELLS_GROWTH = re.compile("[增升涨降减跌扩缩]|提高|变化|多了|少了")
_BOUND = re.compile("以下(?=[\u3400-\u9fff])")
_BEFORE = re.compile(r"[从由][^。；，,]{0,14}$")
_ASKS_BEFORE = re.compile(
    r"[从由](?:多少|几|什么)|原来|原先|原有|此前|以前|之前|当初|起初|一开始|起点"
)
_ASKS_AFTER = re.compile(
    r"[增提上下减降扩升缩涨调达变][^，。？?]{0,3}?(?:到|至|为)|到了|达到|现在|目前|如今|最新"
)


def other_figures(question: str, text: str) -> tuple[Span, ...]:
    """Stretches of `text` that hold figures for something else than `question` asks.

    Args:
        question: In the language of the text.
        text: A passage.
    """
    figures = [figure for figure in find_figures(text) if figure.unit != "年"]
    found = [
        *_of_other_things(question, text, figures),
        *_of_other_ends(question, text, figures),
        *_of_growth_or_amount(question, text, figures),
        *_of_bounds(question, text, figures),
    ]
    return tuple(dict.fromkeys(found))


def _of_other_things(question: str, text: str, figures: Sequence[Figure]) -> Iterator[Span]:
    """Of things told of in one breath, the figures of those that the question does not name."""
    for end, row in _rows(text, figures):
        names = _names(text, end, len(row))
        asked = _asked(question, names) if names else None
        if asked is not None:
            yield from (figure.span for n, figure in enumerate(row) if n != asked)


def _rows(text: str, figures: Sequence[Figure]) -> Iterator[tuple[int, list[Figure]]]:
    """Figures that follow one another, each time with the offset where what they are for ends.

    That is before 分别, or, where they have one unit, before the first of them.
    """
    for word in _RESPECTIVELY.finditer(text):
        row = _row(text, figures, word.end(), _BETWEEN)
        if len(row) > 1:
            yield word.start(), row
    for first, second in pairwise(figures):
        if first.kind and first.kind == second.kind:
            row = _row(text, figures, first.span.start, _JUST_AND)
            if len(row) > 1:
                yield first.span.start, row


def _row(
    text: str, figures: Sequence[Figure], start: int, between: re.Pattern[str]
) -> list[Figure]:
    """The figures of one sentence behind `start`, each parted from the last by `between`."""
    end = _SENTENCE_END.search(text, start)
    within = [f for f in figures if start <= f.span.start < (end.start() if end else len(text))]
    row = within[:1] if within and within[0].span.start - start <= _MAX_VERB else []
    for before, after in pairwise(within if row else ()):
        if not between.fullmatch(text, before.span.end, after.span.start):
            break
        row.append(after)
    return row


def _names(text: str, end: int, n: int) -> list[str]:
    """What stands before `end` in its clause, in `n` parts; empty if it is not so many.

    Where that is nothing, or what is compared with (`比上年分别`), the clause before counts.
    """
    starts = [0, *(match.end() for match in _CLAUSE_START.finditer(text, 0, end))]
    start = starts.pop()
    if starts and (start == end or _BASE.fullmatch(text, start, end)):
        start, end = starts.pop(), start
    parts = [part for part in _AND.split(text[start:end]) if part]
    return parts if len(parts) == n else []


def _asked(question: str, names: Sequence[str]) -> int | None:
    """The one of `names` that the question names; None if it names none or several.

    The last name runs on into what all have in common: only its beginning tells it apart.
    """
    longest = max(map(len, names[:-1]))
    told = [_pairs(name) for name in (*names[:-1], names[-1][:longest])]
    asked = _pairs(question)
    named = [
        number
        for number, pairs in enumerate(told)
        if asked & pairs.difference(*(other for n, other in enumerate(told) if n != number))
    ]
    return named[0] if len(named) == 1 else None


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _of_other_ends(question: str, text: str, figures: Sequence[Figure]) -> Iterator[Span]:
    """Of `从X增加到Y`, the end that the question does not ask for."""
    asks_before, asks_after = _ASKS_BEFORE.search(question), _ASKS_AFTER.search(question)
    if asks_before is None and asks_after is None and asked_years(question):
        return  # the year may be that of either end
    for before, after in pairwise(figures):
        is_change = (
            before.kind == after.kind
            and _GROWN.fullmatch(text, before.span.end, after.span.start)
            and _BEFORE.search(text, 0, before.span.start)
        )
        if is_change and asks_before is None:
            yield before.span
        elif is_change and asks_after is None:
            yield after.span


def _of_growth_or_amount(question: str, text: str, figures: Sequence[Figure]) -> Iterator[Span]:
    """Beside an amount its growth, or the amount, whichever the question does not ask for."""
    asks_growth = _ASKS_GROWTH.search(question) is not None
    if not asks_growth and _TELLS_GROWTH.search(question):
        return
    for sentence in split_sentences(text):
        within = [f for f in figures if sentence.start <= f.span.start < sentence.end]
        grown = _grown(text, sentence.start, within)
        others = [f for f in within if f not in grown]
        closing, rivals = (others, grown) if asks_growth else (grown, others)
        kinds = {_measure(figure) for figure in rivals if figure.kind}
        yield from (figure.span for figure in closing if _measure(figure) in kinds)


def _of_bounds(question: str, text: str, figures: Sequence[Figure]) -> Iterator[Span]:
    """Bounds of what is told of: `5万元以下贷款` does not tell how much was lent."""
    if "以下" in question:
        return
    for figure in figures:
        if figure.span.of(text).endswith("以下") or text.startswith("以下", figure.span.end):
            start = text.index("以下", figure.number.end)
            if _BOUND.match(text, start):
                yield Span(figure.span.start, start + 2)


def _grown(text: str, start: int, figures: Sequence[Figure]) -> list[Figure]:
    """Those of a sentence's figures that tell a growth, alone or in a row: `增长4%、5%`."""
    found: list[Figure] = []
    for figure in figures:
        is_next = found and _JUST_AND.fullmatch(text, found[-1].span.end, figure.span.start)
        if is_next or _GROWS.search(text, start, figure.span.start):
            found.append(figure)
    return found


def _measure(figure: Figure) -> str:
    return "percent" if figure.kind in _MEASURES_GROWTH else figure.kind
