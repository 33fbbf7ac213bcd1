"""The figures and dates of a Chinese answer as an English reader reads them, computed."""

import re
from decimal import Decimal

from rag.figures import Figure, find_figures
from rag.places import plain

_UNITS = {
    "元": "yuan",
    "块": "yuan",
    "美元": "US dollars",
    "港元": "Hong Kong dollars",
    "欧元": "euros",
    "人": "people",
    "名": "people",
    "位": "people",
    "人次": "visits",
    "户": "households",
    "亩": "mu",
    "万亩": "mu",
    "公顷": "hectares",
    "平方公里": "square kilometres",
    "平方米": "square metres",
    "立方米": "cubic metres",
    "公里": "kilometres",
    "千米": "kilometres",
    "米": "metres",
    "吨": "tonnes",
    "公斤": "kilograms",
    "千克": "kilograms",
    "%": "percent",
    "‰": "per mille",
    "个百分点": "percentage points",
    "岁": "years old",
    "天": "days",
    "个月": "months",
    "小时": "hours",
    "村": "villages",
    "镇": "towns",
    "乡": "townships",
    "县": "counties",
}
_SIZES = ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million"))
_DATE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?|(\d{4})年")
_MONTHS = {
    1: "January", 2: "February", 3: "March", 4: "April", 5: "May", 6: "June",
    7: "July", 8: "August", 9: "September", 10: "October", 11: "November", 12: "December",
}  # fmt: skip


def in_english(answer: str) -> str:
    """The figures of `answer` in English, `790 million yuan` for `7.9亿元`.

    Empty where no figure has a unit that is known, or a magnitude: `340支` says itself.
    """
    dates = [(match.start(), match.end(), _date(match)) for match in _DATE.finditer(plain(answer))]
    told = [(start, text) for start, _, text in dates]
    for figure in find_figures(answer):
        if not any(start <= figure.span.start < end for start, end, _ in dates):
            told.append((figure.span.start, _figure(figure, figure.number.of(answer))))
    return ", ".join(text for _, text in sorted(told) if text)


def _figure(figure: Figure, written: str) -> str:
    unit = _UNITS.get(figure.unit, "")
    if not unit and written.isascii():
        return ""
    amount = _amount(figure.value)
    if figure.high != figure.value:
        amount = f"{amount} to {_amount(figure.high)}"
    if figure.is_vague:
        amount = f"more than {amount}"
    if figure.kind == "rank":
        return f"rank {amount}"
    return f"{amount} {unit}".rstrip()


def _amount(value: Decimal) -> str:
    for size, name in _SIZES:
        if value >= size:
            return f"{(value / size).normalize():f} {name}"
    return f"{value:,f}"


def _date(match: re.Match[str]) -> str:
    year, month, day, only_year = match.groups()
    if only_year:
        return only_year
    parts = (day, _MONTHS.get(int(month)), year)
    return " ".join(part for part in parts if part)
