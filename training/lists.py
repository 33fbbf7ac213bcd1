"""Lists whose items stand apart in a text: `一是…；二是…；三是…`, asked for all at once.

Few texts have one, so lists that stand together, `甲、乙和丙`, are also taken apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_NUMERALS = "一二三四五六"
_MARK = re.compile(
    r"(?:(?<=[。；：:，,\n])|^)(?:(?P<is>[一二三四五六])是(?:要)?|(?P<bracket>[（(][一二三四五六][)）])"
    r"|(?P<ordinal>第[一二三四五六])[，,、])"
)
_ITEM = re.compile(r"[^。；，,：:\n]{4,40}")
_STEM_ENDS = re.compile(
    r"(?:主要|具体|重点|着重|坚持|做到|以下|如下|包括|表现在|体现在|做好|抓好|几个?方面|几点|工作|[二两三四五六][个项方]+[面点]?)+[:：,，]?$"
)
_MARKINGS = (
    ("{n}是", "，"), ("{n}是", "；"), ("（{n}）", "；"), ("{d}.", "；"), ("第{n}，", "；"),
    ("（{d}）", "，"), ("其{n}，", "；"), ("", "，还有"), ("", "；"), ("", "，同时有"),
)  # fmt: skip
_ASKS = (
    "有哪些", "采取了哪些措施", "具体有哪些做法", "主要做了哪几件事", "包括哪些方面",
    "包括哪{n}个方面", "分别是什么", "有哪些要求", "要做好哪些工作", "是怎样做的",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A numbered list in a running text.

    Attributes:
        stem: What stands before it and says what is listed.
        items: Characters of the first clause of each item.
    """

    stem: str
    items: tuple[tuple[int, int], ...]


def find_enumerations(text: str) -> Iterator[Enumeration]:
    """Lists of two to six items whose marks count up from one."""
    marks = list(_MARK.finditer(text))
    begin = 0
    while begin < len(marks):
        run = _counting_run(marks[begin:])
        if len(run) >= 2:
            items = [_ITEM.match(text, mark.end()) for mark in run]
            stem = re.split(r"[。；\n]", text[: run[0].start()].rstrip("。；：:，,"))[-1]
            if all(items) and len(stem) >= 6:
                yield Enumeration(stem, tuple(item.span() for item in items if item))
        begin += max(len(run), 1)


def _counting_run(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    run: list[re.Match[str]] = []
    for mark in marks:
        numeral = mark.group().strip("（(第")[0]
        is_next = len(run) < len(_NUMERALS) and numeral == _NUMERALS[len(run)]
        if not is_next or (run and mark.lastgroup != run[0].lastgroup):
            break
        run.append(mark)
    return run


def enumeration_question(found: Enumeration, rng: Random) -> str | None:
    """A question that all items answer; None where the stem says too little."""
    stem = _STEM_ENDS.sub("", found.stem[-40:]).strip("，,、 ")
    if len(stem) < 5:
        return None
    return stem + rng.choice(_ASKS).format(n=_NUMERALS[len(found.items) - 1])


def take_apart(
    text: str, span: tuple[int, int], rng: Random
) -> tuple[str, tuple[tuple[int, int], ...]] | None:
    """`text` with the list at `span` written as numbered items, and where they stand."""
    items = re.split(r"、|以及|和|及", text[span[0] : span[1]])
    if not 2 <= len(items) <= len(_NUMERALS) or min(map(len, items)) < 2:
        return None
    mark, separator = rng.choice(_MARKINGS)
    pieces, places, length = [text[: span[0]]], [], span[0]
    for number, item in enumerate(items):
        before = (separator if number else "") + mark.format(n=_NUMERALS[number], d=number + 1)
        pieces += [before, item]
        length += len(before)
        places.append((length, length + len(item)))
        length += len(item)
    return "".join(pieces) + text[span[1] :], tuple(places)
