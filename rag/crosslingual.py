"""English questions over Chinese reports: the Chinese terms for a query's English words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.english_words import STOP_WORDS, plain_word, singular, stem, words_of

# English words, numbers, and runs of Chinese; "13th" is a word, "1,234.5%" a number.
_PIECE = re.compile(
    r"(?P<chinese>[〇\u3400-\u9fff]+)"
    r"|(?P<number>\d+(?:[.,]\d+)*%?)(?![^\W_\u3400-\u9fff])"
    r"|(?P<word>[^\W_\u3400-\u9fff]+)"
)
_LATIN = re.compile("[A-Za-z]")
# The singular is tried before the stem, so that "training" is not taken for "trains".
_LEVELS = (singular, stem)
_MAX_PHRASE_WORDS = 10

Table = dict[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A Chinese term and the English for it.

    Attributes:
        term: The Chinese term.
        english: Usual glosses, most usual first.
        word_class: v past participle, n noun, a modifier, u unit, p place, o organisation or
            person, s searched only.
        also: Other English that people type; used to understand queries, never to write.
    """

    term: str
    english: tuple[str, ...]
    word_class: str
    also: tuple[str, ...] = ()


def gloss(query: str, max_senses: int = 2) -> str:
    """The query in Chinese terms, parted by spaces; empty if none of its words is known.

    The longest known phrase wins, and plurals, tenses and British or American spelling do not
    matter. Numbers and Chinese stay as they are; a query without Latin letters is returned
    unchanged. English that the glossary does not know, and words like "how many", are left out.

    Args:
        query: In English, Chinese or both.
        max_senses: Chinese terms for one English phrase, most usual first (1 or more).

    Raises:
        ValueError: `max_senses` is less than 1.
    """
    if max_senses < 1:
        raise ValueError(f"max_senses is {max_senses}; expected 1 or more")
    if not _LATIN.search(query):
        return query
    kinds: set[str] = set()
    terms: list[str] = []
    for kind, found in _renderings(query, max_senses):
        kinds.add(kind)
        terms.extend(found)
    # A number says nothing in Chinese: alone it is no gloss.
    return " ".join(dict.fromkeys(terms)) if kinds - {"number"} else ""


@cache
def load_glossary() -> tuple[GlossaryEntry, ...]:
    """The bundled glossary, in the order of its file."""
    text = (files("rag") / "assets" / "glossary.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(map(_parse_entry, lines))


def _parse_entry(line: str) -> GlossaryEntry:
    term, english, word_class, *rest = line.split("\t")
    also = tuple(rest[0].split("|")) if rest else ()
    return GlossaryEntry(term, tuple(english.split("|")), word_class, also)


def _renderings(query: str, max_senses: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kind of piece and its Chinese, from left to right."""
    pieces = [(m.lastgroup or "", m.group()) for m in _PIECE.finditer(words_of(query))]
    i = 0
    while i < len(pieces):
        n, terms = _longest_phrase(pieces[i : i + _MAX_PHRASE_WORDS])
        kind, text = pieces[i]
        if terms:
            yield "word", terms[:max_senses]
        elif kind != "word":
            yield kind, (text,)
        i += n


def _longest_phrase(pieces: list[tuple[str, str]]) -> tuple[int, tuple[str, ...]]:
    """How many pieces the longest known phrase at the start has (else 1), and its terms."""
    kinds = [kind for kind, _ in pieces]
    end = kinds.index("chinese") if "chinese" in kinds else len(kinds)
    words = [text for _, text in pieces[:end]]
    for n in range(len(words), 0, -1):
        if n == 1 and (kinds[0] == "number" or plain_word(words[0]) in STOP_WORDS):
            break
        for level, table in zip(_LEVELS, _tables(), strict=True):
            terms = table.get(tuple(map(level, words[:n])))
            if terms:
                return n, terms
    return 1, ()


@cache
def _tables() -> tuple[Table, ...]:
    """For each level: English phrase -> Chinese terms, most usual first."""
    found: list[dict[tuple[str, ...], list[tuple[bool, int, str]]]] = [{} for _ in _LEVELS]
    for entry in load_glossary():
        for place, phrase in enumerate((*entry.english, *entry.also)):
            words = [m.group() for m in _PIECE.finditer(words_of(phrase))]
            for level, key, rank in _keys(words, entry.word_class):
                # Measure words come last: what is counted says more than how.
                sense = (entry.word_class == "u", place + rank, entry.term)
                found[level].setdefault(key, []).append(sense)
    return tuple({key: _ranked(senses) for key, senses in table.items()} for table in found)


def _keys(words: list[str], word_class: str) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """The phrase as each level spells it: number of the level, key, added to the sense's rank."""
    for number, level in enumerate(_LEVELS):
        yield number, tuple(map(level, words)), 0
    if word_class == "v":
        # Verbs are listed as participles; the stem is mostly the form that one looks up. It
        # stands behind nouns of that form: "trains" are first of all 列车.
        yield 0, tuple(map(stem, words)), 1


def _ranked(senses: list[tuple[bool, int, str]]) -> tuple[str, ...]:
    # The sort is stable: among equals the order of the file decides.
    return tuple(dict.fromkeys(term for *_, term in sorted(senses, key=lambda s: s[:2])))
