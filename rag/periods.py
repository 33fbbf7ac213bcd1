"""Which years a question asks about, and which stretches of a report speak of other years.

A figure of another year is the likeliest wrong answer there is: it has the right indicator, unit
and place. In a sentence of a report a time rules what follows it up to the next one:
`2018年脱贫3户，2019年脱贫5户`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.queries import is_foreign
from rag.reader.kinds import asks_figure
from rag.sentences import split_sentences
from rag.types import Document, Span

_YEAR = r"(?:19|20)\d{2}"
_NO_BASE = r"(?<![比较同])(?<!相比)(?<!高于)(?<!低于)"
_TIME = re.compile(
    rf"{_NO_BASE}(?:"
    rf"(?<!\d)(?P<first>{_YEAR})\s*年?\s*(?:至|到|[-—－~～–]+)\s*(?P<last>{_YEAR})(?!\d)\s*年?"
    rf"|(?<!\d)(?P<since>{_YEAR})\s*年[^，。；、,;]{{0,6}}?(?:以来|起(?!点)|开始|至今|之后)"
    rf"|(?<!\d)(?P<year>{_YEAR})\s*年(?!代)"
    r"|(?P<relative>今年|本年|去年|上年|前年|明年)"
    r"|(?P<wide>[“\"]?十[二三四五]五[”\"]?|[近过这前]{0,2}(?:去)?[\d一二三四五六七八九十]+(?:多|余)?年来|目前|至今|以来)"
    rf"|\b(?:in|by|since|during|of|for|from|until|to|and)\s+(?P<english>{_YEAR})(?!\d)"
    r")",
    re.IGNORECASE,
)
RELATIVE_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1}
"""Words for a year, with how far it lies from the one in which they are written."""
_JOINS = re.compile(r"[、和及与至到,，\s]{0,2}(?:和|及|与)?")
_FROM = ("从", "由", "自")
_GROWN = re.compile(r"[增提上下减降扩升缩翻]\w{0,3}?[到至为]")
_ALWAYS = range(1900, 2100)
_MAX_SCANNED = 100_000
_MUCH_MORE = 3


@dataclass(frozen=True, slots=True)
class Period:
    """A time that a text names.

    Attributes:
        span: Where it is named.
        years: The years it may mean.
    """

    span: Span
    years: frozenset[int]


def asked_years(question: str, present: frozenset[int] = frozenset()) -> frozenset[int]:
    """Years that a question names; none when it names none, or only what it compares with.

    Args:
        question: As asked.
        present: The years that 今年 may mean in the report asked; without any, 今年 and 去年 name
            no year.
    """
    named = [period.years for period in find_periods(question, present)]
    return frozenset(year for years in named if len(years) < len(_ALWAYS) for year in years)


def other_times(question: str, text: str, document: Document, header: str = "") -> tuple[Span, ...]:
    """Stretches of `text`, a part of `document`, that speak of other years than `question`.

    All of it, if the report was published before the years asked for, and neither the text nor
    its `header` names one of them: what is to come has its year told where it stands. Else only
    for a question that asks for a figure (what someone did in 2008 may well stand behind another
    year): then all of it likewise, if the years lie more than a year before those that the report
    is about.
    """
    present = years_written(document)
    years = asked_years(question, present)
    if not years:
        return ()
    is_named = not present or _names(header + text, years, max(present))
    if not is_named and min(years) > max(present):
        return (Span(0, len(text)),)
    if not asks_figure(question):
        return ()
    if not is_named and max(years) < min(present | {*document.years}) - 1:
        return (Span(0, len(text)),)
    return tuple(
        stretch
        for sentence in split_sentences(text)
        for stretch, ruling in _ruled(text, sentence, present)
        if not years & ruling
    )


def _names(text: str, years: frozenset[int], latest: int) -> bool:
    """True if `text`, written in `latest` at the latest, names one of `years` after it."""
    return any(str(year) in text for year in years) or (latest + 1 in years and "明年" in text)


def find_periods(text: str, present: frozenset[int] = frozenset()) -> Iterator[Period]:
    """Times that `text` names, in order; `present` are the years that 今年 may mean there."""
    for match in _TIME.finditer(text):
        shift = RELATIVE_YEARS.get(match["relative"] or "")
        if shift is None:
            years = _explicit_years(match)
        else:
            years = frozenset(year + shift for year in present) or frozenset(_ALWAYS)
        yield Period(Span(match.start(), match.end()), years)


def _ruled(
    text: str, sentence: Span, present: frozenset[int]
) -> Iterator[tuple[Span, frozenset[int]]]:
    """Stretches of a sentence behind a time, each with the years that rule it.

    What stands behind `从2014年的3万元增加到` is ruled by the time before, if there is one.
    """
    times = _times(text, sentence, present)
    if is_foreign(sentence.of(text)) and times:  # the time may stand behind its figure
        yield sentence, frozenset().union(*(period.years for period in times))
        return
    ends = [*(period.span.start for period in times[1:]), sentence.end]
    before: frozenset[int] = frozenset()
    for period, end in zip(times, ends, strict=False):
        start = period.span.end
        grown = None
        if text[period.span.start - 1 : period.span.start] in _FROM:
            grown = _GROWN.search(text, start, end)
        if grown is None:
            before = period.years
        elif before:
            yield Span(grown.end(), end), before
        stop = end if grown is None else grown.end()
        if start < stop:
            yield Span(start, stop), period.years


def _times(text: str, sentence: Span, present: frozenset[int]) -> list[Period]:
    """Times that a sentence names, those named in one breath together."""
    times: list[Period] = []
    for period in find_periods(sentence.of(text), present):
        span = period.span.shift(sentence.start)
        if times and _JOINS.fullmatch(text, times[-1].span.end, span.start):
            joined = Span(times[-1].span.start, span.end)
            times[-1] = Period(joined, times[-1].years | period.years)
        else:
            times.append(Period(span, period.years))
    return times


def _explicit_years(match: re.Match[str]) -> frozenset[int]:
    if match["first"]:
        return frozenset(range(int(match["first"]), int(match["last"]) + 1))
    if match["since"]:
        return frozenset(range(int(match["since"]), _ALWAYS.stop))
    year = match["year"] or match["english"]
    return frozenset({int(year)}) if year else frozenset(_ALWAYS)


def years_written(document: Document) -> frozenset[int]:
    """The years in which a report may have been written; none if nothing tells.

    One without a date was written in the latest year that it covers or the year after: in the
    latest if it tells much more of the year before, since a report tells of what has been, and if
    its title does not say that it is about that year.
    """
    if document.published:
        return frozenset({int(document.published[:4])})
    latest = max(document.years, default=None)
    if latest is None:
        return frozenset()
    text = document.text[:_MAX_SCANNED]
    told, told_before = text.count(f"{latest}年"), text.count(f"{latest - 1}年")
    is_plan = told_before >= _MUCH_MORE * max(told, 1) and str(latest) not in document.title
    return frozenset({latest} if is_plan else {latest, latest + 1})
