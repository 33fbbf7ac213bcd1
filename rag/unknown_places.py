"""Places that a question names and that no report on the shelf is about."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from rag.places import Mention, drop_containers, find_mentions, plain
from rag.types import Document

_KINDS = "县区市省州"
# Of jieba's list, whose lines are `word count tag`: regions by their last character and the tag of
# a name, and the words with any other tag.
_REGION = re.compile(rf"\n([^ \n]+[{_KINDS}]) \d+ n(?:s|rt?|z)(?=\n)")
_COMMON = re.compile(r"\n([^ \n]+) \d+ (?!n(?:s|rt?|z)\n)")
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
    end = len(text)
    while end > 1:
        # The list takes a tenth of a second to read; a text without these characters needs none.
        starts = range(max(0, end - _LONGEST_NAME), end - 1) if text[end - 1] in _KINDS else ()
        start = next((s for s in starts if text[s:end] in _regions()), None)
        if start is not None:
            yield Mention(start, end, (text[start:end],))
        end = end - 1 if start is None else start


def _in_english(text: str) -> Iterator[Mention]:
    for match in _IN_ENGLISH.finditer(text):
        yield Mention(match.start(), match.end(), (match.group(),))


@cache
def _regions() -> frozenset[str]:
    import jieba

    text = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8")
    # Two expressions over all of it take a third of the time that its 350,000 lines do one by one.
    names = [name for name in _REGION.findall(f"\n{text}") if not _NO_REGION.fullmatch(name)]
    # 占领区 and 上市 are no regions: what stands before the kind must not be a common word.
    common = {name[:-1] for name in names}.intersection(_COMMON.findall(f"\n{text}"))
    return frozenset(
        name for name in names if name[-1] == "县" or (len(name) > 2 and name[:-1] not in common)
    )
