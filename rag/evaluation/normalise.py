"""Text made comparable for scoring, without ever touching the value of a number.

Width, case, white space and punctuation do not count; the point, the percent sign and the sign of
a number do: 5.2% is not 52%, and 17-23 does not become 1723.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~〜", "-"))
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d|,\d)")
_GAP_BEFORE_PERCENT = re.compile(r"(?<=\d)\s+(?=[%‰])")
_PER_CENT_IN_WORDS = re.compile(r"百分之(\d+(?:\.\d+)?)")
# A sign counts only where no digit or Latin letter stands before it: 17-23 is a range.
_NUMBER = r"(?:(?<![0-9a-z])-)?\d+(?:\.\d+)?(?:[%‰])?"
_TOKEN = re.compile(rf"{_NUMBER}|[^\W\d_]", re.UNICODE)
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f']+")
_MAGNITUDES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_QUANTITY = re.compile(rf"({_NUMBER})\s*([十百千万亿]*)\s*([^\W\d_]*)", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands in a text.

    Attributes:
        value: With its magnitude: 80万 is 800000.
        percent: `%`, `‰` or empty.
        unit: The letters that follow, as far as they go; empty when none do.
    """

    value: Decimal
    percent: str
    unit: str

    def is_stated_by(self, other: "Quantity") -> bool:
        """True if `other` gives this number in this unit; without a unit here, any will do."""
        same_number = (self.value, self.percent) == (other.value, other.percent)
        return same_number and _same_unit(self.unit, other.unit)


def fold(text: str) -> str:
    """`text` in half width and lower case, dashes as `-`, 37,121 as 37121, 百分之5 as 5%."""
    folded = "".join(map(_half_width, text)).casefold().translate(_DASHES)
    plain = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), folded)
    return _PER_CENT_IN_WORDS.sub(r"\1%", _GAP_BEFORE_PERCENT.sub("", plain))


def tokenise(text: str) -> list[str]:
    """The tokens that scores count: each CJK character, Latin word and number is one.

    The segmentation of the CMRC 2018 script (Cui et al. 2019), with one deviation: a number keeps
    its point, percent sign and sign, where that script drops all punctuation.
    """
    tokens: list[str] = []
    folded = fold(text)
    position = 0
    while match := _next_token(folded, position):
        tokens.append(match.group())
        position = match.end()
    return tokens


def normalise(text: str) -> str:
    """The tokens of `text` joined; a space parts two where both are Latin words or numbers."""
    parts: list[str] = []
    for token in tokenise(text):
        if parts and _is_wordlike(parts[-1]) and _is_wordlike(token):
            parts.append(" ")
        parts.append(token)
    return "".join(parts)


def quantities(text: str) -> list[Quantity]:
    """Every number of `text` in order, with magnitude, percent sign and unit."""
    return [_quantity(match) for match in _QUANTITY.finditer(fold(text))]


def number_counts(text: str) -> Counter[tuple[Decimal, str]]:
    """How often each number, magnitude and percent sign included, stands in `text`."""
    return Counter((quantity.value, quantity.percent) for quantity in quantities(text))


def _half_width(character: str) -> str:
    # NFKC would write ² and ① as plain digits, and 5² would become 52.
    if unicodedata.category(character) == "No":
        return character
    return unicodedata.normalize("NFKC", character)


def _next_token(folded: str, position: int) -> re.Match[str] | None:
    match = _TOKEN.search(folded, position)
    if match is None:
        return None
    return _LATIN_WORD.match(folded, match.start()) or match


def _is_wordlike(token: str) -> bool:
    return token[-1] in "%‰" or token[0] == "-" or token[0] <= "\u024f"


def _quantity(match: re.Match[str]) -> Quantity:
    number, magnitudes, letters = match.groups()
    percent = number[-1] if number[-1] in "%‰" else ""
    value = Decimal(number.rstrip("%‰"))
    for magnitude in magnitudes:
        value *= _MAGNITUDES[magnitude]
    return Quantity(value.normalize(), percent, letters)


def _same_unit(gold: str, stated: str) -> bool:
    # What follows a unit is not parted from it in Chinese, so one may run on after the other.
    return not gold or (bool(stated) and (gold.startswith(stated) or stated.startswith(gold)))
