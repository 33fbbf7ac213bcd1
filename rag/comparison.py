"""Answers about several places: each found and cited alone, what is asked for computed.

Figures are compared, put in order, added or subtracted as parsed numbers of one unit.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from rag.citations import merge
from rag.comparison_plan import Comparison
from rag.figures import Figure, find_figures
from rag.periods import find_periods, years_written
from rag.places import plain
from rag.reader.base import LIST_SEPARATOR
from rag.replies import comparison_text, no_comparison, reports_disagree, sides_text
from rag.types import Answer, Citation, Document, Passage, Side
from rag.units import amounts_in_one_unit, measure_of

Years = frozenset[int]

_SIZES = (("亿", 10**8), ("万", 10**4))
_OPEN_AMOUNT = re.compile(r"多少？$")
_DATE = re.compile(r"(\d{4})\s*(?:年|[-/.])(?:\s*(\d{1,2})\s*(?:月|[-/.])(?:\s*(\d{1,2}))?)?")


def in_one_unit(plan: Comparison, sides: Sequence[Answer]) -> Comparison:
    """The plan whose questions name the unit of the surest figure, where others have another.

    `甲县派出的工作队数量是多少？`, answered by persons, becomes `…数量是多少支？` when the other
    side's answer is `340支`. The plan itself if there is no such unit or no such question.
    """
    figures = [find_figures(side.short) for side in sides]
    sure = max(range(len(sides)), key=lambda i: (len(figures[i]) == 1, sides[i].confidence))
    if plan.is_time or len(figures[sure]) != 1 or not figures[sure][0].unit:
        return plan
    (figure,) = figures[sure]
    questions = tuple(
        question
        if any(measure_of(other) == measure_of(figure) for other in own)
        else _OPEN_AMOUNT.sub(f"多少{figure.unit}？", question)
        for question, own in zip(plan.questions, figures, strict=True)
    )
    return replace(plan, questions=questions)


def compare_answers(
    question: str, plan: Comparison, sides: Sequence[Answer], documents: Mapping[str, Document]
) -> Answer:
    """What is asked for, with the figure of each place and where it stands.

    Abstains, and says for which place nothing was found, unless all sides have an answer of one
    unit; where nothing is computed, one side is enough. Its confidence is that all are right.
    """
    passages = _in_turn([side.passages for side in sides])
    found = [i for i, side in enumerate(sides) if not side.abstained]
    missing = [place for i, place in enumerate(plan.places) if i not in found]
    written = [_written(side, documents) for side in sides]
    short = _result(plan, [side.short for side in sides], written)
    is_shown = bool(found) if plan.operation == "each" else bool(short) and not missing
    confidence = math.prod(sides[i].confidence for i in (found if is_shown else range(len(sides))))
    if not is_shown:
        text = no_comparison(question, missing)
        return Answer(question, text, "", (), confidence, True, passages, 0.0)
    citations = merge([citation for side in sides for citation in side.citations])
    told = _told([plan.places[i] for i in found], [sides[i] for i in found], citations)
    shown = short.split(LIST_SEPARATOR)
    told.sort(key=lambda side: shown.index(side.place) if side.place in shown else len(shown))
    text = comparison_text(question, short, told, missing)
    computed_from = tuple(told) if short else ()
    short = short or sides_text(question, told, marked=False)
    return Answer(
        question, text, short, citations, confidence, False, passages, 0.0, sides=computed_from
    )


def disagree(first: str, second: str) -> bool:
    """True if two answers to one question tell different amounts of the same thing."""
    figures = _amounts((first, second), None)
    if not figures:
        return False
    one, other = figures
    return (one.value, one.high) != (other.value, other.high)


def both_answers(answers: Sequence[Answer], documents: Mapping[str, Document]) -> Answer:
    """What two reports say that disagree, each with its title and its citations."""
    citations = merge([citation for answer in answers for citation in answer.citations])
    titles = [documents[answer.citations[0].document_id].title for answer in answers]
    told = _told(titles, answers, citations)
    first = answers[0]
    return replace(
        first,
        text=f"{reports_disagree(first.question)}{sides_text(first.question, told, marked=True)}",
        short=sides_text(first.question, told, marked=False),
        citations=citations,
        confidence=math.prod(answer.confidence for answer in answers),
    )


def _told(
    names: Sequence[str], answers: Sequence[Answer], citations: Sequence[Citation]
) -> list[Side]:
    """Each answer under its name, with the marks that its citations have among `citations`."""
    marks = {(one.document_id, one.span): one.mark for one in citations}
    return [
        Side(
            name,
            answer.short,
            tuple(sorted({marks[c.document_id, c.span] for c in answer.citations})),
        )
        for name, answer in zip(names, answers, strict=True)
    ]


def _written(side: Answer, documents: Mapping[str, Document]) -> Years:
    if not side.citations:
        return frozenset()
    return years_written(documents[side.citations[0].document_id])


def _in_turn(found: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    """The best passage of each side, then the second of each ..., none twice, ranked anew."""
    depth = max(map(len, found), default=0)
    kept: dict[str, Passage] = {}
    for i in range(depth):
        for each in found:
            if i < len(each):
                kept.setdefault(each[i].chunk.chunk_id, each[i])
    return tuple(replace(passage, rank=rank) for rank, passage in enumerate(kept.values(), 1))


def _result(plan: Comparison, answers: Sequence[str], written: Sequence[Years]) -> str:
    """The place or places asked for, or the amount; empty if the answers do not fit together."""
    if plan.operation == "each":
        return ""
    if plan.operation in ("falling", "rising"):
        return LIST_SEPARATOR.join(plan.places[i] for i in in_order(plan, answers))
    if plan.operation in ("most", "least"):
        return LIST_SEPARATOR.join(plan.places[i] for i in winners(plan, answers, written))
    return calculate(plan, answers)


def winners(plan: Comparison, answers: Sequence[str], written: Sequence[Years]) -> list[int]:
    """Which answers (from 0) are the most or the least: several if equal, none if incomparable.

    Args:
        plan: The comparison.
        answers: The answer for each place.
        written: The years in which each answer's report may have been written, for 今年 and 去年.
    """
    if plan.is_time:
        values = _times(answers, written)
    else:
        values = [(amount,) for amount in _values(answers, plan.measure)]
    if not values:
        return []
    best = max(values) if plan.operation == "most" else min(values)
    return [number for number, value in enumerate(values) if value == best]


def in_order(plan: Comparison, answers: Sequence[str]) -> list[int]:
    """The answers (from 0) by their amounts; none if they have no unit in common."""
    values = _values(answers, plan.measure)
    return sorted(range(len(values)), key=values.__getitem__, reverse=plan.operation == "falling")


def calculate(plan: Comparison, answers: Sequence[str]) -> str:
    """Sum or difference of the amounts, with their unit; empty if they have none in common.

    A difference the other way round than asked has a minus.
    """
    figures = _amounts(answers, plan.measure)
    if not figures or any(figure.high != figure.value for figure in figures):
        return ""
    values = [figure.value for figure in figures]
    if amounts_in_one_unit(figures) != tuple(values):  # 50亩 and 3公顷 have no unit to be told in.
        return ""
    value = sum(values, Decimal(0)) if plan.operation == "sum" else values[0] - values[1]
    written = [figure.number.of(answer) for figure, answer in zip(figures, answers, strict=True)]
    for name, size in _SIZES:
        if all(name in number for number in written):
            return f"{(value / size).normalize():f}{name}{figures[0].unit}"
    return f"{value.normalize():f}{figures[0].unit}"


def _times(answers: Sequence[str], written: Sequence[Years]) -> list[tuple[Decimal, ...]]:
    """Year, month and day of each answer, as far as all tell them; none if they stay open."""
    found = [_time(answer, years) for answer, years in zip(answers, written, strict=True)]
    told = [tuple(map(Decimal, time)) for time in found if time is not None]
    depth = min(map(len, told), default=0)
    cut = [time[:depth] for time in told]
    differ_below = len(set(cut)) < len(set(told))
    return cut if len(told) == len(answers) and not differ_below else []


def _time(answer: str, written: Years) -> tuple[int, ...] | None:
    match = _DATE.search(plain(answer))
    if match is not None:
        return tuple(int(part) for part in match.groups() if part)
    years = next((period.years for period in find_periods(answer, written)), frozenset())
    return tuple(years) if len(years) == 1 else None


def _values(answers: Sequence[str], measure: str | None) -> list[Decimal]:
    """The amount of each answer, all in one unit; none without such a unit."""
    return list(amounts_in_one_unit(_amounts(answers, measure)) or ())


def _amounts(answers: Sequence[str], measure: str | None) -> list[Figure]:
    """The figure of each answer that measures what all of them tell; none without such a one."""
    given = [find_figures(answer) for answer in answers]
    measures = [measure] if measure else []
    measures += [measure_of(figure) for figure in given[0]]
    for wanted in measures:
        chosen = [next((f for f in each if measure_of(f) == wanted), None) for each in given]
        if all(chosen):
            return [figure for figure in chosen if figure is not None]
    return []
