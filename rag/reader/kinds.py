"""Whether an answer is of the kind that its question asks for.

A question that asks how many people is not answered by households, one that asks for a rate not
by a sum of money, nor one that asks when by a name. Only what the question's own words say
counts; a question that says nothing of its kind is answered by anything.
"""

import re
from collections.abc import Iterator, Mapping

_DIGIT = r"[0-9０-９一二两三四五六七八九十百千]"
_NUMBER = re.compile(rf"{_DIGIT}|[半零]")
_TIME = re.compile(r"[年月日号周季晚早春夏秋冬前后初末底期节天]|时候|世纪")
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
_ASKS_YES_NO = re.compile(
    r"吗|(?<![什怎那多])么[？?]?$|是否|有否|能否|可否|是不是|有没有|会不会|能不能|对不对"
)
COUNT = "count"
"""The kind of figures of things: counted by 个 and its like."""
_UNITS = {
    "area": r"万?亩|公顷|平方(?:公里|千米|米)|平米",
    "volume": r"立方米",
    "length": r"公里|千米|米",
    "mass": r"吨|公斤|千克|斤|[微毫]?克",
    "percent": r"个百分点|[%％‰]",
    "money": r"美元|港元|欧元|元|块",
    "visits": r"人次",
    "people": r"人|口",
    "heads": r"名|位",
    "households": r"户",
    "time": r"年|个?月|日|天|岁|小时|分钟",
    "power": r"千瓦时|千瓦|兆瓦|度",
    COUNT: r"[个所家座处项件支批条台辆次种类株头只羽期场款间栋套面份篇本张]",
}
"""What a unit measures; the first that fits counts."""
_ALSO = {
    "people": {"heads", "visits", COUNT},
    "heads": {"people", "visits", COUNT},
    COUNT: {"heads"},
    "visits": {"people", COUNT},
    "length": {"time"},
}
"""Kinds of figures that answer a question for another kind."""
_UNIT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items()))
_FIGURE = re.compile(r"[0-9０-９](?:万亿|[万亿千百])?(?:多|余|来)?")
_ASKED_UNIT = re.compile(r"(?:多少|几)(?:万亿|[万亿千])?")
_SUM = (
    r"资金|收入|收益|[产总市]值|投资|金额|[交销消成][易售费交]额|总额|GDP|工资|基金|贷款|补助|补贴|奖金"
    r"|税费?|费用|成本|债务|债券|赤字|外资|资本|经费|余额|支出|存款"
)
_ASKED_SUM = re.compile(r"(?:多少|几)(?:钱|资金|万元|亿元|[万亿](?=[？?]?$))")
_ASKED_CURRENCY = re.compile(r"(?:多少|几)[万亿千百]*([美港欧日]元)")
_LATIN = re.compile("[A-Za-z]")
_NAMES = tuple(
    (re.compile(rf"(?:哪一?[个所家座些几]|哪几[个所家座]|什么)(?:{asked})"), re.compile(name))
    for asked, name in (
        (r"(?:行政|自然|贫困)?村(?![落民干级支集])", r"[村寨屯庄]|社区"),
        (r"(?:乡镇|镇|乡|街道)(?![村民干])", r"[镇乡街]"),
        (r"(?:区县|县区|县市|县|区)(?![域别间级委政])", r"[县区市旗州]"),
        (r"部委", r"[部委局署办院行]"),
        (r"学校|大学|学院|中学|小学", r"[校学院系大中]"),
        (r"医院", r"院"),
    )
)
"""Questions for one of a kind of places or bodies, and what Chinese names of the kind hold."""
_NO_CLAUSE = r"[^，,。；;？?人户获得领享受有用拿取到]{0,8}"
_MEASURES_TIME = re.compile(
    r"[年月日天岁]|时间|小时|分钟|多长|多久|\b(?:years?|months?|days?|hours?|minutes?|long|old)\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\d\s*岁")
