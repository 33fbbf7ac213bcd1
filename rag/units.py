"""How large units are against each other, so that figures of one kind can be set side by side."""

from collections.abc import Sequence
from decimal import Decimal

from rag.figures import Figure

# In whole numbers, so that equal amounts stay equal: in fifteenths of a square metre (15 亩 are a
# hectare), metres, half kilograms, thousandths and 元. A kind that stands here with units left out
# is one whose units have no fixed size: other currencies, months against days.
_SIZES = {
    "area": {
        "平方公里": 15 * 10**6,
        "平方千米": 15 * 10**6,
        "公顷": 15 * 10**4,
        "万亩": 10**8,
        "亩": 10**4,
        "平方米": 15,
    },
    "length": {"公里": 1000, "千米": 1000, "米": 1},
    "mass": {"吨": 2000, "公斤": 2, "千克": 2, "斤": 1},
    "percent": {"%": 10, "‰": 1},
    "money": {"元": 1, "块": 1},
    "time": {},
}


def measure_of(figure: Figure) -> str:
    """What a figure measures: its kind, persons by any word, or the unit where no kind is known."""
    return "people" if figure.kind == "heads" else figure.kind or figure.unit


def amounts_in_one_unit(figures: Sequence[Figure]) -> tuple[Decimal, ...] | None:
    """The amounts of figures in the unit of the first; None if they have no unit in common."""
    measures = {measure_of(figure) for figure in figures}
    if len(measures) != 1:
        return None
    (measure,) = measures
    units = {figure.unit for figure in figures}
    if len(units) == 1 or measure not in _SIZES:
        return tuple(figure.value for figure in figures)
    sizes = _SIZES[measure]
    if not units <= sizes.keys():
        return None
    unit = sizes[figures[0].unit]
    return tuple(figure.value * sizes[figure.unit] / unit for figure in figures)
