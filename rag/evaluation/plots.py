"""Pictures of an evaluation as PNG bytes; labels are ours, so no font or markup can surprise."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.evaluation.outcome import Outcome
from rag.evaluation.summary import Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE = "#2b6cb0"
_GREY = "#a0aec0"
_SIZE_INCHES = (4.6, 3.0)


def plot_retrieval(measures: Sequence[Measure]) -> bytes:
    """Bars of hit@k with their intervals."""
    hits = [measure for measure in measures if measure.name.startswith("hit@")]
    return _draw(lambda axes: _bars(axes, hits), "Retrieval", "depth", "share of questions")


def plot_seconds(outcomes: Sequence[Outcome]) -> bytes:
    """Histogram of the time from question to answer."""
    seconds = [outcome.seconds for outcome in outcomes]
    return _draw(
        lambda axes: axes.hist(seconds, bins=20, color=_BLUE), "Speed", "seconds", "questions"
    )


def plot_strictness(outcomes: Sequence[Outcome]) -> bytes:
    """Share of answers that are right among the k most confident ones, against k."""
    answered = [outcome for outcome in outcomes if not outcome.abstained]
    ranked = sorted(answered, key=lambda outcome: -outcome.confidence)
    right = [outcome.correct for outcome in ranked]
    shares = [sum(right[:k]) / k for k in range(1, len(right) + 1)]
    return _draw(
        lambda axes: axes.plot(range(1, len(shares) + 1), shares, color=_BLUE),
        "Right answers, most confident first",
        "answers shown",
        "share that is right",
    )


def _bars(axes: "Axes", measures: Sequence[Measure]) -> None:
    values = [measure.value or 0.0 for measure in measures]
    axes.bar([measure.name for measure in measures], values, color=_BLUE)
    for at, measure in enumerate(measures):
        if measure.interval:
            axes.vlines(at, measure.interval.low, measure.interval.high, color=_GREY, linewidth=2)
    axes.set_ylim(0, 1)


def _draw(fill: Callable[["Axes"], object], title: str, x: str, y: str) -> bytes:
    # Figure without pyplot: no global state, no window system.
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    fill(axes)
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()
