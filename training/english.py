"""English questions over Chinese clauses, made from a glossary and frames.

The questions are readable keywords in the order of an English question, not translations: they
teach the reader that an English question can be answered by a Chinese passage.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

import jieba
import jieba.posseg

from training.english_frames import FRAMES
from training.glossary import (
    Gloss,
    load_glosses,
    load_units,
    romanise_name,
    romanise_place,
    with_chinese,
)

_MIN_CONTENT_WORDS = 2
_MAX_NOUNS = 3
_MAX_MERGED_TOKENS = 4
_BREAK = re.compile(r"[，,。；;：:！？!?\n]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_UNIT = re.compile(r"[\d.,，．%]*[余多]?(\D+)$")
_PLURAL = re.compile(r"(?:[^s]s|people|women|children|cattle|staff|police|talents)$")
_JOINER = frozenset("、和与及")

# Verbs that English does not use in the passive: kept out of "was ..." frames.
_CHANGE_BASES = {
    "grown": "grow",
    "increased": "increase",
    "risen": "rise",
    "fallen": "fall",
    "decreased": "decrease",
    "raised": "increase",
    "reduced": "decrease",
    "lowered": "decrease",
    "doubled": "increase",
    "recovered": "recover",
    "improved": "improve",
}
_ACTIVE_ONLY = frozenset(
    [
        "grown",
        "increased",
        "risen",
        "fallen",
        "decreased",
        "reached",
        "exceeded",
        "happened",
        "came",
        "died",
        "left",
        "had",
        "accounted",
        "arrived",
        "broke",
        "became",
        "belonged",
        "involved",
        "benefited",
        "took",
        "said",
        "thought",
        "served",
        "qualified",
        "returned",
        "worked",
        "missing",
        "responsible",
        "cooperated",
        "lectured",
        "centred",
        "started",
        "recovered",
        "won",
        "entered",
    ]
)
# Past tense where it is not the participle.
_PAST = {
    "drawn": "drew",
    "driven": "drove",
    "flown": "flew",
    "given": "gave",
    "grown": "grew",
    "shown": "showed",
    "sown": "sowed",
    "undertaken": "undertook",
}
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
# Measure words that say nothing of what is counted: the noun beside them does.
_EMPTY_UNITS = frozenset("个项家所座台套条件起例处场期批支种类张部款名位间栋只头本次组".strip())
_RATE = re.compile(r"\b(rate|share|coverage|proportion|ratio)\b")
_MONEY_VALUE = re.compile(r"income|revenue|value|GDP|price|profit|turnover|sales|spending|budget")
_ADVERB = re.compile(r"(?:in|over|during|on|for|per|a|at|last|this|next|year on|month on) ")


@dataclass(slots=True)
class _Words:
    """What one side of the answer says, in English, in the order of the text."""

    nouns: list[str] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    adverbs: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    n_content: int = 0


@dataclass(frozen=True, slots=True)
class _Slots:
    """The parts that frames are filled with; an empty string when the clause has none."""

    topic: str
    thing: str
    things: str
    verb: str
    past: str
    be: str
    change: str
    unit: str
    tail: str


def english_question(
    clause: str, answer: str, kind: str, place: str | None, year: str | None, rng: Random
) -> str | None:
    """An English question that the answer's place in the clause answers, or None.

    Args:
        clause: The Chinese clause, with the answer in it.
        answer: The span asked for.
        kind: number, double, percent, money, date, place, person, org, title, slogan, list, how
            or why.
        place: The Chinese place the text is about, named in the question if given.
        year: The year the text is about, as digits; else a year of the clause is used.
        rng: The only source of chance: equal states give equal questions.

    Returns:
        None when the answer is not in the clause or fewer than two content words have a gloss.

    Raises:
        ValueError: The kind is unknown.
    """
    if kind not in FRAMES:
        raise ValueError(f"unknown kind {kind!r}; expected one of {', '.join(FRAMES)}")
    start = clause.find(answer)
    if not answer or start < 0:
        return None
    left, right = _sides(clause, start, start + len(answer), rng)
    if left.n_content + right.n_content < _MIN_CONTENT_WORDS:
        return None
    tail = _tail(clause, answer, kind, place, year, left, right, rng)
    slots = _slots(left, right, _unit(answer, clause[start + len(answer) :]), tail)
    if clause[:start].endswith(("到", "至", "达", "为")):
        # "Raised to 5" states a value, not a change.
        slots = replace(slots, change="")
    frames = _fitting(kind, slots)
    return _tidy(rng.choice(frames), slots) if frames else None


def _sides(clause: str, start: int, end: int, rng: Random) -> tuple[_Words, _Words]:
    """Words of the answer's own comma part; with too few there, of more of the clause."""
    before, after = _BREAK.split(clause[:start]), _BREAK.split(clause[end:])
    for n_before, n_after in ((1, 1), (2, 1), (len(before), len(after))):
        left = _words("，".join(before[-n_before:]), rng)
        right = _words("，".join(after[:n_after]), rng)
        if left.n_content + right.n_content >= _MIN_CONTENT_WORDS:
            break
    return left, right


def _words(text: str, rng: Random) -> _Words:
    found = _Words()
    joined = False
    for term, flag in _tokens(text):
        gloss = load_glosses().get(term)
        if gloss is not None:
            _add_gloss(found, gloss, joined, rng)
        elif flag == "ns" and len(term) > 1 and term in _segmenter().word_tag_tab:
            found.places.append(romanise_place(term))
        elif flag == "nr" and len(term) in (2, 3) and term[0] in _SURNAMES:
            found.nouns.append(with_chinese(romanise_name(term), term, rng, 0.6))
        joined = term in _JOINER
    while found.nouns and found.nouns[-1] in _modifiers():
        found.nouns.pop()
    return found


