"""Pictures of what the benchmarks measured, as SVG: the same figures give the same picture.

Text stays text, in a font that every system replaces by one of its own.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Result = Mapping[str, Any]  # Any: JSON
Series = tuple[str, Sequence[float]]

_OURS, _OTHER, _LIGHT, _RED, _GREY = "#2b6cb0", "#a0aec0", "#90cdf4", "#c05621", "#718096"
_INK = "#2d3748"
# Any: matplotlib 3.11 lists the names that may be set as a type, older ones do not.
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "performance",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.edgecolor": _GREY,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def draw(name: str, result: Result) -> bytes | None:
    """The picture of the result of a benchmark as an SVG file; None if it has none."""
    if name not in _DRAWN:
        return None
    import matplotlib

    with matplotlib.rc_context(_SETTINGS):
        return _svg(_DRAWN[name](result))


def described(name: str) -> str | None:
    """What the picture of a benchmark shows, for those who do not see it; None if it has none."""
    return _TITLES.get(name)


def _encoding(result: Result) -> "Figure":
    ways = result["ways"][::-1]
    figure = _figure(7.2, 0.8 + 0.45 * len(ways))
    axes = figure.add_subplot()
    _bars(
        axes,
        [f"{way['name']}, {way['precision']}" for way in ways],
        [way["passages_a_second"] for way in ways],
        [f"{way['passages_a_second']:.1f} ({way['times_faster']:.2f} times)" for way in ways],
        [way["name"] == "this product" for way in ways],
    )
    axes.set_xlabel("passages a second (times the baseline)")
    return figure


def _questions(result: Result) -> "Figure":
    stages = {"question to answer": result, **result["stages"]}
    names = list(stages)[::-1]
    figure = _figure(7.2, 0.9 + 0.45 * len(names))
    axes = figure.add_subplot()
    for percentile, colour in (("p95_s", _LIGHT), ("p50_s", _OURS)):
        milliseconds = [1000 * stages[name][percentile] for name in names]
        axes.barh(names, milliseconds, color=colour, height=0.6, label=percentile[:3])
    for place, name in enumerate(names):
        p50, p95 = (1000 * stages[name][percentile] for percentile in ("p50_s", "p95_s"))
        axes.annotate(f"{p50:,.0f} / {p95:,.0f} ms", (p95, place), (4, 0), **_BESIDE)
    axes.margins(x=0.25)
    axes.legend(frameon=False, loc="lower right", reverse=True)
    axes.set_xlabel("milliseconds")
    return figure


def _load(result: Result) -> "Figure":
    ways = list(dict.fromkeys(row["way"] for row in result["rows"]))
    figure = _figure(7.2, 3.4)
    axes = figure.add_subplot()
    for way, colour in zip(ways, (_OURS, _RED, _GREY), strict=False):
        rows = [row for row in result["rows"] if row["way"] == way]
        callers = [row["callers"] for row in rows]
        for percentile, dashes in (("p50", "-"), ("p95", "--")):
            seconds = [row[f"{percentile}_ms"] / 1000 for row in rows]
            label = f"{_WAYS[way]}, {percentile}"
            axes.plot(callers, seconds, dashes, color=colour, marker="o", ms=3, label=label)
    counts = sorted({row["callers"] for row in result["rows"]})
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set(xlabel="callers at once", ylabel="seconds to the answer")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure


def _many_chunks(result: Result) -> "Figure":
    figure = _figure(9.6, 4.0)
    panels = figure.subplots(1, 3)
    sizes = result["sizes"]
    on_disk = {
        f"{part}_bytes_a_chunk": [size[f"{part}_bytes_a_chunk"] * size["n_chunks"] / 1e9
                                  for size in sizes]
        for part in ("dense", "lexical")
    }  # fmt: skip
    built = {name: [size[name] for size in sizes] for name in ("build_dense_s", "build_lexical_s")}
    found = {f"{of}_p95_ms": [size[f"{of}_p95_ms"] for size in sizes] for of in _SEARCHES}
    exponents = result["growth_exponents"]
    # Bytes are noted a chunk: of all together the exponent is larger by 1.
    _grow(panels[0], sizes, found, _SEARCHES, exponents, "search, p95, ms of a core")
    _grow(panels[1], sizes, on_disk, ("dense", "lexical"), exponents, "on disk, GB", more=1)
    _grow(panels[2], sizes, built, ("dense", "lexical"), exponents, "build, seconds")
    figure.suptitle("In brackets: the growth exponent")
    return figure


def _grow(
    axes: "Axes",
    sizes: Sequence[Result],
    lines: Mapping[str, Sequence[float]],
    labels: Sequence[str] | Mapping[str, str],
    exponents: Mapping[str, float],
    title: str,
    more: float = 0.0,
) -> None:
    """Lines over the number of chunks, both logarithmic, each labelled with its exponent."""
    chunks = [size["n_chunks"] for size in sizes]
    told = labels.values() if isinstance(labels, Mapping) else labels
    for (name, values), label, colour in zip(lines.items(), told, _COLOURS, strict=False):
        grows = f" ({exponents[name] + more:.2f})" if name in exponents else ""
        axes.plot(chunks, values, "o-", ms=3, color=colour, label=f"{label}{grows}")
    axes.set(xscale="log", yscale="log", xlabel="chunks", title=title)
    axes.set_xticks(chunks, [_short(count) for count in chunks])
    axes.minorticks_off()
    _plain_ticks(axes, [value for values in lines.values() for value in values])
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def _plain_ticks(axes: "Axes", values: Sequence[float]) -> None:
    """Round numbers over the range of the values, 1, 2 and 5 times powers of ten."""
    low, high = min(values) / 1.5, max(values) * 1.5
    steps = [mantissa * 10.0**power for power in range(-6, 9) for mantissa in (1, 2, 5)]
    kept = [step for step in steps if low <= step <= high]
    axes.set_ylim(low, high)
    axes.set_yticks(kept, [f"{step:g}" for step in kept])


def _peers(result: Result) -> "Figure":
    systems = [system for system in result["systems"] if "failure" not in system][::-1]
    names = [", ".join(filter(None, (each["name"], each["setting"]))) for each in systems]
    figure = _figure(9.6, 3.0)
    panels = figure.subplots(1, len(_PEERS), sharey=True)
    for axes, (key, title, written) in zip(panels, _PEERS.values(), strict=True):
        values = [system[key] for system in systems]
        ours = [system["name"] == "this product" for system in systems]
        _bars(axes, names, values, [written.format(value) for value in values], ours)
        axes.set_title(title.format(budget=result["budget_chars"]))
        axes.margins(x=0.45)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
    return figure


def _bars(
    axes: "Axes",
    names: Sequence[str],
    values: Sequence[float],
    labels: Sequence[str],
    are_ours: Sequence[bool],
) -> None:
    """Horizontal bars with their values; ours stand out."""
    colours = [_OURS if ours else _OTHER for ours in are_ours]
    axes.barh(names, values, color=colours, height=0.6)
    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        axes.annotate(label, (value, place), (4, 0), **_BESIDE)
    axes.margins(x=0.25)


def _figure(width: float, height: float) -> "Figure":
    # Without pyplot: no global state, no window system.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _svg(figure: "Figure") -> bytes:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _short(count: int) -> str:
    return f"{count // 1_000_000} M" if count >= 1_000_000 else f"{count // 1000} k"


_BESIDE: Mapping[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8}
_COLOURS = (_OURS, _RED, _INK, _OTHER)
_WAYS = {"python": "Python", "page": "page", "v1": "/v1"}
_SEARCHES = {
    "dense": "dense",
    "lexical": "lexical",
    "all": "both and fusion",
    "exact_all": "the same, exact",
}
_PEERS = {
    "index": ("index_seconds", "index, s", "{:.1f}"),
    "query": ("query_ms_p50", "query, p50, ms", "{:.0f}"),
    "first": ("hit_at_1", "hit@1", "{:.2f}"),
    "budget": ("hit_in_budget", "in {budget:,} characters", "{:.2f}"),
    "memory": ("peak_mb", "peak memory, MB", "{:,.0f}"),
}
_TITLES = {
    "encoding": "Passages encoded a second, by encoder and precision",
    "load": "Seconds to the answer by the number of callers",
    "many_chunks": "Search time, bytes and build time by the number of chunks",
    "peers": "This product, txtai, LlamaIndex and Haystack: time, hits, memory",
    "questions": "Milliseconds of each stage from question to answer",
}
_DRAWN: Mapping[str, Callable[[Result], "Figure"]] = {
    "encoding": _encoding,
    "load": _load,
    "many_chunks": _many_chunks,
    "peers": _peers,
    "questions": _questions,
}
