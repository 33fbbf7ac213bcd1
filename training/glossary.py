"""Word lists for made-up questions: Chinese synonyms, Chinese-English glosses, romanised names."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from pypinyin import lazy_pinyin

from rag.crosslingual import load_glossary

_FOLDER = Path(__file__).parent / "lexicon"

_SUFFIXES = {
    "自治区": "Autonomous Region",
    "自治州": "Autonomous Prefecture",
    "自治县": "Autonomous County",
    "街道": "Subdistrict",
    "社区": "Community",
    "新区": "New Area",
    "省": "Province",
    "市": "City",
    "州": "Prefecture",
    "县": "County",
    "区": "District",
    "旗": "Banner",
    "镇": "Town",
    "乡": "Township",
    "村": "Village",
}
_PEOPLES = {
    "土家": "Tujia",
    "哈尼": "Hani",
    "傈僳": "Lisu",
    "布依": "Buyi",
    "蒙古": "Mongol",
    "拉祜": "Lahu",
    "纳西": "Naxi",
    "仡佬": "Gelao",
    "维吾尔": "Uygur",
    "朝鲜": "Korean",
    "藏": "Tibetan",
    "彝": "Yi",
    "回": "Hui",
    "苗": "Miao",
    "壮": "Zhuang",
    "侗": "Dong",
    "瑶": "Yao",
    "傣": "Dai",
    "白": "Bai",
    "满": "Manchu",
    "黎": "Li",
    "畲": "She",
    "羌": "Qiang",
    "佤": "Wa",
    "水": "Shui",
}
_PLACE_PART = re.compile(r".+?(?:" + "|".join(_SUFFIXES) + r")(?![县市区州镇乡村])|.+$")
_PEOPLE = re.compile("(" + "|".join(_PEOPLES) + ")族")


@dataclass(frozen=True, slots=True)
class Gloss:
    """One Chinese term: its English glosses and its class (v, n, a, u, p or o)."""

    term: str
    english: tuple[str, ...]
    word_class: str


def _rows(name: str) -> list[list[str]]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def load_glosses() -> dict[str, Gloss]:
    """Chinese term -> gloss, for every term but measure words and those only searched."""
    return {
        entry.term: Gloss(entry.term, entry.english, entry.word_class)
        for entry in load_glossary()
        if entry.word_class not in ("u", "s")
    }


@cache
def load_units() -> dict[str, str]:
    """Chinese measure word or unit -> English plural."""
    return {entry.term: entry.english[0] for entry in load_glossary() if entry.word_class == "u"}


@cache
def load_synonyms() -> dict[str, tuple[str, ...]]:
    """Chinese word -> the other words of the first group whose most usual word it is.

    A word that leads no group gets the others of the first group that holds it.
    """
    table: dict[str, tuple[str, ...]] = {}
    groups = _rows("synonyms.tsv")
    for group in groups:
        table.setdefault(group[0], tuple(group[1:]))
    for group in groups:
        for word in group[1:]:
            table.setdefault(word, tuple(other for other in group if other != word))
    return table


def _capitalised_pinyin(text: str) -> str:
    return "".join(lazy_pinyin(text)).capitalize()


def _romanise_part(part: str) -> str:
    gloss = load_glosses().get(part)
    if gloss is not None and gloss.word_class in "po":
        return gloss.english[0]
    suffix = next((s for s in _SUFFIXES if part.endswith(s) and len(part) > len(s)), "")
    stem = part.removesuffix(suffix)
    peoples = [_PEOPLES[name] for name in _PEOPLE.findall(stem)]
    words = [_capitalised_pinyin(_PEOPLE.sub("", stem)), *peoples, _SUFFIXES.get(suffix, "")]
    return " ".join(word for word in words if word)


def romanise_place(place: str) -> str:
    """The place as an English reader writes it, smallest part first.

    `Anping County, Hebei Province` is an example.
    """
    parts = _PLACE_PART.findall(place)
    return ", ".join(_romanise_part(part) for part in reversed(parts))


def romanise_name(name: str) -> str:
    """A person's or a thing's name in pinyin, family name apart: `Wang Xiaoming`."""
    if len(name) in (2, 3):
        return f"{_capitalised_pinyin(name[:1])} {_capitalised_pinyin(name[1:])}"
    return _capitalised_pinyin(name)


def with_chinese(english: str, chinese: str, rng: Random, share: float) -> str:
    """The English name, in this share of cases followed by the Chinese one in brackets."""
    return f"{english} ({chinese})" if rng.random() < share else english
