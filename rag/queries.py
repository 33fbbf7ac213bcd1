"""The texts that a question is searched by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.crosslingual import gloss
from rag.places import named_places, without_places

_HAN = re.compile("[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


# Kept in order: the first that fits tells what is asked for.
_QUESTION_WORDS = tuple(
    (re.compile(rf"\b(?:{english})\b", re.IGNORECASE), chinese)
    for english, chinese in (
        (r"how many|how much|how (?:large|big|high|long|far)", "多少"),
        (r"(?:what|which) (?:percentage|percent|share|proportion|number|amount)", "多少"),
        (r"what \w+ (?:rate|share|ratio)|(?:rate|area|value|income|total) ", "多少"),
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
    """The question as a reader of Chinese understands it: itself, or its terms in Chinese.

    Where the passages are foreign too, the question stays. Else a foreign question becomes the
    Chinese terms for its words, without the places that passages are about anyway, and the
    Chinese question word; itself when no word of it is known.
    """
    is_crossing = is_foreign(question) and not is_foreign("\n".join(passages))
    terms = gloss(without_places(question, tuple(places)), 1) if is_crossing else ""
    if not terms:
        return question
    asked = (word for pattern, word in _QUESTION_WORDS if pattern.search(question))
    return f"{terms.replace(' ', '')}{next(asked, '')}？"
