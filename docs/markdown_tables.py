"""Tables in Markdown, and one for figures of any kind."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.record import FIELDS

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def every_figure(result: Mapping[str, Any]) -> str:
    """Every figure by its name, then a table for each list of rows."""
    figures = {name: value for name, value in result.items() if name not in FIELDS}
    listed = {name: value for name, value in figures.items() if _is_rows(value)}
    single = {name: value for name, value in figures.items() if name not in listed}
    tables = [table(list(rows[0]), [[*map(_cell, row.values())] for row in rows])
              for rows in listed.values()]  # fmt: skip
    return "\n\n".join((table(("figure", "value"), [*_flat("", single)]), *tables))


def _is_rows(value: object) -> bool:
    """True for mappings with the same names, one or more."""
    if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
        return False
    return all(isinstance(row, Mapping) and list(row) == list(value[0]) for row in value)


def _flat(within: str, value: object) -> Iterator[Row]:
    if not isinstance(value, Mapping):
        yield within, _cell(value)
        return
    for name, part in value.items():
        yield from _flat(f"{within}{', ' if within else ''}{name}", part)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else str(value)
