"""Whether an answer is of the kind that its question asks for.

A question that asks how many people is not answered by households, one that asks for a rate not
by a sum of money, nor one that asks when by a name. Only what the question's own words say
counts; a question that says nothing of its kind is answered by anything.
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
_COUNT = "count"
_UNITS = {
    "area": r"万?亩|公顷|平方(?:公里|千米|米)|平米",
    "volume": r"立方米",
    "length": r"公里|千米|米",
    "mass": r"吨|公斤|千克|斤",
    "percent": r"个百分点|[%％‰]",
    "money": r"美元|港元|欧元|元|块",
    "visits": r"人次",
    "people": r"人|口",
    "heads": r"名|位",
    "households": r"户",
    "time": r"年|个?月|日|天|岁|小时|分钟",
    "power": r"千瓦时|千瓦|兆瓦|度",
    _COUNT: r"[个所家座处项件支批条台辆次种类株头只羽期场款间栋套面份篇本张]",
}
"""What a unit measures; the first that fits counts."""
_ALSO = {
    "people": {"heads", "visits", _COUNT},
    "heads": {"people", "visits", _COUNT},
    _COUNT: {"heads"},
    "visits": {"people", _COUNT},
}
"""Kinds of figures that answer a question for another kind."""
_UNIT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items()))
_FIGURE = re.compile(r"[0-9０-９](?:万亿|[万亿千百])?(?:多|余|来)?")
_ASKED_UNIT = re.compile(r"(?:多少|几)(?:万亿|[万亿千])?")
_ASKED_SUM = re.compile(r"(?:多少|几)(?:钱|资金|万元|亿元|[万亿](?=[？?]?$))")
_ABOUT = r"(?:一?共|总?共?计|累计|合计|总|大约|约|平均|是|为|有|达到?了?|到|升?至|了)*"
_ASKED_BY_NOUN = {
    "percent": re.compile(rf"(?:率|比例|比重|占比|百分比){_ABOUT}(?:多少|几|多大|多高)|百分之"),
    "money": re.compile(
        rf"(?:资金|收入|产值|投资|金额|交易额|销售额|总额|生产总值|GDP|工资|基金){_ABOUT}多少[？?]?$",
        re.IGNORECASE,
    ),
    "area": re.compile(rf"面积{_ABOUT}(?:多少|多大)"),
}


def asks_figure(question: str) -> bool:
    """True if the question asks how many or how much."""
    return _ASKS_NUMBER.search(question) is not None and _ASKS_TIME.search(question) is None


def agrees(question: str, answer: str) -> bool:
    """False if the answer cannot be of the kind that the question asks for."""
    if _ASKS_TIME.search(question):
        return _TIME.search(answer) is not None
    if _ASKS_NUMBER.search(question) is None:
        return True
    if _NUMBER.search(answer) is None:
        return False
    wanted = set(_wanted(question))
    given = set(_given(answer))
    if len(wanted) == 1 and not given:
        return True  # the unit may be left out
    return all(given & {kind, *_ALSO.get(kind, ())} for kind in wanted)


def _wanted(question: str) -> Iterator[str]:
    """Kinds of figures asked for by a unit behind the question word, else by the noun before."""
    if _ASKED_SUM.search(question):
        yield "money"
        return
    found = [_kind_at(question, match.end()) for match in _ASKED_UNIT.finditer(question)]
    kinds = [kind for kind in found if kind is not None]
    yield from kinds or (name for name, noun in _ASKED_BY_NOUN.items() if noun.search(question))


def _given(answer: str) -> Iterator[str]:
    """What the figures of an answer measure, where a unit says so."""
    for match in _FIGURE.finditer(answer):
        kind = _kind_at(answer, match.end())
        if kind is not None:
            yield kind


def unit_kind(unit: str) -> str | None:
    """What a unit measures; None if it is not known."""
    return _kind_at(unit, 0)


def _kind_at(text: str, place: int) -> str | None:
    match = _UNIT.match(text, place)
    return None if match is None else match.lastgroup
