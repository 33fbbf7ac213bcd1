"""Answers that a question could ask for: figures, dates, names, lists and clauses in a sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import jieba.posseg

from rag.types import Span


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a sentence that a question can ask for.

    Attributes:
        kind: `number`, `money`, `percent`, `double`, `rank`, `date`, `title`, `slogan`, `list`,
            `how`, `why`, `means`, `place`, `org` or `person`.
        span: The answer's characters in the sentence.
        hole: The characters that the question word replaces; holds `span`.
        unit: The unit of a number, the kind of a named thing, or `户/人` of a double figure.
        rest: What the question keeps, where it is not simply the clause around the hole.
    """

    kind: str
    span: Span
    hole: Span
    unit: str = ""
    rest: Span | None = None


_UNITS = (
    "平方公里|平方千米|平方米|立方米|公里|千米|厘米|毫米|公顷|公斤|千克|千瓦时|千瓦|兆瓦|万千瓦|人次|例次|户次"
    "|个百分点|户|人|名|位|个|所|座|家|项|件|套|台|辆|条|亩|吨|次|天|岁|支|期|场|批|口|倍|处|间|栋|幢|株|头|只"
    "|羽|尾|款|部|篇|本|册|张|枚|艘|架|列|节|种|类|轮|对|双|宗|起|例|届|门|级|层|小时|分钟|个月|米|克|字|袋|斤|盏|块"
)
_FIGURE = r"\d[\d,，]*(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?P<about>近|逾|超|超过|约)?(?P<digits>{_FIGURE})(?P<scale>万亿|千万|百万|十万|万|亿|千)?(?P<more>多|余)?"
    rf"(?P<unit>元|美元|港元|欧元|{_UNITS})(?P<after>以上|以下|左右|以内)?"
)
_PERCENT = re.compile(rf"{_FIGURE}[%％‰](?:以上|以下|左右|以内)?")
_RANK = re.compile(r"第(?:\d+|[一二三四五六七八九十]+)(?P<unit>位|名|批|届|次|大|个|家|季度)?")
_DATE = re.compile(
    r"(?:19|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?(?:至(?:\d{1,2}月)?\d{1,2}日)?|底|初|末)?"
    r"|\d{1,2}月\d{1,2}日(?:至(?:\d{1,2}月)?\d{1,2}日)?"
    r"|每(?:年|月|周|星期)(?:第[一二三四]周)?(?:的)?(?:星期|周)?[一二三四五六日末](?:晚上?|上午|下午)?"
    r"|(?:今年|去年|当年)\d{1,2}月(?:\d{1,2}日)?"
)
_TITLE = re.compile(r"《[^》]{2,40}》")
_QUOTED = re.compile(r"[“\"]([^“”\"，。]{2,20})[”\"]")
_QUOTED_RUN = re.compile(r"(?:[“][^“”，。]{1,16}[”][、和及]?){2,}")
_LISTED = re.compile(
    r"[^，。；：:、,;（）()\s]{1,24}(?:、[^，。；：:、,;\s]{1,16})+(?:[和及与][^，。；：:、,;\s]{1,14}|以及[^，。；：:、,;\s]{1,14})?"
)
_JOINT = re.compile("、|以及|[和及与]")
_CLAUSE_STARTS = "，。；：:,;（(“"
_THROUGH = re.compile(
    r"(?P<mark>通过|采取|采用|依托|按照|围绕|利用|运用|借助|推行|实行|探索|(?:^|(?<=[，。；,;：:]))以)"
    r"(?P<means>[^。；;！？，,、：:][^。；;！？，,：:]{4,50}?)(?<!的)"
    r"(?P<tail>等?的?(?:方式|办法|措施|模式|形式|手段|途径|机制|方法|原则|程序|要求|思路|路径))"
)
_BY_CLAUSE = re.compile(
    r"(?:^|(?<=[，。；,;：:]))(?P<means>(?:通过|采取|依托|利用|运用|借助|按照|围绕)[^，。；,;：:]{6,50})[，,]"
    r"(?P<rest>[^。；;！？]{6,50})"
)
_WHY = re.compile(
    r"(?P<mark>由于|因为|(?<!有)针对|为了|(?:^|(?<=[，。；,;：:]))(?:因(?!地制宜|此|而|势|材|人|时)|为(?=解决|防止|避免|确保|保障|巩固"
    r"|推动|促进|提高|提升|加强|落实|方便|破解|鼓励|支持|规范|打通|实现|帮助|满足|应对|减轻|激发)))(?P<means>[^，。；,;：:]{5,40}?)(?P<tail>等?(?:的)?(?:问题|影响|原因|情况|需要)?)"
    r"[，,](?P<rest>[^，。；,;：:]{6,50})"
)
_EFFECT = re.compile(
    r"(?P<rest>[^，。；,;：:]{8,40})[，,](?P<means>(?:有效|切实|大大|极大|显著|进一步|确保|实现|避免|解决|缓解|降低|增强|推动|促进|带动)"
    r"了?[^。；;！？]{6,40})"
)
_ORG_SUFFIX = (
    "有限公司|公司|医院|学校|中学|小学|大学|学院|研究院|研究所|中心|委员会|局|厅|署|银行|协会|集团|基地|社区"
    "|合作社|工业园|产业园|开发区|机场|车站|水库|大桥|公园|街道|镇|乡|村"
)
_NO_NAMES = frozenset(
    ("农村", "乡村", "新村", "大局", "格局", "布局", "结局", "全局", "当局", "中心", "基地", "城乡")
)
_BEFORE_NAME = re.compile(
    r"(?:书记|主任|县长|市长|省长|区长|镇长|村长|局长|部长|总理|主席|教授|院长|校长|医生|记者|村民|居民|患者|户主|经理"
    r"|老师|董事长|总裁|队长|先生|女士|导演|演员|作家|专家|学者|同志|选手|教练|户)$"
)
_SAYS = re.compile(r"(?:说|表示|介绍|认为|告诉|指出|强调|坦言|感慨|称|主持|率队|带领|出席)")
_NAME_TAGS = ("n", "ns", "nr", "nt", "nz", "j", "b", "eng", "nrt", "nrfg", "s")
_LIST_TAGS = ("n", "ns", "nr", "nt", "nz", "j", "b", "vn", "an", "l", "i", "eng", "nrt", "nrfg")


