"""The texts that a question is searched by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.crosslingual import gloss
from rag.places import named_places, without_places
from rag.wording import in_words_of

_HAN = re.compile("[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


_QUANTITIES = "GDP|population|output|revenue|investment|amount|number|income|area|value|rate|share"
_NO_NOUN = (
    r"(?:of|in|at|on|for|from|to|by|with|that|who|has|have|had|do|does|did|is|are|was|were|will|can"
    r"|built|made|took|gave|got|won|began|led|set)\b"
)
# What is counted or chosen among: the words behind "how many" and "which" up to a verb.
_ASKED_NOUN = re.compile(
    rf"\b(?:how (?:many|much)|which|what)\s+"
    rf"(?P<noun>(?!{_NO_NOUN})[\w'-]+\s+(?:(?!{_NO_NOUN}|\w+ed\b)[\w'-]+\s+){{0,3}})"
    rf"(?={_NO_NOUN}|\w+ed\b)",
    re.IGNORECASE,
)
_MEASURED = re.compile(rf"\b(?:{_QUANTITIES}|ratio|percentage|percent|year|date|month|day)\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_PEOPLE = re.compile(r"(?:people|persons|residents|inhabitants)\s*", re.IGNORECASE)
# Kept in order: the first that fits tells what is asked for.
_QUESTION_WORDS = tuple(
    (re.compile(rf"\b(?:{english})\b", re.IGNORECASE), chinese)
    for english, chinese in (
        (r"^\W*(?:is|are|was|were|did|does|do|has|have|had|can|could|will)", "吗"),
        (r"how many|how much|how (?:large|big|high|long|far)", "多少"),
        (r"(?:what|which) (?:percentage|percent|share|proportion)", "百分之几"),
        (r"(?:what|which) (?:number|amount)", "多少"),
        (r"what \w+ (?:rate|share|ratio)|(?:rate|area|value|income|total) ", "多少"),
        (rf"what (?:is|was|are|were) [^?]*(?:{_QUANTITIES})", "多少"),
        (r"(?:what|which) (?:year|date|month|day)|when", "什么时候"),
        (r"where", "哪里"),
        (r"who|whom|whose", "谁"),
        (r"why", "为什么"),
        (r"how", "如何"),
        (r"which", "哪个"),
        (r"what", "什么"),
    )
)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question, taken apart for search.

    Attributes:
        question: As asked.
        bare: Without the names of places that reports are about.
        gloss: The Chinese terms for `bare`'s words if it is foreign; empty if none is known.
        places: Places that it names; alternatives of one name stand together.
    """

    question: str
    bare: str
    gloss: str
    places: tuple[tuple[str, ...], ...]

    @property
    def lexical(self) -> str:
        """What BM25 looks for."""
        return f"{self.bare} {self.gloss}" if self.gloss else self.bare

    @property
    def short_texts(self) -> tuple[str, ...]:
        """What windows of chunks are compared with."""
        return (self.bare, self.gloss) if self.gloss else (self.bare,)


def parse_query(
    question: str, places: Iterable[str], *, use_places: bool = True, use_gloss: bool = True
) -> SearchQuery:
    """`question` taken apart; `places` are those that the shelf has reports about."""
    known = tuple(places) if use_places else ()
    bare = without_places(question, known)
    chinese = gloss(bare) if use_gloss and is_foreign(bare) else ""
    return SearchQuery(question, bare, chinese, named_places(question, known))


def is_foreign(query: str) -> bool:
    """True if fewer than half of the letters in `query` are Chinese characters."""
    return 2 * len(_HAN.findall(query)) < len(_LETTER.findall(query))


def question_to_read(
    question: str, places: Iterable[str] = (), passages: Iterable[str] = ()
) -> str:
    """The question as a reader of Chinese understands it: in the passages' words, or in Chinese.

    Where the passages are foreign too, the question stays. Else a foreign question becomes the
    Chinese terms for its words, without the places that passages are about anyway, and the
    Chinese question word; itself when no word of it is known.
    """
    texts = tuple(passages)
    if is_foreign("\n".join(texts)):
        return question
    if not is_foreign(question):
        return in_words_of(question, texts)
    bare = without_places(question, tuple(places))
    word = next((word for pattern, word in _QUESTION_WORDS if pattern.search(question)), "")
    noun = _ASKED_NOUN.search(bare)
    if noun is not None and not _MEASURED.search(noun["noun"]):
        kept, asked = bare[: noun.start()] + bare[noun.end() :], _ask_for(word, noun["noun"])
    else:
        kept, asked = bare, word
    terms = gloss(_YEAR.sub("", kept), 1).replace(" ", "")
    years = "".join(f"{year}年" for year in _YEAR.findall(kept))
    return f"{years}{terms}{asked}？" if terms or asked != word else question


def _ask_for(word: str, noun: str) -> str:
    """The question word with the Chinese for what is asked: `多少教师`, `南京哪个区`."""
    if _PEOPLE.fullmatch(noun):
        return f"{word}人"
    terms = gloss(noun, 1).split()
    if not terms:
        return word
    if word == "多少":
        return word + "".join(terms)
    return "".join((*terms[:-1], word, terms[-1]))
