"""Follow-up questions as they would be asked alone: place, year and indicator carried over.

`那乙县呢？`, `其中2019年呢？`, `它的面积多大？` cannot be searched as they stand. What they leave
out is taken from the question before, by rules, so that the same words always mean the same.
"""

import re
from collections.abc import Iterable, Sequence

from rag.periods import find_periods
from rag.places import Mention, find_mentions, plain
from rag.queries import is_foreign
from rag.types import Document, Span
from rag.unknown_places import unknown_places

_LEAD = r"(?:那么|那|其中|然后|还有|以及|另外|此外|至于|换成|如果是|若是|再问一?下|请问|和|在|到)"
_TAIL = r"(?:的话|的情况|情况|方面|又|呢|如何|怎么样|怎样|是多少|多少|吗|啊|吧|的)"
_NOTHING = re.compile(rf"^(?:{_LEAD}|{_TAIL}|[\s,，、。？?!！:：（）()])*$")
_NOTHING_ENGLISH = re.compile(
    r"^(?:\b(?:and|what|how|about|in|for|of|the|year|then|by|is|it|with|but|same|question)\b|[\s,.?!'’]|s\b)*$",
    re.IGNORECASE,
)
_CONNECTS = re.compile(
    rf"^(?:{_LEAD}|同期|其)|呢[？?]?\s*$|^\s*(?:and|what about|how about)\b", re.IGNORECASE
)
_PLACE_WORD = re.compile(
    r"它们?(?:那里|那儿)?|[该此][县区市镇乡村省州]|[这那]个?[县区市镇乡村省州]"
    r"|(?:当|那|这)(?:地|里|儿)(?!方)"
    r"|\b(?:(?:that|this|the) (?:county|district|city|town|village|province|place)"
    r"|there|its|it|they|their)\b",
    re.IGNORECASE,
)
_ENGLISH_FORMS = {"there": "in {}", "its": "{}'s", "their": "{}'s"}
_BARE_YEAR = re.compile(r"(?<![\w.-])(?:19|20)\d{2}(?![\w.-]|,\d)")
_TIME_WORD = re.compile(r"同年|当年|[这那]一?年|同期|\b(?:that|the same) year\b", re.IGNORECASE)
_ACROSS = re.compile(
    r"[哪各每](?:一?[个些几])?(?:[县区市镇乡村省州]|报告|地方|地区)|所有|全国|全省|全市"
    r"|[一二两三四五六七八九十\d]+个?(?:县|区|县区)"
    r"|\b(?:which|all|every|each) (?:county|counties|districts?|reports?|places?)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:多少|几)(?:万|亿)?(?:个百分点|平方公里|公里|人次|[个户人名元亩吨座所家条项支件辆斤村岁])?"
)
_AMOUNT = re.compile(rf"^(?:{_LEAD}|有|[\s,，])*(?P<asked>(?:多少|几)\S{{1,4}}?)(?:呢)?[？?]?\s*$")
_COUNTED = re.compile(
    rf"^(?:{_LEAD}|[\s,，])*(?P<unit>[户人])(?:口)?数(?:量)?(?:呢|是多少|有多少)?[？?]?\s*$"
)


def standalone(question: str, earlier: Sequence[str], documents: Iterable[Document]) -> str:
    """`question` as it would be asked without the conversation; itself if it stands alone.

    Args:
        question: As asked.
        earlier: The questions before, as they were understood, oldest first.
        documents: The shelf; its places, and places that are on no shelf, are recognised.
    """
    if not earlier:
        return question
    shelf = tuple(documents)
    now, before = _Parts(question, shelf), _Parts(earlier[-1], shelf)
    if now.is_bare:
        return _substituted(before, now)
    asked = _AMOUNT.match(question) or _COUNTED.match(question)
    if asked is not None and not now.places and _ASKED.search(before.text):
        new = asked.groupdict().get("asked") or f"多少{asked['unit']}"
        return _ASKED.sub(new, before.text, count=1)
    return _completed(now, before)


