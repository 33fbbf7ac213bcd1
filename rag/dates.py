"""Years and dates in reports: when one was published, which years it covers."""

import re
from collections import Counter

from rag.lines import Line

_YEAR = r"(?:19|20)\d{2}"
_DATE = re.compile(
    rf"(?P<year>{_YEAR})\s*(?:年|[-/.])\s*(?P<month>\d{{1,2}})"
    rf"(?:\s*(?:月|[-/.])\s*(?P<day>\d{{1,2}}))?"
)
_LABEL = re.compile(
    r"(?:发布|发表|发文|成文|印发|更新|报道|刊发)?(?:日期|时间)\s*[:：]\s*$|(?:date|published)\s*[:：]\s*$",
    re.I,
)
_LABEL_CHARS = 40  # A search from every place of a long line would take its square.
_STANDS_ALONE = re.compile(
    rf"^[（(【\[]?\s*{_YEAR}\s*(?:年|[-/.])\s*\d{{1,2}}(?:\s*(?:月|[-/.])\s*(?:\d{{1,2}}\s*日?)?)?"
    r"[\sT]*(?:\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{0,2})?)?[）)】\]]?\s*(?:[，,].{0,3}[:：].*|来源.*|$)"
)
_DELIVERED = re.compile(rf"^[—―\-（(\s]*{_YEAR}年\d{{1,2}}月\d{{1,2}}日在[^会]*会.*上[）)]?")
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_YEAR = re.compile(r"[一二][〇○零一二三四五六七八九]{3}(?=年)")
_RANGE = re.compile(rf"({_YEAR})\s*年?\s*(?:至|到|[-—－~～–])+\s*({_YEAR})\s*年?")
_MENTION = re.compile(rf"(?<!\d)({_YEAR})\s*(?:年|(?=[-/.]\d{{1,2}}[-/.月]))")
_MAX_RANGE = 15
_MIN_SHARE = 0.1


def find_published(lines: list[Line]) -> str | None:
    """Date of publication, `YYYY-MM-DD` or `YYYY-MM`, from a report's first and last lines.

    A labelled date (`发布日期:`) comes first, then a date that stands alone, then the day on
    which the report was delivered to an assembly.
    """
    tests = (_labelled, _alone, _delivered)
    return next((found for test in tests if (found := test(lines))), None)


def find_years(title: str, text: str, published: str | None) -> tuple[int, ...]:
    """Years that the report covers, ascending: those of its title, else the ones it dwells on."""
    named = _years_in(_arabic(title))
    if named:
        return named
    counts = Counter(int(year) for year in _MENTION.findall(text))
    latest = int(published[:4]) if published else 9999
    enough = max(2.0, _MIN_SHARE * counts.total())
    past = {year: count for year, count in counts.items() if year <= latest}
    return tuple(sorted(y for y in past if past[y] >= enough)) or tuple(sorted(past))[:_MAX_RANGE]


def parse_years(value: str) -> tuple[int, ...]:
    """Years written as `2016-2020`, `2016, 2018` or `2016年至2020年`."""
    return _years_in(value)


def _years_in(text: str) -> tuple[int, ...]:
    years = {int(year) for year in re.findall(rf"(?<!\d){_YEAR}(?!\d)", text)}
    for first, last in _RANGE.findall(text):
        if 0 <= int(last) - int(first) <= _MAX_RANGE:
            years.update(range(int(first), int(last) + 1))
    return tuple(sorted(years))


def _labelled(lines: list[Line]) -> str | None:
    for previous, line in zip([None, *lines], lines, strict=False):
        # The label may stand on the line before its date.
        before = f"{previous.text}\n" if previous else ""
        for match in _DATE.finditer(line.text):
            lead = line.text[: match.start()] or before.rstrip("\n")
            if _LABEL.search(lead[-_LABEL_CHARS:]):
                return _iso(match)
    return None


def _alone(lines: list[Line]) -> str | None:
    for line in lines:
        text = _arabic(line.text.lstrip("•·*- "))
        if _STANDS_ALONE.match(text) and (match := _DATE.search(text)):
            return _iso(match)
    return None


def _delivered(lines: list[Line]) -> str | None:
    for line in lines:
        if _DELIVERED.match(line.text) and (match := _DATE.search(line.text)):
            return _iso(match)
    return None


def _iso(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"] or 1)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{match['year']}-{month:02}" + (f"-{day:02}" if match["day"] else "")


def _arabic(text: str) -> str:
    """Years written in Chinese digits, 二〇二六年, as 2026年."""
    return _HAN_YEAR.sub(lambda match: match.group().translate(_HAN_DIGITS), text)
