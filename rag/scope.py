"""Whether a question is about a place that the shelf knows nothing of."""

import re
from collections.abc import Mapping, Sequence

from rag.places import named_places, short_name
from rag.types import Document, Passage
from rag.unknown_places import unknown_places

_ENGLISH_KIND = re.compile(r"\s+(?:Autonomous\s+)?\w+$")
_NOT_LETTER = re.compile(r"[^a-z]")


def only_strangers(
    question: str, passages: Sequence[Passage], documents: Mapping[str, Document]
) -> tuple[str, ...]:
    """The places that the question names, if none of them is a report's or in the passages.

    A figure of another county is the likeliest wrong answer to such a question. A place that
    no report is about but that a passage speaks of (a partner town, a village) may be asked
    for: then there are none.
    """
    strangers = unknown_places(question, documents.values())
    if not strangers or named_places(question, _places(documents)):
        return ()
    text = "\n".join(f"{passage.chunk.header}\n{passage.chunk.text}" for passage in passages)
    return () if any(_is_mentioned(place, text) for place in strangers) else strangers


def _places(documents: Mapping[str, Document]) -> list[str]:
    return [document.place for document in documents.values() if document.place]


def _is_mentioned(place: str, text: str) -> bool:
    if not place.isascii():
        return short_name(place) in text
    from pypinyin import lazy_pinyin

    stem = _NOT_LETTER.sub("", _ENGLISH_KIND.sub("", place).lower())
    return stem in "".join(lazy_pinyin(text))
