"""English word forms: spelling, plurals, tenses, and words that say nothing of a topic."""

import re
from functools import lru_cache

_POSSESSIVE = re.compile(r"['’]s?(?![^\W\d_])|['’]")
_ARTICLE = re.compile(r"\b(?:the|an?)\b(?!['’])", re.IGNORECASE)
# American spelling for British: "-isation", "labour", "centre", "programme", "enrolment".
_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{3})is(ation|ations|e|ed|er|ers|es|ing)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{3})our(?!c)"), "or"),
    (re.compile(r"(?<=[a-z])([bt])re(s?)$"), r"\1er\2"),
    (re.compile(r"programme"), "program"),
    (re.compile(r"(?<=enro)l(?=ment)"), "ll"),
    (re.compile(r"efence"), "efense"),
)
_IRREGULAR_PLURALS = {
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "knives": "knife",
    "leaves": "leaf",
    "lives": "life",
    "men": "man",
    "people": "people",
    "teeth": "tooth",
    "wives": "wife",
    "women": "woman",
}
_IRREGULAR_PASTS = {
    form: verb
    for verb, forms in {
        "become": "became",
        "begin": "began begun",
        "bring": "brought",
        "build": "built",
        "buy": "bought",
        "come": "came",
        "dig": "dug",
        "draw": "drew drawn",
        "drink": "drank drunk",
        "drive": "drove driven",
        "eat": "ate eaten",
        "fall": "fell fallen",
        "find": "found",
        "fly": "flew flown",
        "get": "got gotten",
        "give": "gave given",
        "go": "went gone",
        "grow": "grew grown",
        "hold": "held",
        "keep": "kept",
        "lay": "laid",
        "lead": "led",
        "leave": "left",
        "lend": "lent",
        "lose": "lost",
        "make": "made",
        "meet": "met",
        "pay": "paid",
        "rebuild": "rebuilt",
        "rise": "rose risen",
        "sell": "sold",
        "send": "sent",
        "shrink": "shrank shrunk",
        "sow": "sown",
        "speak": "spoke spoken",
        "spend": "spent",
        "take": "took taken",
        "teach": "taught",
        "think": "thought",
        "undertake": "undertook undertaken",
        "win": "won",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|ment|ion)$")
_MIN_STEM = 3

# Function words, words that ask, and words that a question is wrapped in.
STOP_WORDS = frozenset(
    """
    about above according actually after again all almost also am among amount an and another any
    are as asked at be because been before being below between both but by called can cite come
    concerning contain could describe described did do document does doing done down during each
    either else ever every exactly explain figure following for from give given had has have
    having he her here him his how i if in indicate into is it its just kind kinds like list
    many may me mention mentioned might more most much must my name named neither no nor not now
    number of off on once one only or other our out over own passage per percent percentage
    please provide put report reported reports said same say says section shall she should show
    shown since so some sort sorts specific specified state stated such tell text than that their
    them then there these they this those through to together too type types under until up upon
    us use used value very via was we were what whatever when where whether which while who whom
    whose why will with within without would yet you your
    """.split()  # noqa: SIM905
)


def words_of(text: str) -> str:
    """`text` without articles and apostrophes: "the farmers' own" gives " farmers own"."""
    return _POSSESSIVE.sub("", _ARTICLE.sub(" ", text))


@lru_cache(maxsize=20_000)
def plain_word(word: str) -> str:
    """`word` in lower case and American spelling."""
    plain = word.lower()
    for pattern, replacement in _SPELLINGS:
        plain = pattern.sub(replacement, plain)
    return plain


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """The plain singular of a noun; other words in `-s` lose it too."""
    plain = plain_word(word)
    if plain in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[plain]
    if len(plain) <= _MIN_STEM or re.search(r"(?:ss|us|is|^news)$", plain):
        return plain
    if plain.endswith("ies"):
        return plain[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh)es$", plain):
        return plain[:-2]
    return plain.removesuffix("s")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What the forms of a word share: "planned", "planning" and "plans" give "plan".

    Much simpler than Porter's stemmer: only what changes the form within one meaning.
    """
    base = _IRREGULAR_PASTS.get(plain_word(word), singular(word))
    cut = _ENDING.sub("", base)
    if cut != base and len(cut) > _MIN_STEM and cut[-1] == cut[-2] and cut[-1] not in "sz":
        cut = cut[:-1]
    cut = cut.removesuffix("e") if len(cut) > _MIN_STEM else cut
    return cut[:-1] + "i" if cut.endswith("y") else cut