_MEASURES_AGE = re.compile(r"岁|年龄|寿命|多大|\b(?:age|old|expectancy)\b", re.IGNORECASE)
_UNITLESS = re.compile(
    rf"(?:{_DIGIT}(?:万亿|[万亿])?[多余]?(?:左右|以上|以内)?$)|分之|[成倍半比:：]"
)
_ABOUT = (
    r"(?:一?共|总?共?计|累计|合计|总[量额计]?|规模|目标|大?约|大概|平均|是|为|有|占|定在|控制在"
    r"|[达降增升涨]到?了?|到|升?至|了)*"
)
_ASKED_SUM_BEHIND = re.compile(rf"(?:多少|几){_NO_CLAUSE}(?:{_SUM})[？?]?$", re.IGNORECASE)
_ASKED_POPULATION = re.compile(rf"(?:多少|几){_NO_CLAUSE}人口")
_ASKED_BY_NOUN = {
    "percent": re.compile(
        rf"(?:率|比例|比重|占比|百分比|份额|[增涨降][速幅]){_ABOUT}(?:多少|几|多大|多高)|百分之"
    ),
    "money": re.compile(rf"(?:{_SUM}){_ABOUT}多少[？?]?$", re.IGNORECASE),
    "area": re.compile(rf"面积{_ABOUT}(?:多少|多大)"),
    COUNT: re.compile(
        rf"(?:村|乡镇|镇|社区|学校|企业|公司|合作社|基地|项目|园区|车间|工厂|医院|卫生[院室]|景区)"
        rf"(?:的?(?:数量|个数|总数))?{_ABOUT}(?:多少|几)[？?]?$"
    ),
    "length": re.compile(rf"多长(?!时间)|里程{_ABOUT}多少"),
}


def asks_figure(question: str) -> bool:
    """True if the question asks how many or how much."""
    return _ASKS_NUMBER.search(question) is not None and _ASKS_TIME.search(question) is None


def asks_time(question: str) -> bool:
    """True if the question asks when."""
    return _ASKS_TIME.search(question) is not None


def asks_yes_no(question: str) -> bool:
    """True if a Chinese question can be answered by yes or no."""
    return _ASKS_YES_NO.search(question) is not None


def agrees(question: str, answer: str) -> bool:
    """False if the answer cannot be of the kind that the question asks for."""
    if _ASKS_TIME.search(question):
        return _TIME.search(answer) is not None or (
            _NUMBER.search(answer) is not None and not any(_given(answer))
        )
    if _ASKS_NUMBER.search(question) is None:
        return _LATIN.search(answer) is not None or _is_named_so(question, answer)
    if _NUMBER.search(answer) is None:
        return False
    foreign = _ASKED_CURRENCY.search(question)
    if foreign is not None and "元" in answer.replace(foreign[1], ""):
        return False
    wanted, given = wanted_kinds(question), set(_given(answer))
    if not wanted and given == {"time"}:
        measured = _MEASURES_AGE if _AGE.search(answer) else _MEASURES_TIME
        return measured.search(question) is not None
    if len(wanted) == 1 and not given:  # the unit may be left out
        return not wanted & {"percent", "money"} or _UNITLESS.search(answer) is not None
    return all(given & {kind, *_ALSO.get(kind, ())} for kind in wanted)


def _is_named_so(question: str, answer: str) -> bool:
    """False where the question asks for a village, say, and the answer names none."""
    return all(name.search(answer) for asks, name in _NAMES if asks.search(question))


def wanted_kinds(question: str) -> frozenset[str]:
    """Kinds of figures asked for by a unit or a noun behind the question word, else before it."""
    if _ASKED_SUM.search(question):
        return frozenset({"money"})
    units = {_kind_at(question, match.end()) for match in _ASKED_UNIT.finditer(question)}
    found = {kind for kind in units if kind is not None}
    if _ASKED_POPULATION.search(question):
        found.add("people")
    if not found and _ASKED_SUM_BEHIND.search(question):
        found.add("money")
    return frozenset(found) or _named(_ASKED_BY_NOUN, question)


def _named(nouns: Mapping[str, re.Pattern[str]], question: str) -> frozenset[str]:
    return frozenset(kind for kind, noun in nouns.items() if noun.search(question))


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
