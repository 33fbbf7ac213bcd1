"""Questions about several places, taken apart: a question for each place.

`甲县和乙县，哪个的贫困村更多？` becomes `甲县贫困村有多少个？` and `乙县贫困村有多少个？`;
`rag.comparison` makes one answer of theirs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.places import NATION, Mention, find_mentions, named_places, plain
from rag.queries import is_foreign
from rag.reader.kinds import COUNT, wanted_kinds

# About a third of a second each on two cores; more than all provinces.
_MOST_PLACES = 40
_PLACE = "\0"
_MORE, _LESS = "多高大长快广", "少低小短慢"
_SOONER, _LATER = "早先", "晚迟"
_WORD = f"[{_MORE}{_LESS}{_SOONER}{_LATER}]"
_A_BIT = "(?:一?些|一?点)?"
_EITHER = re.compile(
    rf"{_PLACE}的?(?:更|比较)?(?P<word>{_WORD}){_A_BIT}[,，]?还是{_PLACE}的?(?:更|比较)?(?P=word){_A_BIT}"
)
_DIFFERENCE = re.compile(
    rf"^(?P<head>.*?){_PLACE}的?(?P<topic>[^,，]*?),?比{_PLACE}的?(?P=topic)?"
    r"[多少高低大小长短](?:了|出)?(?P<verb>[^多几]*?)(?P<asked>(?:多少|几)[^?？。]{0,5})[?？。]*$"
)
_ADDED = re.compile("一共|总共|共计|合计|加起来|加在一起")
_AMOUNT = re.compile(r"有?(?P<asked>(?:多少|几)[^?？。,，]{0,5})[?？。]*$")
_CHOICE = re.compile(r"(?:哪一?[个座]|哪|谁)(?:[县区市省州镇乡村]|地区|地方|地|家|者)?的?")
_GRADED = re.compile(
    rf"[更最较](?:为|加)?(?P<word>{_WORD}){_A_BIT}"
    rf"|(?P<last>{_WORD}){_A_BIT}呢?[?？。]*$|(?P<first>先)(?![进行后锋])"
)
_ORDER = re.compile(
    rf"[从由](?:[{_MORE}远晚]|(?P<up>[{_LESS}近早]))[到至往][{_MORE}{_LESS}远晚近早](?:的?(?:顺序|次序))?"
)
_RANKED = re.compile(
    r"(?:进行|怎么|怎样|如何|依次|来|做个?|是)*(?:排名|排序|排列|排队|排(?:个|出|一下)?(?:名次|序|队|名)|排)"
    r"(?:一下|次|怎样|如何|情况)*(?:是什么|呢)?(?=[?？。,，]|$)"
)
_ALL_PLACES = re.compile(
    r"(?:这|所有的?|全部的?)?(?:[两二三四五六七八\d]+|各|几|所有的?|全部的?)个?(?:[县区市省州]区?|地方|报告)的?"
)
_WHICH_KIND = re.compile(r"(?:哪一?[个座]?|谁的?)(?:(?:地方|地区|地|里)|([县区市省州镇乡村]))")
_ENGLISH_WHICH_KIND = re.compile(
    r"\b(?:which|what)\s+(?:of the\s+)?(?:\w+\s+)?(?:count(?:y|ies)|districts?|cit(?:y|ies)|places?"
    r"|regions?|provinces?|reports?)\b",
    re.IGNORECASE,
)
_ENGLISH_RANKED = re.compile(
    r"\b(?:rank|order|sort)\b.*?\b(?:by|according to|in order of)\b(?P<body>.+)", re.IGNORECASE
)
_SUPERLATIVE = re.compile(rf"最(?:为)?{_WORD}|\b(?:most|fewest|least|\w+est)\b", re.IGNORECASE)
_ENGLISH_CHOICE = re.compile(
    r"\b(?:which|what|who)\b(?:\s+(?:of(?:\s+the)?(?:\s+(?:two|counties|districts))*|one|"
    r"county|district|city|place|report|province))?",
    re.IGNORECASE,
)
_ENGLISH_GRADED = re.compile(
    r"\b(?:(?P<more>more|most|higher|highest|larger|largest|greater|greatest|bigger|biggest|"
    r"longer|longest)|(?P<less>fewer|fewest|less|least|lower|lowest|smaller|smallest|shorter|"
    r"shortest)|(?P<sooner>earlier|earliest|sooner|first)|(?P<later>later|latest|last))\b",
    re.IGNORECASE,
)
_JOINED = re.compile(
    rf"(?:以及|还是|或者?|[和与跟同及、,，比])*{_PLACE}(?:以及|还是|或者?|[和与跟同及、,，比])*"
)
_ENGLISH_JOINED = re.compile(
    rf"(?:\b(?:and|or|between|of|than|in|both|comparing|compared|with|to|did|does)\b|[\s,])*{_PLACE}"
    r"(?:\b(?:and|or)\b|[\s,:])*",
    re.IGNORECASE,
)
_ENGLISH_EITHER = re.compile(rf"{_PLACE}\s+or\s+{_PLACE}", re.IGNORECASE)
_ENGLISH_NUMBER_OF = re.compile(r"^\s*(?:the\s+)?(?:number|count|amount) of\s+", re.IGNORECASE)
_AUXILIARY = re.compile(r"^(?:(?:has|have|had|did|does|is|are|the)\s+)+", re.IGNORECASE)
_PREFACE = re.compile(r"^(?:按照?|根据|依据|据)[^,，]{0,10}[,，]")
_LEFT_OVER = re.compile(
    r"^(?:相比(?:较|之下|起来)?|比起来|之间|当中|[两二三四五六七八\d]+个?[县区市省地](?:区|方)?|[这中里的,，、:：\s])+|[\s,，、的是?？。]+$"
)
_APART = re.compile(r"分别(?=[是为有]|[^\W\d_])|各自|各(?=[是为有])")
_LEADS_RANKING = re.compile(
    r"^(?:请|把|将|给|对|按照?|依照?|根据|以|[的,，、\s])+|(?:给|对|把|将)$"
)
_NAMES_AMOUNT = re.compile(r"[数量额率度积入值金比重例]$")
_HEADS = (("people", re.compile("人数|人口")), ("households", re.compile("户数")))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question taken apart.

    Attributes:
        places: What is compared.
        questions: The question to ask of each place.
        operation: `most` for the largest amount or the latest time, `least` for the contrary,
            `falling` or `rising` for all in this order, `sum`, `difference` of the first and the
            second, or `each` for all as they are.
        is_time: Whether times are compared, not amounts.
        measure: Kind of unit that the question names, as in `kinds`; None when it names none.
    """

    places: tuple[str, ...]
    questions: tuple[str, ...]
    operation: str
    is_time: bool
    measure: str | None