class _Parts:
    """A question and where it names places and times."""

    def __init__(self, text: str, documents: Sequence[Document]) -> None:
        self.text = text
        known = find_mentions(text, [d.place for d in documents if d.place])
        strangers = [
            Mention(text.find(name), text.find(name) + len(name), (name,))
            for name in unknown_places(text, documents)
            if name in text
        ]
        self.places = sorted([*known, *strangers])
        named = [
            period.span
            for period in find_periods(plain(text))
            if any(c.isdigit() for c in period.span.of(text)) or period.span.of(text).endswith("年")
        ]
        bare = _BARE_YEAR.finditer(text) if is_foreign(text) and not named else ()
        self.times = named or [Span(*match.span()) for match in bare]

    @property
    def is_bare(self) -> bool:
        """True if there is a place or a time and nothing else."""
        spans = [Span(m.start, m.end) for m in self.places] + self.times
        rest = _cut(self.text, spans)
        nothing = _NOTHING_ENGLISH if is_foreign(self.text) else _NOTHING
        return bool(spans) and nothing.match(rest) is not None

    def named(self, spans: Sequence[Span]) -> str:
        """From the first of the spans to the end of the last."""
        return self.text[spans[0].start : spans[-1].end]

    @property
    def place_spans(self) -> list[Span]:
        return [Span(mention.start, mention.end) for mention in self.places]


def _substituted(before: _Parts, now: _Parts) -> str:
    """The question before with the place and the time of this one."""
    edits: list[tuple[Span, str]] = []
    if now.places:
        new = now.named(now.place_spans)
        if before.places:
            last = before.places[-1]  # of several that were compared, the others stay
            edits.append((Span(last.start, last.end), new))
        else:
            edits.append((Span(0, 0), _in_front(new, before.text)))
    if now.times:
        new = now.named(now.times)
        if before.times:
            edits.append((Span(before.times[0].start, before.times[-1].end), new))
        else:
            place = before.places[-1].end if before.places and not is_foreign(before.text) else None
            edits.append(_time_edit(before.text, new, place))
    return _edited(before.text, edits)


def _time_edit(text: str, time: str, behind: int | None) -> tuple[Span, str]:
    if is_foreign(text):
        end = len(text.rstrip(" ?？"))
        return Span(end, end), f" in {time}" if _BARE_YEAR.fullmatch(time) else f" {time}"
    at = behind or 0
    return Span(at, at), time


def _completed(now: _Parts, before: _Parts) -> str:
    """This question with the place, and where it goes on, the time of the one before."""
    text = now.text
    if before.places and not now.places and not _ACROSS.search(text):
        place = before.named(before.place_spans)
        word = _PLACE_WORD.search(text)
        if word is not None:
            said = _ENGLISH_FORMS.get(word.group().lower(), "{}").format(place)
            text = f"{text[: word.start()]}{said}{text[word.end() :]}"
        else:
            text = _with_place(text, place)
    if before.times and not now.times:
        word = _TIME_WORD.search(text)
        if word is not None:
            text = f"{text[: word.start()]}{before.named(before.times)}{text[word.end() :]}"
        elif _CONNECTS.search(now.text) and not is_foreign(text):
            text = f"{before.named(before.times)}{text}"
    return text


def _with_place(text: str, place: str) -> str:
    lead = re.match(rf"^(?:{_LEAD}[,，]?)*", text)
    assert lead is not None
    if is_foreign(text):
        end = len(text.rstrip(" ?？"))
        return f"{text[:end]} in {place}{text[end:]}"
    return f"{place}{text[lead.end() :]}"


def _in_front(place: str, text: str) -> str:
    return f"{place}: " if is_foreign(text) else place


def _cut(text: str, spans: Sequence[Span]) -> str:
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + text[span.end :]
    return text


def _edited(text: str, edits: Sequence[tuple[Span, str]]) -> str:
    for span, new in sorted(edits, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text
