"""Lines that a layout broke, put together again."""

import re
import unicodedata

_HYPHENATED = re.compile(r"[A-Za-z][-\u2010\xad]$")
_DIGIT_END = re.compile(r"\d[.,．，%]?$")
_NEAR = 12


def join_lines(first: str, second: str) -> str:
    """Both as one line: Chinese without a space between them, Latin with one.

    A hyphen between Latin letters goes; a number that was split in Chinese text is whole again.
    """
    first, second = first.rstrip(), second.lstrip()
    if not first or not second:
        return first + second
    if _HYPHENATED.search(first) and second[0].isascii() and second[0].islower():
        return first[:-1] + second
    return first + ("" if _touch(first, second) else " ") + second


def one_line(text: str) -> str:
    """All lines of `text` joined."""
    joined = ""
    for line in text.splitlines():
        joined = join_lines(joined, line.strip())
    return joined


def width_of(text: str) -> float:
    """About how wide `text` is, in units of a Chinese character."""
    return sum(1.0 if is_wide(char) else 0.5 for char in text)


def is_wide(char: str) -> bool:
    """True for Chinese characters and what is as wide as they are."""
    return unicodedata.east_asian_width(char) in "WF"


def _touch(first: str, second: str) -> bool:
    if is_wide(first[-1]) or is_wide(second[0]):
        return True
    is_number = _DIGIT_END.search(first) and second[0].isdigit()
    return bool(is_number) and any(map(is_wide, first[-_NEAR:] + second[:_NEAR]))
