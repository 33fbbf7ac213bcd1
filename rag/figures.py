"""The figures of a text: value, unit and kind, however they are written.

`37,121户`, `３７１２１户`, `三万七千一百二十一户` and `3.7121万户` are one figure; `5%`, `百分之五`
and `5个百分点` are two.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rag.reader.kinds import unit_kind
from rag.types import Span

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_DASH = r"(?:[-‐‑‒–—―−~〜～]+|至|到)"
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]\d)|\d+(?:\.\d+)?"
_HAN_DIGIT = "零〇○一二两三四五六七八九"
_HAN = (
    rf"[{_HAN_DIGIT}十百千万亿]*[{_HAN_DIGIT}十百][{_HAN_DIGIT}十百千万亿]*(?:点[{_HAN_DIGIT}]+)?"
)
_NUMBER = rf"(?:(?:{_ARABIC})(?:[十百千]?[万亿]{{1,2}}|[百千](?=[多余来]|[^\W\d_]))?|{_HAN})"
_VAGUE = "[多余来几]"
_UNIT = (
    r"个百分点|批次|平方(?:公里|千米|米)|立方米|千瓦时|人次|万?亩|公顷|公里|千米|公斤|千克|小时|分钟"
    r"|美元|港元|欧元|个?月|天|岁|[%‰元块米吨斤户人口名位年日度个所家座处项件支批条台辆次种类株头只"
    r"羽期场款间栋套面份篇本张双村镇乡县区]"
)
_FIGURE = re.compile(
    rf"(?P<rank>第)?(?P<percent>百分之)?(?<![\d.])(?P<low>{_NUMBER})"
    rf"(?:{_DASH}(?P<high>{_NUMBER}))?(?P<vague>{_VAGUE})?\s*(?P<unit>{_UNIT})?"
)
# Words that begin with a numeral but tell no number.
_NO_NUMBER = re.compile(
    r"一(?:些|点|样|定|般|起|直|旦|切|体|致|律|面|边|方面|系列|批|步|线|带|把手|站式|卡通|心|手|流|并)"
    r"|(?:统|唯|万|单|专|同|第)一(?!\d)|十分|千方百计|万一|百姓|万户|三农"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts.

    Attributes:
        value: With its magnitude; the lower end of a range.
        high: The upper end of a range; equal to `value` otherwise.
        unit: As written, without magnitude; empty when none follows.
        kind: `rank`, `percent`, `points`, a kind of unit of `rag.reader.kinds`, or empty.
        is_vague: True for 多 and 余: at least so much.
        number: Where its digits and magnitude stand in the text, both ends of a range.
        span: The same with the unit.
    """

    value: Decimal
    high: Decimal
    unit: str
    kind: str
    is_vague: bool
    number: Span
    span: Span

    def equals(self, other: "Figure") -> bool:
        """True if both tell the same amount of the same thing; without a unit anything will do."""
        if (self.value, self.high) != (other.value, other.high):
            return False
        if "rank" in (self.kind, other.kind):
            return self.kind == other.kind
        return (
            not self.unit
            or self.unit == other.unit
            or (bool(self.kind) and self.kind == other.kind)
        )


@lru_cache(maxsize=256)
def find_figures(text: str) -> tuple[Figure, ...]:
    """Every figure of `text`, in order. Kept for a while: a passage is asked for several times."""
    return tuple(_figures(text, "".join(map(_half_width, text))))


def unsupported(answer: str, evidence: str) -> Sequence[Figure]:
    """The figures of `answer` that `evidence` does not state with the same value and unit.

    Those of an answer must stand in the evidence in the same order, each for itself, and what
    touches in the answer, as in `4月30日`, must touch there; if only that fails, all are returned.
    """
    given, stated = find_figures(answer), find_figures(evidence)
    missing = [f for f in given if not any(f.equals(other) for other in stated)]
    return missing or (() if _are_in_order(given, stated) else given)


def _are_in_order(given: Sequence[Figure], stated: Sequence[Figure]) -> bool:
    """True if `given` are some of `stated`, in order, those that touch still touching."""
    ends = set(range(-1, len(stated)))
    for number, figure in enumerate(given):
        touches = number > 0 and given[number - 1].span.end == figure.span.start
        ends = {
            place
            for end in ends
            for place in (
                range(end + 1, min(end + 2, len(stated)))
                if touches
                else range(end + 1, len(stated))
            )
            if figure.equals(stated[place])
            and (not touches or stated[end].span.end == stated[place].span.start)
        }
    return bool(ends)


def cuts_a_figure(figures: Sequence[Figure], span: Span) -> bool:
    """True if `span` holds a part only of a number: `5` of `5万`, `12` of `12.5` or of `12-15`."""
    return any(
        span.overlaps(figure.number)
        and not (span.start <= figure.number.start and figure.number.end <= span.end)
        for figure in figures
    )


def _figures(text: str, folded: str) -> Iterator[Figure]:
    skipped = [Span(*match.span()) for match in _NO_NUMBER.finditer(folded)]
    for match in _FIGURE.finditer(folded):
        span = Span(match.start(), match.start() + len(match.group().rstrip()))
        if not any(span.overlaps(one) for one in skipped):
            yield _figure(match, span)


def _figure(match: re.Match[str], span: Span) -> Figure:
    unit = "%" if match["percent"] else match["unit"] or ""
    low, high = match["low"], match["high"] or match["low"]
    value, most = parse_number(low), parse_number(high)
    if match["high"] and high[-1] in _LARGE and low[-1] not in _LARGE:
        value *= _LARGE[high[-1]]  # 3至5万
    number = Span(match.start("low"), match.end("high" if match["high"] else "low"))
    return Figure(value, most, unit, _kind(match, unit), bool(match["vague"]), number, span)


def _kind(match: re.Match[str], unit: str) -> str:
    if match["rank"]:
        return "rank"
    if unit == "个百分点":
        return "points"
    return unit_kind(unit) or ""


def parse_number(written: str) -> Decimal:
    """The value of a number in Arabic or Chinese digits, half-width, with its magnitudes.

    Raises:
        ValueError: It is no such number.
    """
    match = re.fullmatch(rf"(?P<arabic>{_ARABIC})(?P<magnitude>[十百千万亿]*)", written)
    if match:
        value = Decimal(match["arabic"].replace(",", ""))
        for character in match["magnitude"]:
            value *= {**_SMALL, **_LARGE}[character]
        return value
    whole, _, fraction = written.partition("点")
    if not whole or any(c not in _DIGITS | _SMALL | _LARGE for c in whole + fraction):
        raise ValueError(f"{written!r} is no number")
    digits = "".join(str(_DIGITS[c]) for c in fraction)
    return Decimal(f"{_han_value(whole)}.{digits or 0}").normalize()


def _han_value(digits: str) -> int:
    if not set(digits) & (_SMALL.keys() | _LARGE.keys()):
        return int("".join(str(_DIGITS[c]) for c in digits))  # 二〇二〇
    total, section, last = 0, 0, 0
    for character in digits:
        if character in _DIGITS:
            last = _DIGITS[character]
        elif character in _SMALL:
            section += (last or 1) * _SMALL[character]
            last = 0
        else:
            section += last
            total = (total + section) * 10**8 if character == "亿" else total + section * 10**4
            section = last = 0
    return total + section + last


def _half_width(character: str) -> str:
    """The half-width form, if it is one character: offsets stay."""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and unicodedata.category(character) != "No" else character
