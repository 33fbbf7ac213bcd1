"""Bytes to text: byte order mark, UTF-8, GB18030 or Big5, then a statistical guess."""

import codecs
import re
from functools import cache

from charset_normalizer import from_bytes

from rag.errors import DocumentError

# Longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROL_SHARE = 0.005
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Wrongly decoded Chinese is full of rare characters; real text has very few.
_MIN_COMMON = 0.7
_SAMPLE_CHARS = 20_000


def decode(data: bytes, name: str) -> str:
    """The text in `data`, whatever usual encoding it is in.

    Raises:
        DocumentError: The bytes are no text, or in no encoding that can be told; the message
            begins with `name`.
    """
    text = _marked(data, name) or _unmarked(data)
    if text is None:
        raise DocumentError(f"{name}: cannot tell its encoding; save it as UTF-8")
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise DocumentError(f"{name}: looks like a binary file, not text")
    return text


def _marked(data: bytes, name: str) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as exc:
                raise DocumentError(f"{name}: damaged {encoding} text ({exc.reason})") from exc
    return None


def _unmarked(data: bytes) -> str | None:
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    # Nearly all Big5 text is also valid GB18030, as nonsense: the commoner characters win.
    guesses = [t for t in (_strict(data, "gb18030"), _strict(data, "big5")) if t is not None]
    best = max(guesses, key=_common_share, default=None)
    if best is not None and _common_share(best) >= _MIN_COMMON:
        return best
    guess = from_bytes(data).best()
    return str(guess) if guess is not None else None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _common_share(text: str) -> float:
    """Share of frequent characters among those that are not ASCII."""
    written = _NOT_ASCII.findall(text[:_SAMPLE_CHARS])
    common = _common_characters()
    return sum(char in common for char in written) / max(1, len(written))


@cache
def _common_characters() -> frozenset[str]:
    """First level of GB 2312 (simplified) and of Big5 (traditional), with their punctuation."""
    simplified = _row_characters(range(0xB0, 0xD8), range(0xA1, 0xFF), "gb2312")
    symbols = _row_characters(range(0xA1, 0xA4), range(0xA1, 0xFF), "gb2312")
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = _row_characters(range(0xA4, 0xC7), trails, "big5")
    return frozenset(simplified + symbols + traditional)


def _row_characters(leads: range, trails: range | tuple[int, ...], encoding: str) -> str:
    rows = (bytes((lead, trail)) for lead in leads for trail in trails)
    return "".join(row.decode(encoding, errors="ignore") for row in rows)