@cache
def _modifiers() -> frozenset[str]:
    """Adjectives: they need a noun after them."""
    return frozenset(e for g in load_glosses().values() if g.word_class == "a" for e in g.english)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Words with part of speech; neighbours that together are a glossary term become one."""
    pairs = [(p.word, p.flag) for p in _segmenter().lcut(text)]
    merged: list[tuple[str, str]] = []
    i = 0
    while i < len(pairs):
        n = _longest_term(pairs, i)
        merged.append(("".join(word for word, _ in pairs[i : i + n]), pairs[i][1]))
        i += n
    return merged


@cache
def _segmenter() -> jieba.posseg.POSTokenizer:
    """A private tokenizer that keeps glossary terms whole; jieba's global one stays as it was."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for term in load_glosses():
        if len(term) > 2 and term not in tokenizer.FREQ:
            tokenizer.add_word(term, tag="n")
    return jieba.posseg.POSTokenizer(tokenizer)


def _longest_term(pairs: Sequence[tuple[str, str]], i: int) -> int:
    for n in range(min(_MAX_MERGED_TOKENS, len(pairs) - i), 1, -1):
        if "".join(word for word, _ in pairs[i : i + n]) in load_glosses():
            return n
    return 1


def _add_gloss(found: _Words, gloss: Gloss, joined: bool, rng: Random) -> None:
    # The first gloss is the usual one; the others keep the reader from learning a fixed code.
    english = gloss.english[0] if rng.random() < 0.7 else rng.choice(gloss.english)
    if gloss.word_class == "p":
        found.places.append(english)
    elif gloss.word_class == "v":
        found.verbs.append(english)
        found.n_content += 1
    elif _ADVERB.match(english):
        found.adverbs.append(english)
    elif gloss.word_class == "a":
        found.nouns.append(english)
    elif english not in found.nouns:
        found.nouns.append(f"and {english}" if joined and found.nouns else english)
        found.n_content += 1


def _unit(answer: str, after: str) -> str:
    match = _UNIT.search(answer)
    text = match.group(1) if match else after[:4]
    sizes = range(min(4, len(text)), 0, -1)
    term = next((text[:n] for n in sizes if text[:n] in load_units()), "")
    term = term.lstrip("万亿") or term
    return "" if term in _EMPTY_UNITS else load_units().get(term, "")


def _tail(
    clause: str,
    answer: str,
    kind: str,
    place: str | None,
    year: str | None,
    left: _Words,
    right: _Words,
    rng: Random,
) -> str:
    """Where and when: the end of the question."""
    parts = []
    names = left.places + right.places
    if place and place not in answer:
        parts.append("in " + with_chinese(romanise_place(place), place, rng, 0.25))
    elif names and kind != "place":
        parts.append("in " + names[-1])
    found = _YEAR.search(clause.replace(answer, ""))
    when = year or (found.group(1) if found else None)
    if when and kind != "date":
        parts.append("in " + when.removesuffix("年"))
    adverbs = left.adverbs or right.adverbs
    if adverbs and kind != "date":
        parts.insert(0, adverbs[-1])
    return " ".join(parts)


def _slots(left: _Words, right: _Words, unit: str, tail: str) -> _Slots:
    # The first verb of a clause is its main one; later ones often serve as nouns.
    verbs = left.verbs + right.verbs
    passive = [verb for verb in verbs if verb.split()[0] not in _ACTIVE_ONLY]
    nearest = left.verbs[-1:] + right.verbs[:1]
    change = next((_CHANGE_BASES[verb] for verb in nearest if verb in _CHANGE_BASES), "")
    nouns = list(dict.fromkeys(left.nouns[-_MAX_NOUNS:] + right.nouns[:2]))
    thing = right.nouns[0] if right.nouns else (left.nouns[-1] if left.nouns else "")
    thing = thing.removeprefix("and ")
    topic = " ".join(nouns[-_MAX_NOUNS:]).removeprefix("and ")
    verb = passive[0] if passive else ""
    return _Slots(
        topic=topic,
        thing=thing,
        things=thing if _PLURAL.search(thing) else "",
        verb=verb,
        past=" ".join(_PAST.get(word, word) for word in verb.split()),
        be="were" if _PLURAL.search(topic) else "was",
        change=change,
        unit=unit,
        tail=tail,
    )


def _fitting(kind: str, slots: _Slots) -> list[str]:
    """Frames whose slots are all filled, those about growth or a measured value first."""
    frames = [f for f in FRAMES[kind] if all(_value(slots, s) for s in _needs(f))]
    if kind in {"number", "percent", "money"} and slots.change:
        frames = [f for f in frames if "{change}" in f] or frames
    elif kind == "percent" and _RATE.search(slots.topic):
        frames = [FRAMES[kind][-1], "What {be} the {topic} {tail}?"]
    elif kind == "money" and _MONEY_VALUE.search(slots.topic):
        frames = [f for f in frames if "{verb}" not in f] + ["What {be} the {topic} {tail}?"]
    return frames


def _needs(frame: str) -> list[str]:
    return [name for name in re.findall(r"\{(\w+)\}", frame) if name != "tail"]


def _value(slots: _Slots, name: str) -> str:
    return str(getattr(slots, name))


def _tidy(frame: str, slots: _Slots) -> str:
    names = re.findall(r"\{(\w+)\}", frame)
    text = frame.format(**{name: _value(slots, name) for name in names})
    text = re.sub(r"\bthe (the|people's) ", r"the ", text)
    text = re.sub(r"invested for\b", "invested in", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ([,?])", r"\1", text)
