"""Which reports a question is about, told by the places that it names."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from rag.lexical import to_simplified

# Kinds of Chinese regions with their English names and their level: 0 is a province.
_KINDS: dict[str, tuple[int, str]] = {
    "特别行政区": (0, "special administrative region"),
    "自治区": (0, "autonomous region"),
    "自治州": (1, "autonomous prefecture|prefecture|zhou"),
    "自治县": (2, "autonomous county|county"),
    "自治旗": (2, "autonomous banner|banner"),
    "地区": (1, "prefecture|region"),
    "新区": (2, "new area|new district|district"),
    "街道": (3, "subdistrict"),
    "省": (0, "province|sheng"),
    "市": (1, "city|municipality|shi"),
    "区": (2, "district|qu"),
    "县": (2, "county|xian"),
    "旗": (2, "banner|qi"),
    "盟": (1, "league|meng"),
    "州": (1, "prefecture|zhou"),
    "镇": (3, "town|zhen"),
    "乡": (3, "township|xiang"),
    "村": (4, "village|cun"),
}
_ENGLISH_KIND = "|".join(
    sorted({n for _, names in _KINDS.values() for n in names.split("|")}, key=len, reverse=True)
)
# A kind's character that begins another word, as in 某某市场 and 某某区域.
_OTHER_WORD = re.compile("市场|市值|市面|区域|区间|区位|区块|州际|旗下|旗帜|盟友|镇压|村落")
# Peoples in the names of autonomous regions: they are no part of the short name.
_PEOPLE_AT_END = re.compile(
    "(?:各族|(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|"
    "拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|"
    "乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族|"
    "蒙古|回|维吾尔|壮族|哈萨克|柯尔克孜|锡伯|塔吉克|达斡尔)+$"
)
# Names whose English form is not their pinyin.
_ENGLISH_NAMES = {
    "陕西": "shaanxi",
    "内蒙古": "inner mongolia",
    "西藏": "tibet|xizang",
    "香港": "hong kong",
    "澳门": "macau|macao",
    "哈尔滨": "harbin",
    "呼和浩特": "hohhot",
    "乌鲁木齐": "urumqi",
    "拉萨": "lhasa",
}
_MAX_SPELLINGS = 32
NATION = "中国"
"""The place of a report about the whole country."""
_LATIN = re.compile("[A-Za-z]")
_NATION = re.compile(
    r"(?:(?<![占居列在为])全国(?!人大|政协|人民代表|统一|领先|率先|唯一|第|排|首|最|前|先进|[百十劳文重])"
    r"|我国|国务院|中国(?!共产党|特色))"
    r"|\b(?:China(?:'s)?|State Council)(?![A-Za-z])"
)

# How well a mention fits a place: another kind of the same name, no kind, the very kind.
_OTHER_KIND, _SHORT, _FULL = 1, 2, 3


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A stretch `[start, end)` of a question that names one or several places.

    Attributes:
        start: First character.
        end: One past the last character.
        places: The places that fit best: several if they are written alike.
    """

    start: int
    end: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    place: str
    fit: int


def plain(text: str) -> str:
    """`text` half-width, without accents and in simplified Chinese, of the same length."""
    bases = (unicodedata.normalize("NFKD", char) for char in text)
    kept = ("".join(c for c in base if not unicodedata.combining(c)) for base in bases)
    folded = "".join(k if len(k) == 1 else char for k, char in zip(kept, text, strict=True))
    simplified = to_simplified(folded)
    return simplified if len(simplified) == len(text) else folded


@cache
def split_name(place: str) -> tuple[str, str]:
    """The short name and the kind of `place`: 某县 gives 某 and 县; the kind may be empty."""
    kind = next((k for k in _KINDS if place.endswith(k) and len(place) > len(k)), "")
    stem = place.removesuffix(kind)
    if kind.startswith("自治"):
        stem = _PEOPLE_AT_END.sub("", stem) or stem
    return stem, kind


def short_name(place: str) -> str:
    """What texts call `place` for short, of two characters or more: 某县 stays 某县."""
    stem = split_name(place)[0]
    return stem if len(stem) > 1 else place


def level_of(place: str) -> int:
    """How far down `place` is: 0 a province, 1 a city, 2 a county, 3 a town, 4 a village."""
    kind, english = split_name(place)[1], place.lower().split()[-1]
    levels = [lv for k, (lv, names) in _KINDS.items() if k == kind or english in names.split("|")]
    return levels[0] if levels else 2


def find_mentions(question: str, places: Iterable[str]) -> tuple[Mention, ...]:
    """Where `question` names one of `places`, in order of appearance.

    A place is named by its full form, by its short form of two characters or more, or in
    pinyin as whole words, with or without County, District, City, Province ... A region given
    only to say where another one lies (X市Y县, or Y County, X City) is left out.
    """
    text = plain(question)
    known = sorted(set(places))
    matches = [m for place in known for m in (*_in_chinese(text, place), *_in_latin(text, place))]
    mentions = drop_containers(_best_fits(matches), text)
    return tuple(m for m in mentions if m.places != (NATION,)) or mentions


