"""How large units are against each other, so that figures of one kind can be set side by side."""

from collections.abc import Sequence
from decimal import Decimal

from rag.figures import Figure

# Sizes in square metres, metres, kilograms and hundredths. 1 亩 is a fifteenth of a hectare.
_SIZES = {
    "area": {
        "平方公里": Decimal(10**6),
        "公顷": Decimal(10**4),
        "万亩": Decimal(10**8) / 15,
        "亩": Decimal(10**4) / 15,
        "平方米": Decimal(1),
    },
    "length": {"公里": Decimal(1000), "米": Decimal(1)},
    "mass": {"吨": Decimal(1000), "公斤": Decimal(1), "斤": Decimal("0.5")},
    "percent": {"%": Decimal(1), "‰": Decimal("0.1")},
}
# Kinds whose units have no fixed sizes against each other: currencies, and months against days.
_OPEN = ("money", "time")
# Other words for a unit.
_SAME = {
    "口": "人",
    "名": "人",
    "位": "人",
    "块": "元",
    "平方千米": "平方公里",
    "度": "千瓦时",
}


def measure_of(figure: Figure) -> str:
    """What a figure measures: its kind, persons by any word, or the unit where no kind is known."""
    return "people" if figure.kind == "heads" else figure.kind or figure.unit


def amounts_in_one_unit(figures: Sequence[Figure]) -> tuple[Decimal, ...] | None:
    """The amounts of figures in one unit; None if they cannot be set against each other.

    The unit is theirs where all have the same, else the smallest of what they measure.
    """
    measures = {measure_of(figure) for figure in figures}
    if len(measures) != 1:
        return None
    (measure,) = measures
    units = [_SAME.get(figure.unit, figure.unit) for figure in figures]
    values = [figure.value for figure in figures]
    if len(set(units)) == 1 or measure not in (*_SIZES, *_OPEN):
        return tuple(values)
    sizes = _SIZES.get(measure, {})
    if not all(unit in sizes for unit in units):
        return None
    return tuple(value * sizes[unit] for value, unit in zip(values, units, strict=True))
