"""The figures of a comparison as bars: HTML made here, the table beside it tells the same."""

from collections.abc import Sequence
from decimal import Decimal

from rag.figures import Figure, find_figures
from rag.types import Side
from rag.ui.markup import element, escape
from rag.ui.words import both
from rag.units import amounts_in_one_unit, measure_of

_LABEL = both("条形图", "Bar chart")
# The longest bar leaves room for the figure behind it.
_LONGEST = 70
_NO_AMOUNTS = {"rank", "time"}


def bar_lengths(sides: Sequence[Side]) -> tuple[Decimal, ...] | None:
    """How long each side's bar is, as a share of the longest one in [0, 1].

    None where bars would mislead: it is not plain which figures are compared, one is a range, a
    rank or a point in time, or they have no unit in common.
    """
    amounts = amounts_in_one_unit(_compared([find_figures(side.answer) for side in sides]))
    if amounts is None or len(amounts) < 2:
        return None
    longest = max(amounts)
    return tuple(amount / longest if longest else Decimal(0) for amount in amounts)


def chart(sides: Sequence[Side]) -> str:
    """A bar for each side with its place, its figure as the report has it, and its marks.

    Empty if there are no bars to draw. The marks are plain: those in the table are links.
    """
    lengths = bar_lengths(sides)
    if lengths is None:
        return ""
    rows = "".join(_row(side, length) for side, length in zip(sides, lengths, strict=True))
    told = "; ".join(f"{side.place}: {side.answer}" for side in sides)
    return element("div", rows, class_="rag-chart", role="img", title=f"{_LABEL}: {told}")


def _compared(told: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The one figure of each side that measures what all sides tell; none if that is not plain."""
    measured = [[measure_of(figure) for figure in figures] for figures in told]
    shared = set.intersection(*map(set, measured)) - _NO_AMOUNTS if measured else set()
    if len(shared) != 1 or any(own.count(*shared) != 1 for own in measured):
        return []
    chosen = [f for figures in told for f in figures if measure_of(f) in shared]
    return chosen if all(figure.value == figure.high for figure in chosen) else []


def _row(side: Side, length: Decimal) -> str:
    fill = element("span", "", class_="rag-bar-fill", style=f"width:{length * _LONGEST:.1f}%")
    marks = "".join(f"[{mark}]" for mark in side.marks)
    figure = element("span", escape(f"{side.answer} {marks}".rstrip()))
    track = element("span", fill + figure, class_="rag-bar-track")
    return element("div", element("bdi", escape(side.place)) + track, class_="rag-bar")