def plan_comparison(question: str, places: Iterable[str]) -> Comparison | None:
    """The question for each place, if `question` compares, adds or subtracts those of several.

    Args:
        question: As asked.
        places: Those that the shelf has reports about; the country is compared with none. A
            question that names none of them but asks for the most or for an order is put to all,
            if they are at most 40.
    """
    known = sorted({*places} - {NATION})
    text = plain(question)
    mentions = find_mentions(question, known)
    named = tuple(dict.fromkeys(mention.places[0] for mention in mentions))
    if not named and _asks_all(text, known) and len(known) <= _MOST_PLACES:
        named = tuple(known)
    if len(named_places(question, known)) == 1 and len(mentions) == 1:
        return _of_one_name(text, mentions[0])
    if len(named) < 2 or any(len(mention.places) > 1 for mention in mentions):
        return None
    rest = text
    for mention in reversed(mentions):
        rest = f"{rest[: mention.start]}{_PLACE}{rest[mention.end :]}"
    return _in_english(rest, named) if is_foreign(text) else _in_chinese(rest, named)


def _in_chinese(rest: str, places: tuple[str, ...]) -> Comparison | None:
    return (
        _computed(rest, places)
        or _ranked(rest, places)
        or _most(rest, places)
        or _each(rest, places)
    )


def _of_one_name(text: str, mention: Mention) -> Comparison | None:
    """The question for each of the places that are written alike; None if it names one."""
    if not 2 <= len(mention.places) <= _MOST_PLACES:
        return None
    before, behind = text[: mention.start], text[mention.end :]
    questions = tuple(f"{before}{place}{behind}" for place in mention.places)
    return Comparison(mention.places, questions, "each", False, None)


def _each(rest: str, places: tuple[str, ...]) -> Comparison | None:
    """`甲县和乙县分别有多少人？`: nothing is computed."""
    apart = _APART.search(rest)
    if apart is None:
        return None
    body = _body(_ALL_PLACES.sub("", _JOINED.sub("", _without(rest, apart))))
    questions = tuple(f"{place}{body}？" for place in places)
    return Comparison(places, questions, "each", False, None) if body else None


def _asks_all(text: str, places: Sequence[str]) -> bool:
    """True if a question that names no place is about all of them.

    One for the most has to ask which of them: `哪个村最大？` asks for none of the counties.
    """
    kinds = {place[-1] for place in places}
    asks_which = any(kind in kinds or not kind for kind in _WHICH_KIND.findall(text))
    asks_which |= bool(_ALL_PLACES.search(text) and _CHOICE.search(text))
    return bool(
        (_SUPERLATIVE.search(text) and (asks_which or _ENGLISH_WHICH_KIND.search(text)))
        or (_ALL_PLACES.search(text) and (_RANKED.search(text) or _APART.search(text)))
        or _ORDER.search(text)
        or _ENGLISH_RANKED.search(text)
    )


