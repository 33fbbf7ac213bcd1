"""Questions about several places: a question for each place, the rest is computed.

`甲县和乙县，哪个的贫困村更多？` becomes `甲县贫困村有多少？` and `乙县贫困村有多少？`; each is
answered and cited on its own, and the figures are compared, added or subtracted as parsed numbers
of one unit.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from rag.citations import merge
from rag.figures import Figure, find_figures
from rag.periods import find_periods
from rag.places import Mention, find_mentions, named_places, plain
from rag.queries import is_foreign
from rag.reader.base import LIST_SEPARATOR
from rag.replies import comparison_text, no_comparison, reports_disagree, sides_text
from rag.types import Answer, Citation, Document, Passage, Side

_SIZES = (("亿", 10**8), ("万", 10**4))
_MOST_PLACES = 8
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
_OPEN_AMOUNT = re.compile(r"多少？$")
_APART = re.compile(r"分别(?=[是为有]|[^\W\d_])|各自|各(?=[是为有])")
_LEADS_RANKING = re.compile(
    r"^(?:请|把|将|给|对|按照?|依照?|根据|以|[的,，、\s])+|(?:给|对|把|将)$"
)
_NAMES_AMOUNT = re.compile(r"[数量额率度积入值金比重例]$")
_HEADS = (("people", re.compile("人数|人口")), ("households", re.compile("户数")))
_DATE = re.compile(r"(\d{4})\s*(?:年|[-/.])(?:\s*(\d{1,2})\s*(?:月|[-/.])(?:\s*(\d{1,2}))?)?")


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
        places: Those that the shelf has reports about. A question that names none of them but
            asks for the most or for an order is put to all, if they are at most eight.
    """
    known = sorted(set(places))
    text = plain(question)
    mentions = find_mentions(question, known)
    named = tuple(dict.fromkeys(mention.places[0] for mention in mentions))
    if not named and _asks_all(text) and len(known) <= _MOST_PLACES:
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


def _asks_all(text: str) -> bool:
    """True if a question that names no place is about all of them."""
    return bool(
        _SUPERLATIVE.search(text)
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
    questions = tuple(f"{place}{body}{asks}？" for place in places)
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
        if any(_measure(other) == _measure(figure) for other in own)
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
    published = [_published(side, documents) for side in sides]
    short = _result(plan, [side.short for side in sides], published)
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


def _published(side: Answer, documents: Mapping[str, Document]) -> str | None:
    return documents[side.citations[0].document_id].published if side.citations else None


def _in_turn(found: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    """The best passage of each side, then the second of each ..., none twice, ranked anew."""
    depth = max(map(len, found), default=0)
    kept: dict[str, Passage] = {}
    for i in range(depth):
        for each in found:
            if i < len(each):
                kept.setdefault(each[i].chunk.chunk_id, each[i])
    return tuple(replace(passage, rank=rank) for rank, passage in enumerate(kept.values(), 1))


def _result(plan: Comparison, answers: Sequence[str], published: Sequence[str | None]) -> str:
    """The place or places asked for, or the amount; empty if the answers do not fit together."""
    if plan.operation == "each":
        return ""
    if plan.operation in ("falling", "rising"):
        return LIST_SEPARATOR.join(plan.places[i] for i in in_order(plan, answers))
    if plan.operation in ("most", "least"):
        return LIST_SEPARATOR.join(plan.places[i] for i in winners(plan, answers, published))
    return calculate(plan, answers)


def winners(plan: Comparison, answers: Sequence[str], published: Sequence[str | None]) -> list[int]:
    """Which answers (from 0) are the most or the least: several if equal, none if incomparable.

    Args:
        plan: The comparison.
        answers: The answer for each place.
        published: When each answer's report was published, for 今年 and 去年.
    """
    if plan.is_time:
        values = _times(answers, published)
    else:
        values = [(figure.value,) for figure in _amounts(answers, plan.measure)]
    if not values:
        return []
    best = max(values) if plan.operation == "most" else min(values)
    return [number for number, value in enumerate(values) if value == best]


def in_order(plan: Comparison, answers: Sequence[str]) -> list[int]:
    """The answers (from 0) by their amounts; none if they have no unit in common."""
    values = [figure.value for figure in _amounts(answers, plan.measure)]
    return sorted(range(len(values)), key=values.__getitem__, reverse=plan.operation == "falling")


def calculate(plan: Comparison, answers: Sequence[str]) -> str:
    """Sum or difference of the amounts, with their unit; empty if they have none in common.

    A difference the other way round than asked has a minus.
    """
    figures = _amounts(answers, plan.measure)
    if not figures or any(figure.high != figure.value for figure in figures):
        return ""
    values = [figure.value for figure in figures]
    value = sum(values, Decimal(0)) if plan.operation == "sum" else values[0] - values[1]
    written = [figure.number.of(answer) for figure, answer in zip(figures, answers, strict=True)]
    for name, size in _SIZES:
        if all(name in number for number in written):
            return f"{(value / size).normalize():f}{name}{figures[0].unit}"
    return f"{value.normalize():f}{figures[0].unit}"


def _times(answers: Sequence[str], published: Sequence[str | None]) -> list[tuple[Decimal, ...]]:
    """Year, month and day of each answer, as far as all tell them; none if they stay open."""
    found = [_time(answer, day) for answer, day in zip(answers, published, strict=True)]
    told = [tuple(map(Decimal, time)) for time in found if time is not None]
    depth = min(map(len, told), default=0)
    cut = [time[:depth] for time in told]
    differ_below = len(set(cut)) < len(set(told))
    return cut if len(told) == len(answers) and not differ_below else []


def _time(answer: str, published: str | None) -> tuple[int, ...] | None:
    match = _DATE.search(plain(answer))
    if match is not None:
        return tuple(int(part) for part in match.groups() if part)
    present = frozenset({int(published[:4])}) if published else frozenset()
    years = next((period.years for period in find_periods(answer, present)), frozenset())
    return tuple(years) if len(years) == 1 else None


def _amounts(answers: Sequence[str], measure: str | None) -> list[Figure]:
    """The figure of each answer in a unit that all of them have; none without such a unit."""
    given = [find_figures(answer) for answer in answers]
    measures = [measure] if measure else []
    measures += [_measure(figure) for figure in given[0]]
    for wanted in measures:
        chosen = [next((f for f in each if _measure(f) == wanted), None) for each in given]
        if all(chosen):
            return [figure for figure in chosen if figure is not None]
    return []


def _measure(figure: Figure) -> str:
    return "people" if figure.kind == "heads" else figure.kind or figure.unit
