"""The title of a report, taken from its first lines or made from what it is about."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.headings import starts_heading
from rag.lines import Line
from rag.types import Section

_MAX_HEAD_LINES = 25
_MAX_TITLE, _MIN_TITLE = 80, 4
_MAX_JOINED = 60
_BODY_LINE = 50
_DASHES = "—―－-– "
# What titles of reports end with or hold.
_GENRE = re.compile(
    r"报告|综述|总结|通知|意见|规划|公报|纪实|方案|汇报|讲话|公告|办法|决议|纲要|简报|白皮书|述评"
    r"|report|review|plan|bulletin",
    re.I,
)
# Lines around a title that belong to a web page or an imprint.
_FURNITURE = re.compile(
    r"[:：]$|^[^\w]+$|来源|发布|浏览|阅读|点击|字数|字体|字号|分享|打印|下载|收藏|位置|首页|关闭|返回|责任编辑"
    r"|记者|通讯员|作者|编辑|摄$|供图$|^\d[\d\s\-:/.年月日时分]*$|扶贫办$|办公室$|^各位|^同志们|^尊敬的|"
    r"^(?:日期|时间)|版权|https?://"
)
_DELIVERED = re.compile(r"^\D{0,3}(?:\d{4}|二[〇○零]..)年\S{1,3}月\S{1,3}日在")
_FOUR_HAN = re.compile(r"(?=([\u3400-\u9fff]{4}))")
_WORDS = re.compile(r"[\u3400-\u9fff]{4}|[A-Za-z]{3}")
_MIN_TOPIC = 5
_NUMBERING = re.compile(r"^\d{1,3}[\s_.、-]+")


@dataclass(frozen=True, slots=True)
class Title:
    """A title that stands in the text, and the offset where what it consists of ends."""

    text: str
    end: int


def find_title(lines: Sequence[Line]) -> Title | None:
    """The title among the first lines, its subtitle (`——…综述`) joined; None if there is none.

    Lines of a web page's furniture are passed over, a line that names a kind of report is
    preferred to the first line, and nothing behind the first line of body text counts.
    """
    head = _head(lines)
    candidates = [number for number, line in enumerate(head) if _is_title_like(line)]
    if not candidates:
        return None
    main = [n for n in candidates if not _DELIVERED.match(head[n].text)] or candidates
    chosen = next((n for n in main if _GENRE.search(head[n].text)), main[0])
    return _join_subtitle(head, chosen if not _has_subtitle(head, main[0]) else main[0])


def title_of_file(stem: str) -> str:
    """The title that a file is named by (`01_甲县2020年工作报告`); empty for any other name."""
    name = _NUMBERING.sub("", stem).replace("_", " ").strip()
    is_title = _GENRE.search(name) and _FOUR_HAN.search(name) and len(name) <= _MAX_TITLE
    return name if is_title else ""


def derive_title(place: str | None, sections: Sequence[Section], lines: Sequence[Line]) -> str:
    """A descriptive title for a text without one: place, topic and outermost headings."""
    text = "\n".join(line.text for line in lines)
    subject = (place or "") + _topic(text, place or "")
    headings = [section.title for section in sections if section.level == 1][:3]
    about = "、".join(title for title in headings if len(title) <= 12)
    if subject and about:
        return f"{subject}：{about}"
    return subject or about or _first_clause(text)


def _head(lines: Sequence[Line]) -> list[Line]:
    head: list[Line] = []
    for line in lines[:_MAX_HEAD_LINES]:
        if len(line.text) > _BODY_LINE and line.ends_sentence():
            break
        if len(line.text) > _MAX_TITLE:
            break
        head.append(line)
    return head


def _is_title_like(line: Line) -> bool:
    text = line.text.lstrip("#").strip()
    if not _MIN_TITLE <= len(text) <= _MAX_TITLE or _FURNITURE.search(text):
        return False
    if starts_heading(line.text) and not line.text.startswith("#"):
        return False
    return not text.endswith(("。", "；", ";", "，", ",", "…")) and not text.endswith(". ")


def _has_subtitle(head: Sequence[Line], number: int) -> bool:
    following = head[number + 1] if number + 1 < len(head) else None
    return following is not None and following.text[:1] in _DASHES and _is_joinable(following)


def _is_joinable(line: Line) -> bool:
    return bool(line.text.strip(_DASHES)) and not _DELIVERED.match(line.text.lstrip(_DASHES))


def _join_subtitle(head: Sequence[Line], number: int) -> Title:
    line = head[number]
    title = line.text.lstrip("#").strip()
    if _has_subtitle(head, number):
        subtitle = head[number + 1]
        joined = f"{title}——{subtitle.text.strip(_DASHES)}"
        if len(joined) <= _MAX_JOINED:
            return Title(joined, subtitle.span.end)
    return Title(title, line.span.end)


def _topic(text: str, place: str) -> str:
    """The four characters that the text repeats most, such as 乡村振兴; empty if none is."""
    stem = set(place)
    counts = Counter(_FOUR_HAN.findall(text))
    words: str
    for words, count in counts.most_common(20):
        if count < _MIN_TOPIC:
            break
        if not stem & set(words) and not re.search("[的了和与在对为是等]", words):
            return words
    return ""


def _first_clause(text: str) -> str:
    clauses = re.split(r"[，。！？；,;:：\n]+", text)
    return next((c.strip()[:_MAX_TITLE] for c in clauses if _WORDS.search(c)), "")
