"""Where an answer begins and ends: what the reader's span lacks or has too much of.

Every function takes a span of a passage and gives another span of the same passage, so an answer
keeps the passage's own characters and its place.
"""

import re
from collections.abc import Iterable, Sequence

from rag.figures import Figure
from rag.reader.kinds import wanted_kinds
from rag.types import Span

_CLAUSE_END = re.compile(r"[，。；：！？!?;\n]|(?<!\d)[,:]|[,:](?!\d)")
_LOOSE = " \t\n\u3000,，。.;；、:：!！?？"
_ASKED_HEAD = re.compile(
    r"(?:什么|哪一?[个项部种家条])(?P<head>[\u3400-\u9fff]{2,4}?)(?=[？?，,。来呢]|$)"
)
_COMMA = re.compile(r"[、，；]|,(?!\d)")
_ASKS_NAME = re.compile("谁|叫什么|什么名字|姓名|名叫")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤"
)
# The last character of a name, with what follows one: words of speaking, marks.
_NAME_END = re.compile(
    r"(?![说道讲称谈问答笑想等和与及在从到对为把被将是有也都就的地得了])[\u3400-\u9fff]"
    r"(?=说|表示|介绍|告诉|坦言|感慨|感叹|回忆|高兴|激动|同志|一家|夫妇|[，。、：；！？,:;!?）)”])"
)
_PAIRS = tuple(zip("“‘《「(（【[", "”’》」)）】]", strict=True))


def settle(passage: str, figures: Sequence[Figure], question: str, span: Span) -> Span:
    """`span` with whole names, quotes and units, without loose ends and figures of another kind.

    Args:
        passage: The text.
        figures: Its figures, as `find_figures` gives them.
        question: Decides on the kind of figure.
        span: What the reader points at.
    """
    span = with_name(passage, question, with_head(passage, question, span))
    whole = with_units(figures, with_partners(passage, span))
    return narrow_to_kind(passage, figures, question, trim(passage, whole))


def whole_clause(passage: str, span: Span) -> Span:
    """`span` out to the marks that end the clauses it stands in: evidence needs its predicate."""
    ends = [match.start() for match in _CLAUSE_END.finditer(passage)]
    start = max((end + 1 for end in ends if end < span.start), default=0)
    end = min((end for end in ends if end >= span.end), default=len(passage))
    return trim(passage, Span(start, end))


def with_head(passage: str, question: str, span: Span) -> Span:
    """`span` with the noun behind it that the question asks for: `什么规划` wants 规划, too."""
    asked = _ASKED_HEAD.search(question)
    if asked is None or asked["head"] in span.of(passage):
        return span
    is_next = passage.startswith(asked["head"], span.end)
    return Span(span.start, span.end + len(asked["head"])) if is_next else span


def with_name(passage: str, question: str, span: Span) -> Span:
    """`span` with the third character of a person's name: `李长` of `李长见说` is none."""
    name = span.of(passage)
    is_cut = len(name) == 2 and name[0] in _SURNAMES and _NAME_END.match(passage, span.end)
    return Span(span.start, span.end + 1) if is_cut and _ASKS_NAME.search(question) else span


def with_partners(passage: str, span: Span) -> Span:
    """`span` with the quote or bracket next to it whose partner it holds."""
    start, end = span.start, span.end
    inside = span.of(passage)
    for opening, closing in _PAIRS:
        is_opened_before = start > 0 and passage[start - 1] == opening
        if is_opened_before and _is_missing(opening, closing, inside):
            start -= 1
        is_closed_behind = end < len(passage) and passage[end] == closing
        if is_closed_behind and _is_missing(closing, opening, inside[::-1]):
            end += 1
    return Span(start, end)


def _is_missing(partner: str, mark: str, text: str) -> bool:
    """True if the first `mark` of `text` has no `partner` before it."""
    return mark in text and partner not in text[: text.index(mark)]


def with_units(figures: Iterable[Figure], span: Span) -> Span:
    """`span` with the rest of the figure whose number it ends with: `12` becomes `12户`."""
    for figure in figures:
        if span.start <= figure.number.start and figure.number.end <= span.end < figure.span.end:
            return Span(span.start, figure.span.end)
    return span


def narrow_to_kind(passage: str, figures: Iterable[Figure], question: str, span: Span) -> Span:
    """The one figure asked for, where `span` is several: of `12户31人` the people.

    They touch, or a comma parts them.
    """
    wanted = wanted_kinds(question)
    within = [f for f in figures if span.start <= f.span.start and f.span.end <= span.end]
    borders = [span.start, *(f.span.end for f in within)]
    touching = borders == [*(f.span.start for f in within), span.end]
    asked = [figure for figure in within if figure.kind in wanted]
    if len(wanted) != 1 or len(within) < 2 or len(asked) != 1:
        return span
    before = passage[span.start : asked[0].span.start]
    behind = passage[asked[0].span.end : span.end]
    is_apart = (not before or _COMMA.search(before)) and (not behind or _COMMA.match(behind))
    return asked[0].span if touching or is_apart else span


def trim(passage: str, span: Span) -> Span:
    """`span` without the punctuation at its ends, and without half a pair of quotes or brackets."""
    start, end = span.start, span.end
    while start < end and (passage[start] in _LOOSE or _lacks_partner(passage, start, end, start)):
        start += 1
    while start < end and (
        passage[end - 1] in _LOOSE or _lacks_partner(passage, start, end, end - 1)
    ):
        end -= 1
    return Span(start, end)


def _lacks_partner(passage: str, start: int, end: int, place: int) -> bool:
    """True if the bracket or quote at `place` has no partner in `passage[start:end]`."""
    for opening, closing in _PAIRS:
        if passage[place] == opening:
            return closing not in passage[place + 1 : end]
        if passage[place] == closing:
            return opening not in passage[start:place]
    return False
