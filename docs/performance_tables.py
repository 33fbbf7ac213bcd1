"""What a benchmark measured, as Markdown: with what, then a table.

A benchmark without a table of its own here gets one row for each figure.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.peers.table import render as render_peers
from docs.markdown_tables import Row, every_figure, table

Result = Mapping[str, Any]  # Any: JSON

_COMMIT_CHARS = 7
_WAYS = {"python": "Python", "page": "the page (`/ask`)", "v1": "`/v1`"}
_NOT_NOTED = "not noted"


def told(name: str, result: Result) -> str:
    """Command, file, machine, commit and versions of a result, then its table."""
    return f"{_origin(name, result)}\n\n{_TABLES.get(name, every_figure)(result)}"


def _origin(name: str, result: Result) -> str:
    machine, commit = result["machine"], str(result["commit"])
    changed = ", changed since" if commit.endswith("-dirty") else ""
    busy = machine["busy"]
    threads = result.get("threads")
    parts = [
        " ".join(filter(None, (machine["processor"], machine["architecture"]))) or _NOT_NOTED,
        *([f"{machine['n_cores']} cores"] if machine["n_cores"] else []),
        *([f"{threads} thread{'s' * (threads > 1)}"] if threads else []),
        *([", ".join(machine["flags"])] if machine["flags"] else []),
        "how busy it was is not noted"
        if busy is None
        else f"busy with others before: {busy:.0%} (load {machine['load_average']})",
        f"commit {commit[:_COMMIT_CHARS]}{changed}",
        *([str(result["date"])[:10]] if result["date"] else []),
        ", ".join(f"{library} {version}" for library, version in result["versions"].items()),
    ]
    source = f"[{name}.json](../benchmarks/results/{name}.json)"
    return f"`{result['command']}` wrote {source}: {'; '.join(parts)}."


def _encoding(result: Result) -> str:
    head = ("encoder", "precision", "passages a second", "times the first", "least cosine", "hit@5")
    rows = [
        (
            way["name"],
            way["precision"],
            f"{way['passages_a_second']:.1f}",
            f"{way['times_faster']:.2f}",
            f"{way['least_cosine']:.5f}",
            f"{way['hit_at_5']:.3f}" if way["hit_at_5"] is not None else "",
        )
        for way in result["ways"]
    ]
    return (
        f"{table(head, rows)}\n\n{result['n']} passages, {result['tokens']:,} tokens. "
        f"This product in its own precision: {result['gflops']:.0f} GFLOP/s, "
        f"{result['share_of_peak']:.2f} of what matrix products of the model's shapes reach in it; "
        f"those reach {result['peak_over_float32']:.2f} times what they do in float32."
    )


def _questions(result: Result) -> str:
    stages = {"question to answer": {**result, "share": 1.0}, **result["stages"]}
    rows = [
        (
            name,
            f"{1000 * of['p50_s']:,.0f} ms",
            f"{1000 * of['p95_s']:,.0f} ms",
            f"{of['share']:.3f}",
        )
        for name, of in stages.items()
    ]
    early = next(name for name in result if name.startswith("peak_mb_after_"))
    return (
        f"{table(('stage', 'p50', 'p95', 'share of the time'), rows)}\n\n{result['n']} questions; "
        f"at most {result[early]:,.0f} MB held until question {early.rpartition('_')[2]}, "
        f"{result['peak_mb']:,.0f} MB until the end."
    )


def _reader_speed(result: Result) -> str:
    low, high = result["times_faster_95"]
    rows = [
        (
            f"this product, {result['precision']}",
            f"{1000 * result['reader_median_s']:,.0f} ms",
            f"{1000 * result['reader_p95_s']:,.0f} ms",
            f"{result['times_faster']:.2f} (95 % {low:.2f}-{high:.2f})",
        ),
        (
            "the same model, plain `generate`",
            f"{1000 * result['generate_median_s']:,.0f} ms",
            "",
            "",
        ),
    ]
    return table(("reader, five passages", "p50", "p95", "times as fast"), rows)


def _cold_start(result: Result) -> str:
    checkouts = result["checkouts"]
    whole = (
        ("`rag ask`, first answer, by the clock", "first_answer_s"),
        ("to the end of the process, by the clock", "end_s"),
        ("of the processor, all threads", "cpu_s"),
    )
    stages = [n.removesuffix("_wall_s") for n in checkouts["this"] if n.endswith("_wall_s")]
    rows = [(what, *(f"{of[name]:.2f} s" for of in checkouts.values())) for what, name in whole]
    rows += [
        (
            f"{stage}: clock / processor",
            *(
                f"{of[f'{stage}_wall_s']:.2f} / {of[f'{stage}_cpu_s']:.2f} s"
                for of in checkouts.values()
            ),
        )
        for stage in stages
    ]
    rows.append(("peak memory", *(f"{of['peak_mb']:,.0f} MB" for of in checkouts.values())))
    goal = "reached" if result["is_reached"] else "missed"
    shown = table(("", *checkouts), rows)
    return f"{shown}\n\nGoal, {result['goal_s']:g} s to the first answer: {goal}."


def _many_questions(result: Result) -> str:
    batches = result["encoder_ms_a_token_by_batch"]
    rows = [
        ("one by one, a question", f"{1000 * result['one_by_one_s']:,.0f} ms"),
        ("`ask_many`, a question", f"{1000 * result['ask_many_s']:,.0f} ms"),
        ("times as fast", f"{result['times_faster']:.2f}"),
        ("different answers", f"{result['different_answers']} of {result['n']}"),
        ("share of the reader's encoder, one by one", f"{result['encoder_share_one_by_one']:.2f}"),
        ("times as fast if all else cost nothing", f"{result['at_most_times_faster']:.2f}"),
    ]
    return "\n\n".join(
        (
            table(("", ""), rows),
            table(
                ("texts in a batch of the reader's encoder", *batches),
                [("ms a token", *(f"{ms:.3f}" for ms in batches.values()))],
            ),
        )
    )


def _load(result: Result) -> str:
    head = ("asked through", "callers", "answered", "fewest and most of one", "p50", "p95", "p99")
    rows = [
        (
            _WAYS[row["way"]],
            f"{row['callers']}",
            f"{row['answered']}",
            f"{row['fewest']}, {row['most']}",
            *(f"{row[f'{percentile}_ms']:,} ms" for percentile in ("p50", "p95", "p99")),
            f"{row['changes']}",
            f"{row['refused']}, {row['failed']}",
        )
        for row in result["rows"]
    ]
    text = table((*head, "changes of the shelf", "refused, failed"), rows)
    if "memory" in result:
        memory = result["memory"]
        low, high = memory["interval"]
        text += (
            f"\n\nMemory over {memory['n_questions']:,} questions of four callers: "
            f"{memory['bytes_a_question']:,} bytes a question (95 %: {low:,} to {high:,}; "
            f"limit {memory['limit']:,} at the upper end: "
            f"{'met' if memory['is_flat'] else 'missed'})."
        )
    return text


def _many_chunks(result: Result) -> str:
    return _by_size(result, _OF_SEARCH)


def _adding(result: Result) -> str:
    return _by_size(result, _OF_ADDING)


def _by_size(result: Result, figures: Sequence["_Figure"]) -> str:
    head = ["", *(f"{size['n_chunks']:,} chunks" for size in result["sizes"]), "exponent"]
    exponents = result["growth_exponents"]
    return table(head, [_growing(*row, result["sizes"], exponents) for row in figures])


_Figure = tuple[str, Callable[[float], str], Sequence[str]]
"""What, how to write a value of it, and the figures it is made of."""
_OF_ADDING: Sequence[_Figure] = (
    ("build without encoding, s", lambda s: f"{s:.1f}", ["build_s"]),
    ("bytes a chunk", lambda n: f"{n:,.0f}", ["bytes_a_chunk"]),
    ("open from the disk, s", lambda s: f"{s:.2f}", ["load_s"]),
    ("add a report, median / most, s", lambda s: f"{s:.2f}", ["median_add_s", "most_add_s"]),
    ("open again, median / most, s", lambda s: f"{s:.2f}", ["median_open_s", "most_open_s"]),
    (
        "written for it, median / most, MB",
        lambda n: f"{n / 1e6:.1f}",
        ["median_added_bytes", "most_added_bytes"],
    ),
    ("chunks of the report", lambda n: f"{n:.0f}", ["added_chunks"]),
    ("segments in the end", lambda n: f"{n:.0f}", ["n_segments"]),
)
_OF_SEARCH: Sequence[_Figure] = (
    ("windows", lambda n: f"{n:,.0f}", ["n_windows"]),
    ("build, lexical / dense, s", lambda s: f"{s:.1f}", ["build_lexical_s", "build_dense_s"]),
    (
        "bytes a chunk on disk, lexical / dense",
        lambda n: f"{n:,.0f}",
        ["lexical_bytes_a_chunk", "dense_bytes_a_chunk"],
    ),
    ("load, lexical / dense, s", lambda s: f"{s:.2f}", ["load_lexical_s", "load_dense_s"]),
    (
        "memory of its own / mapped files, MB",
        lambda mb: f"{mb:,.0f}",
        ["own_memory_mb", "mapped_memory_mb"],
    ),
    *(
        (f"{what}, p50 / p95, ms", lambda ms: f"{ms:.1f}", [f"{of}_p50_ms", f"{of}_p95_ms"])
        for what, of in (
            ("dense search", "dense"),
            ("lexical search", "lexical"),
            ("both and fusion", "all"),
            ("the same with exact dense search", "exact_all"),
            ("both and fusion, by the clock", "real"),
            ("both and fusion, questions just after loading", "fresh_all"),
        )
    ),
    ("recall@10 of the fused ranking against exact", lambda r: f"{r:.3f}", ["recall_at_10"]),
)


def _growing(
    what: str,
    write: Callable[[float], str],
    names: Sequence[str],
    sizes: Sequence[Result],
    exponents: Mapping[str, float],
) -> Row:
    values = [" / ".join(write(size[name]) for name in names) for size in sizes]
    grows = [f"{exponents[name]:.2f}" if name in exponents else "-" for name in names]
    return [what, *values, " / ".join(grows)]


def _peers(result: Result) -> str:
    versions = {system["name"]: system.get("versions", {}) for system in result["systems"]}
    lines = [
        f"- {name}: {', '.join(f'{library} {version}' for library, version in of.items())}"
        for name, of in versions.items()
        if of
    ]
    return "\n".join((render_peers(result), "", *lines))


def _retrieval(result: Result) -> str:
    measures = [name for name in result["searches"][0] if f"{name}_95" in result["searches"][0]]
    rows = [
        [row["search"], *(_with_interval(row[name], row[f"{name}_95"]) for name in measures)]
        for row in result["searches"]
    ]
    return table(("search", *measures), rows)


def _with_interval(mean: float | None, bounds: Sequence[float] | None) -> str:
    return f"{mean:.3f} ({bounds[0]:.3f}-{bounds[1]:.3f})" if bounds else "-"


_TABLES: Mapping[str, Callable[[Result], str]] = {
    "adding": _adding,
    "cold_start": _cold_start,
    "encoding": _encoding,
    "load": _load,
    "many_chunks": _many_chunks,
    "many_questions": _many_questions,
    "peers": _peers,
    "questions": _questions,
    "retrieval_ablation": _retrieval,
    "reader_speed": _reader_speed,
}
