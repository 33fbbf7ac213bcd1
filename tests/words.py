"""What a person sees of the page's own words, which come in two languages."""

import re

_PAIR = re.compile("\u2061(.*?)\u2063(.*?)\u2064", re.DOTALL)


def in_chinese(text: str) -> str:
    return _PAIR.sub(r"\1", text)


def in_english(text: str) -> str:
    return _PAIR.sub(r"\2", text)