def find_items(sentence: str, *, names: bool = True) -> list[Item]:
    """Every item of a sentence, figures first; items may overlap.

    Args:
        sentence: One sentence.
        names: Whether to look for names of people, places and organisations, which is slow.
    """
    return [
        *_figures(sentence),
        *_dates(sentence),
        *_quoted(sentence),
        *_lists(sentence),
        *_clauses(sentence),
        *(_names(sentence) if names else ()),
    ]


def _figures(sentence: str) -> Iterator[Item]:
    found = [m for m in _NUMBER.finditer(sentence) if not _inside_word(sentence, m.start())]
    for match in found:
        span = Span(*match.span())
        kind = "money" if match["unit"].endswith("元") else "number"
        unit = match["unit"] if kind == "number" else (match["scale"] or "") + match["unit"]
        yield Item(kind, span, span, unit)
    for first, second in pairwise(found):
        if second.start() - first.end() <= 1 and first["unit"] != second["unit"]:
            between = sentence[first.end() : second.start()]
            if between in ("", "、", ",", "，") and first["unit"] in "户个家所批名项处座":
                span = Span(first.start(), second.end())
                yield Item("double", span, span, f"{first['unit']}/{second['unit']}")
    for match in _PERCENT.finditer(sentence):
        span = Span(*match.span())
        yield Item("percent", span, span)
    for match in _RANK.finditer(sentence):
        if match["unit"] in ("位", "名") or sentence[match.start() - 2 : match.start()] in (
            "排名",
            "居全",
            "列全",
        ):
            span = Span(*match.span())
            yield Item("rank", span, span, match["unit"] or "")


def _inside_word(sentence: str, start: int) -> bool:
    """True where the digits go on to the left, or belong to a date or a numbered name."""
    before = sentence[max(0, start - 1) : start]
    return (
        before.isdigit()
        or before in (".", "第", "-", "+", "/")
        or (before.isascii() and (before.isalpha()))
    )


def _dates(sentence: str) -> Iterator[Item]:
    for match in _DATE.finditer(sentence):
        span = Span(*match.span())
        yield Item("date", span, span, "年" if match.group().endswith("年") else "")


def _quoted(sentence: str) -> Iterator[Item]:
    for match in _TITLE.finditer(sentence):
        span = Span(*match.span())
        yield Item("title", span, span)
    for match in _QUOTED.finditer(sentence):
        if match.end() < len(sentence) and sentence[match.end()] in '“"':
            continue
        yield Item("slogan", Span(*match.span(1)), Span(*match.span()))
    for match in _QUOTED_RUN.finditer(sentence):
        end = match.end() - (sentence[match.end() - 1] in "、和及")
        span = Span(match.start(), end)
        yield Item("list", span, span, str(match.group().count("“")))


def _lists(sentence: str) -> Iterator[Item]:
    for match in _LISTED.finditer(sentence):
        if "“" in match.group() or any(c.isdigit() for c in match.group()):
            continue
        span = _list_span(sentence, match)
        span = None if span is None else _parallel(sentence, span)
        if span is not None and len(span) <= 60:
            yield Item("list", span, span, str(len(_JOINT.split(span.of(sentence)))))