def named_places(question: str, places: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The places that `question` names, each once; alternatives of one name stand together."""
    mentions = find_mentions(question, places)
    certain = {m.places[0] for m in mentions if len(m.places) == 1}
    groups: list[tuple[str, ...]] = []
    for mention in mentions:
        # "Moxian (某县)": an exact mention settles what a spelling leaves open.
        group = tuple(p for p in mention.places if p in certain) or mention.places
        if group not in groups:
            groups.append(group)
    return tuple(groups)


def without_places(question: str, places: Iterable[str]) -> str:
    """`question` without the names of `places`; unchanged if nothing else would be left.

    Once the search keeps to the reports about a place, its name tells passages apart no longer:
    it only draws the query's vector towards passages that repeat it.
    """
    rest = question
    for mention in reversed(find_mentions(question, places)):
        rest = rest[: mention.start] + rest[mention.end :]
    rest = re.sub(r"[(（]\s*[)）]", "", rest)
    return rest if re.search(r"\w", rest) else question


def drop_containers(mentions: Iterable[Mention], text: str) -> tuple[Mention, ...]:
    """`mentions` in order, without the regions that only say where their neighbour lies."""
    ordered = sorted(mentions)
    dropped: set[Mention] = set()
    for first, second in itertools.pairwise(ordered):
        between = text[first.end : second.start]
        levels = level_of(first.places[0]), level_of(second.places[0])
        if not between and levels[0] < levels[1]:
            dropped.add(first)
        elif re.fullmatch(r"\s*[,(]\s*|\s+(?:in|of)\s+", between) and levels[0] > levels[1]:
            dropped.add(second)
    return tuple(m for m in ordered if m not in dropped)


def _best_fits(matches: Iterable[_Match]) -> list[Mention]:
    # The longest and most exact match takes its stretch; equals share it.
    taken: dict[tuple[int, int], tuple[int, list[str]]] = {}
    for match in sorted(matches, key=lambda m: (m.start - m.end, -m.fit, m.start, m.place)):
        span = match.start, match.end
        if span in taken:
            fit, names = taken[span]
            if fit == match.fit and match.place not in names:
                names.append(match.place)
        elif not any(span[0] < end and start < span[1] for start, end in taken):
            taken[span] = match.fit, [match.place]
    return [Mention(*span, tuple(names)) for span, (_, names) in taken.items()]


def _in_chinese(text: str, place: str) -> Iterator[_Match]:
    if place == NATION:
        for nation in _NATION.finditer(text):
            yield _Match(nation.start(), nation.end(), place, _FULL)
        return
    stem, kind = split_name(plain(place))
    for full in re.finditer(re.escape(plain(place)), text):
        yield _Match(full.start(), full.end(), place, _FULL)
    if len(stem) < 2 or stem.isascii():
        return
    for short in re.finditer(re.escape(stem), text):
        tail = text[short.end() :]
        follows = "" if _OTHER_WORD.match(tail) else _kind_at(tail)
        other = _OTHER_KIND if follows and kind else _SHORT
        fit = _FULL if follows and kind.endswith(follows) else other
        yield _Match(short.start(), short.end() + len(follows), place, fit)


def _kind_at(text: str) -> str:
    return next((kind for kind in _KINDS if text.startswith(kind)), "")


def _in_latin(text: str, place: str) -> Iterator[_Match]:
    # Without a letter the text names nothing in pinyin, whose tables take a third of a second.
    if place == NATION or not _LATIN.search(text):
        return
    stem, kind = split_name(plain(place))
    pattern = _latin_pattern(stem, is_autonomous=kind.startswith("自治"))
    for match in pattern.finditer(text) if pattern else ():
        word = (match["kind"] or "").lower()
        if not word and not _may_stand_alone(stem, match["name"], text):
            continue
        end = match.end() if word else match.end("name")
        same = word in _KINDS[kind][1].split("|") if kind else False
        yield _Match(match.start(), end, place, _FULL if same else _OTHER_KIND if word else _SHORT)


def _may_stand_alone(stem: str, name: str, text: str) -> bool:
    # A lone syllable, or small letters in a text that has capitals, is rather a common word.
    return len(stem) > 1 and (name[0].isupper() or text.islower())


@cache
def _latin_pattern(stem: str, *, is_autonomous: bool) -> re.Pattern[str] | None:
    spellings = sorted(_spellings(stem), key=len, reverse=True)
    if not spellings:
        return None
    peoples = r"(?:[A-Z]\w+\s+){0,3}?" if is_autonomous else ""
    return re.compile(
        rf"(?<![A-Za-z])(?P<name>{'|'.join(spellings)})(?![A-Za-z])"
        rf"(?:[\s-]+{peoples}(?P<kind>{_ENGLISH_KIND})(?![A-Za-z]))?",
        re.IGNORECASE,
    )


def _spellings(stem: str) -> set[str]:
    """Regular expressions of the ways to write `stem` in Latin letters."""
    if stem in _ENGLISH_NAMES:
        return set(_ENGLISH_NAMES[stem].split("|"))
    if not re.fullmatch("[\u3400-\u9fff]+", stem):
        return set()
    from pypinyin import Style, pinyin

    readings = pinyin(stem, style=Style.NORMAL, heteronym=True)
    combined = itertools.islice(itertools.product(*readings), _MAX_SPELLINGS)
    # ü is written v, u, yu or (without its dots, see `plain`) u.
    return {r"[\s'’-]?".join(s.replace("v", "(?:v|u|yu)") for s in word) for word in combined}
