"""Whether an answer is of the kind that its question asks for.

A question that asks how many people is not answered by households, nor one that asks when by a
name. Only what the question's own words say counts; a question that says nothing of its kind is
answered by anything.
"""

import re
from collections.abc import Iterator

_DIGIT = r"[0-9０-９一二两三四五六七八九十百千]"
_NUMBER = re.compile(rf"{_DIGIT}|[半零]")
_TIME = re.compile(rf"{_DIGIT}|[年月日周季晚早]|期间")
_ASKS_NUMBER = re.compile(
    r"多少|(?<!哪)(?<!这)(?<!那)第?几[^乎何]|百分之几|多大(?:比例|面积)|多大[？?]?$|多高|多长|多重"
    r"|\bhow (?:many|much|large|big|long|high|far)\b"
    r"|\bwhat (?:percentage|percent|share|proportion|number|amount)\b",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(
    r"哪一?年|什么时候|什么时间|何时|哪一?天|哪个月|几月"
    r"|\bwhen\b|\b(?:which|what) (?:year|date|month)\b",
    re.IGNORECASE,
)
_ASKS_UNIT = re.compile(
    r"(?:多少|几)(?P<unit>户|万?人次|万?人(?!均)|名|位|万元|亿元|元|钱|资金|平方公里|公里|亩|吨|岁|个百分点)"
)
_UNITS = {
    "户": "户家",
    "人": "人名位口",
    "名": "人名位口个",
    "位": "人名位口个",
    "元": "元万亿千块",
    "钱": "元万亿千块",
    "资金": "元万亿千块",
    "公里": "公千里",
    "亩": "亩万公",
    "吨": "吨万公千",
    "岁": "岁",
    "点": "个%％",
}
_FIGURE_WITH_UNIT = re.compile(
    r"[0-9０-９](?:万亿|[万亿千百])?(?:多|余|来)?(?P<unit>[^\d０-９.．,，、和至\-—~～\s])?"
)


def agrees(question: str, answer: str) -> bool:
    """False if the answer cannot be of the kind that the question asks for."""
    if _ASKS_TIME.search(question):
        return _TIME.search(answer) is not None
    if _ASKS_NUMBER.search(question) is None:
        return True
    return _NUMBER.search(answer) is not None and _has_units(question, answer)


def _has_units(question: str, answer: str) -> bool:
    """True if each unit asked for stands behind a figure; one unit may be left out altogether."""
    given = [match["unit"] for match in _FIGURE_WITH_UNIT.finditer(answer) if match["unit"]]
    wanted = list(_wanted_units(question))
    if not given and len(wanted) <= 1:
        return True
    return all(
        any(unit in units for unit in given) or _is_scale_only(answer, units) for units in wanted
    )


def _is_scale_only(answer: str, wanted: str) -> bool:
    """True for money given as `7467万`: the scale stands, the unit is left out."""
    return "万" in wanted and re.search(r"[0-9０-９](?:万亿|[万亿千])", answer) is not None


def _wanted_units(question: str) -> Iterator[str]:
    for match in _ASKS_UNIT.finditer(question):
        unit = match["unit"]
        yield next(known for end, known in _UNITS.items() if unit.removesuffix("次").endswith(end))