def _parallel(sentence: str, span: Span) -> Span | None:
    """The list without a verb that governs all of it; None if its items are not of one kind.

    `开展巡回医疗、移动医疗` lists two kinds of 医疗; `察实情、出实招` lists two deeds.
    """
    words = [jieba.posseg.lcut(item) for item in _JOINT.split(span.of(sentence))]
    if not all(words) or any(word.flag == "p" for item in words for word in item):
        return None
    deeds = [_is_verb(item[0].flag) for item in words]
    start, first = span.start, list(words[0])
    if not any(deeds[1:]):
        while first and (_is_verb(first[0].flag) or first[0].flag in ("d", "ad")):
            start += len(first.pop(0).word)
    elif not all(deeds):
        return None
    lengths = [sum(len(word.word) for word in item) for item in (first, *words[1:])]
    is_even = min(lengths) >= 2 and max(lengths) <= 2 * min(lengths) + 3
    is_closed = sentence[span.end : span.end + 1] == "等"
    is_whole = start == 0 or sentence[start - 1] in _CLAUSE_STARTS or start > span.start
    return Span(start, span.end) if is_even and (is_whole or is_closed or len(words) > 2) else None


def _is_verb(flag: str) -> bool:
    return flag.startswith("v") and flag != "vn"


def _list_span(sentence: str, match: re.Match[str]) -> Span | None:
    """The listed things without what stands before the first and after the last of them."""
    parts = match.group().split("、")
    starts_clause = match.start() == 0 or sentence[match.start() - 1] in _CLAUSE_STARTS
    middle = {len(part) for part in parts[1:-1]}
    first = parts[0]
    if len(middle) == 1 and len(parts) >= 3 and len(first) >= min(middle):
        first_length = min(middle)
    elif starts_clause and len(first) <= max((len(p) for p in parts[1:-1]), default=4) + 2:
        first_length = len(first)
    else:
        first_length = _noun_tail(first)
    last_length = _last_length(parts[-1])
    if not first_length or not last_length:
        return None
    start = match.start() + len(first) - first_length
    return Span(start, match.start() + len(match.group()) - len(parts[-1]) + last_length)


def _noun_tail(text: str) -> int:
    """Characters of the run of nouns at the end of `text`."""
    length = 0
    for word in reversed(list(jieba.posseg.lcut(text))):
        if word.flag not in _LIST_TAGS:
            break
        length += len(word.word)
    return length


def _last_length(last: str) -> int:
    """Characters of the last thing listed: up to 等, or its run of nouns."""
    if "等" in last:
        return last.index("等")
    joined = re.match(r".+?(?:和|以及|及|与)", last)
    kept = joined.end() if joined else 0
    for word in jieba.posseg.lcut(last[kept:]):
        if word.flag not in _LIST_TAGS:
            break
        kept += len(word.word)
    return kept if kept > (joined.end() if joined else 0) else 0


def _clauses(sentence: str) -> Iterator[Item]:
    for match in _THROUGH.finditer(sentence):
        yield Item(
            "how",
            Span(match.start("means"), match.end("means")),
            Span(match.start("means"), match.end("means")),
            match["tail"].strip("等的"),
        )
    for match in _BY_CLAUSE.finditer(sentence):
        yield Item(
            "means",
            Span(*match.span("means")),
            Span(*match.span("means")),
            "",
            Span(*match.span("rest")),
        )
    for match in _WHY.finditer(sentence):
        yield Item(
            "why",
            Span(match.start("means"), match.end("tail")),
            Span(*match.span()),
            match["mark"],
            Span(*match.span("rest")),
        )
    for match in _EFFECT.finditer(sentence):
        yield Item(
            "effect",
            Span(*match.span("means")),
            Span(*match.span("means")),
            "",
            Span(*match.span("rest")),
        )


def _names(sentence: str) -> Iterator[Item]:
    words, offset = [], 0
    for word in jieba.posseg.lcut(sentence):
        words.append((word.word, word.flag, offset))
        offset += len(word.word)
    for i, (word, flag, start) in enumerate(words):
        if flag == "nr" and _is_person(sentence, Span(start, start + len(word))):
            yield Item("person", Span(start, start + len(word)), Span(start, start + len(word)))
        suffix = _suffix(word)
        if suffix is None or (i + 1 < len(words) and words[i + 1][1] in ("n", "nz", "nt")):
            continue
        first = i
        while first > 0 and words[first - 1][1] in _NAME_TAGS and i - first < 5:
            first -= 1
        span = Span(words[first][2], start + len(word))
        if first < i and 3 <= len(span) <= 24:
            kind = "place" if suffix in ("镇", "乡", "村", "街道", "社区") else "org"
            yield Item(kind, span, span, suffix)


def _is_person(sentence: str, span: Span) -> bool:
    """True where a title stands before the name or a verb of saying behind it."""
    before, after = sentence[: span.start], sentence[span.end :]
    return 2 <= len(span) <= 4 and bool(_BEFORE_NAME.search(before) or _SAYS.match(after))


def _suffix(word: str) -> str | None:
    if word in ("镇", "村", "乡"):
        return word
    if word in _NO_NAMES:
        return None
    match = re.search(rf"(?:{_ORG_SUFFIX})$", word)
    return match.group() if match and len(word) > 1 else None
