"""What `benchmarks/results/peers.json` says, as the table that docs/performance.md shows."""

from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = (
    "system",
    "pieces",
    "load",
    "index (processor)",
    "query, p50 / p95 (processor, p50)",
    "hit@1",
    "hit@5",
    "in {budget:,} characters",
    "mean characters",
    "peak memory",
)


def render(report: Mapping[str, Any]) -> str:
    """A Markdown table with a row for each system, those that failed with their reason."""
    head = [cell.format(budget=report["budget_chars"]) for cell in _HEAD]
    rows = [_row(system) for system in report["systems"]]
    return "\n".join(map(_line, [head, ["---"] * len(head), *rows]))


def _row(system: Mapping[str, Any]) -> Sequence[str]:
    name = ", ".join(filter(None, (system["name"], system["setting"])))
    if "failure" in system:
        return [name, f"not measured: {_plain(system['failure'])}", *[""] * (len(_HEAD) - 2)]
    p50, p95 = system["query_ms_p50"], system["query_ms_p95"]
    return [
        name,
        f"{system['n_pieces']:,}",
        f"{system['load_seconds']:.1f} s",
        f"{system['index_seconds']:.1f} s ({system['index_cpu_seconds']:.1f})",
        f"{p50:.0f} / {p95:.0f} ms ({system['query_cpu_ms_p50']:.0f})",
        f"{system['hit_at_1']:.3f}",
        f"{system['hit_at_5']:.3f}",
        f"{system['hit_in_budget']:.3f}",
        f"{system['mean_chars']:,.0f}",
        f"{system['peak_mb']:,.0f} MB",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    # What pip or Python said goes into one cell.
    return " ".join(text.replace("|", "/").split())