def _ranked(rest: str, places: tuple[str, ...]) -> Comparison | None:
    """All places in order: `把甲县、乙县按贫困村数量排名`."""
    order, ranked = _ORDER.search(rest), _RANKED.search(rest)
    if order is None and ranked is None:
        return None
    rest = _ORDER.sub("", _RANKED.sub("", rest))
    body = _body(_LEADS_RANKING.sub("", _ALL_PLACES.sub("", _JOINED.sub("", rest))))
    operation = "rising" if order is not None and order["up"] else "falling"
    return _amount_of_each(body, places, operation) if body else None


def _computed(rest: str, places: tuple[str, ...]) -> Comparison | None:
    """A sum or a difference."""
    differs, added = _DIFFERENCE.search(rest), _ADDED.search(rest)
    if differs is not None and len(places) == 2:
        operation, asked = "difference", differs["asked"]
        rest = f"{differs['head']}{differs['topic']}{differs['verb']}"
    elif added is not None and (amount := _AMOUNT.search(rest)):
        operation, asked = "sum", amount["asked"]
        rest = _without(rest, *sorted((added, amount), key=lambda match: match.start()))
    else:
        return None
    body = _body(rest)
    has = "" if body.endswith(("了", "过", "着")) else "有"
    questions = tuple(f"{place}{body}{has}{asked}？" for place in places)
    return Comparison(places, questions, operation, False, _head(body)) if body else None


def _most(rest: str, places: tuple[str, ...]) -> Comparison | None:
    either = _EITHER.search(rest)
    if either is not None:
        word, rest = either["word"], _without(rest, either)
    else:
        choice, graded = _CHOICE.search(rest), _GRADED.search(rest)
        if choice is None or graded is None or graded.start() < choice.end():
            return None
        word = graded["word"] or graded["last"] or graded["first"]
        rest = _without(rest, choice, graded)
    body = _body(rest)
    if not body:
        return None
    operation = "most" if word in _MORE + _LATER else "least"
    if word in _SOONER + _LATER:
        questions = tuple(f"{place}什么时候{body}？" for place in places)
        return Comparison(places, questions, operation, True, None)
    return _amount_of_each(body, places, operation)


def _amount_of_each(body: str, places: tuple[str, ...], operation: str) -> Comparison:
    asks = "是多少" if _NAMES_AMOUNT.search(body) else "有多少"
    unit = "个" if wanted_kinds(f"{body}{asks}？") == {COUNT} else ""
    questions = tuple(f"{place}{body}{asks}{unit}？" for place in places)
    return Comparison(places, questions, operation, False, _head(body))


def _body(rest: str) -> str:
    """What is asked of each place, without the places and what joins them."""
    return _LEFT_OVER.sub("", _JOINED.sub("", _PREFACE.sub("", rest)))


def _head(body: str) -> str | None:
    return next((kind for kind, pattern in _HEADS if pattern.search(body)), None)


def _in_english(rest: str, places: tuple[str, ...]) -> Comparison | None:
    ranked = _ENGLISH_RANKED.search(rest)
    if ranked is not None:
        body = _ENGLISH_NUMBER_OF.sub("", ranked["body"]).strip(" ,?.")
        questions = tuple(f"How many {body}, {place}?" for place in places)
        return Comparison(places, questions, "falling", False, None) if body else None
    choice, graded = _ENGLISH_CHOICE.search(rest), _ENGLISH_GRADED.search(rest)
    if graded is None or not (choice or _ENGLISH_EITHER.search(rest)):
        return None
    rest = _ENGLISH_CHOICE.sub("", _without(rest, graded), count=1)
    body = _AUXILIARY.sub("", " ".join(_ENGLISH_JOINED.sub(" ", rest).strip(" ,:?").split()))
    if not body:
        return None
    is_time = bool(graded["sooner"] or graded["later"])
    asks = "When" if is_time else "How many"
    questions = tuple(f"{asks} {body}, {place}?" for place in places)
    measure = "people" if re.search(r"\b(?:people|persons|residents)\b", body) else None
    operation = "most" if graded["more"] or graded["later"] else "least"
    return Comparison(places, questions, operation, is_time, measure)


def _without(text: str, *matches: re.Match[str]) -> str:
    for match in reversed(matches):
        text = text[: match.start()] + text[match.end() :]
    return text
