"""Places that a question names and that no report on the shelf is about."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from rag.places import Mention, drop_containers, find_mentions, plain
from rag.types import Document

_NAME_TAGS = {"ns", "nr", "nrt", "nz"}
# Words of jieba's list that are tagged as names and end like a region but are none.
_NO_REGION = re.compile(
    r".*地区|(?:校|半|郊|自治|各.?|[东西南北中上下]{1,2}|中心|几)[区县市省州]|[大小外新旧同山各本全]县"
)
_LONGEST_NAME = 8
_SYLLABLE = (
    "(?:(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?"
    "(?:iang|iong|uang|ang|eng|ong|ing|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|"
    "uo|ve|[aeiouv]))"
)
_IN_ENGLISH = re.compile(
    r"(?<![A-Za-z])(?<![Ww]hich )(?<![Ww]hat )"
    rf"(?=[A-Z])(?i:{_SYLLABLE}+)(?:['’-](?i:{_SYLLABLE}+))?"
    r"\s+(?:Autonomous\s+)?(?i:county|district|city|province|prefecture)(?![A-Za-z])"
)


def unknown_places(question: str, documents: Iterable[Document]) -> tuple[str, ...]:
    """Counties, districts, cities and provinces in `question` that no report is about.

    Chinese names are those of jieba's word list (about 4,000 regions), so that 贫困县 or 安置区
    is no place; English ones are pinyin words with a capital before County, District, City,
    Province or Prefecture. A place that the reports only mention counts as unknown, and a
    question that names a known place too may still be answerable: the caller decides.
    """
    text = plain(question)
    known = find_mentions(question, [d.place for d in documents if d.place])
    found = [
        mention
        for mention in (*_in_chinese(text), *_in_english(text))
        if not any(k.start < mention.end and mention.start < k.end for k in known)
    ]
    kept = drop_containers([*known, *found], text)
    return tuple(dict.fromkeys(m.places[0] for m in kept if m in found))


def _in_chinese(text: str) -> Iterator[Mention]:
    regions, end = _regions(), len(text)
    while end > 1:
        starts = range(max(0, end - _LONGEST_NAME), end - 1)
        start = next((s for s in starts if text[s:end] in regions), None)
        if start is not None:
            yield Mention(start, end, (text[start:end],))
        end = end - 1 if start is None else start


def _in_english(text: str) -> Iterator[Mention]:
    for match in _IN_ENGLISH.finditer(text):
        yield Mention(match.start(), match.end(), (match.group(),))


@cache
def _regions() -> frozenset[str]:
    import jieba

    lines = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    tags = {word: tag for word, _, tag in (line.split(" ") for line in lines)}
    return frozenset(word for word, tag in tags.items() if _is_region(word, tag, tags))


def _is_region(word: str, tag: str, tags: dict[str, str]) -> bool:
    if tag not in _NAME_TAGS or word[-1] not in "县区市省州" or _NO_REGION.fullmatch(word):
        return False
    if word[-1] == "县":
        return True
    # 占领区 and 上市 are no regions: what stands before the kind must not be a common word.
    return len(word) > 2 and tags.get(word[:-1], "ns") in _NAME_TAGS
