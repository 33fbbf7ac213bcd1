"""An evaluation report as a text table and as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rag.evaluation.harness import EvaluationReport
from rag.evaluation.outcome import Outcome
from rag.evaluation.summary import Group, Measure

_BYTES_PER_MEGABYTE = 10**6


def report_as_json(report: EvaluationReport) -> str:
    """The whole report as one JSON object; what is undefined is null."""
    record = {
        "run": asdict(report.run),
        "measures": {measure.name: _measure_record(measure) for measure in report.measures},
        "groups": [_group_record(group) for group in report.groups],
        "misses": [miss_record(miss) for miss in report.misses],
        "outcomes": [asdict(outcome) for outcome in report.outcomes],
    }
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)


def report_as_text(report: EvaluationReport) -> str:
    """Tables of all measures and groups, then every miss."""
    parts = [
        _heading(report),
        _table(("measure", "value", "95 % interval", "n"), map(measure_row, report.measures)),
        *_group_tables(report.groups),
        _misses(report.misses),
    ]
    return "\n\n".join(parts) + "\n"


def miss_record(miss: Outcome) -> dict[str, object]:
    """What one needs to see to understand a miss."""
    return {
        "id": miss.question.id,
        "type": miss.question.type,
        "question": miss.question.question,
        "gold": list(miss.question.answers),
        "answer": miss.answer,
        "abstained": miss.abstained,
        "confidence": miss.confidence,
        "gold_rank": miss.gold_rank,
    }


def measure_row(measure: Measure) -> tuple[str, str, str, str]:
    """Name, value, interval and count as people read them."""
    between = measure.interval
    limits = f"{between.low:.3f} to {between.high:.3f}" if between else ""
    return measure.name, format_value(measure), limits, str(measure.n)


def format_value(measure: Measure) -> str:
    """The value with its unit; `-` when it is undefined."""
    if measure.value is None:
        return "-"
    if measure.unit == "bytes":
        return f"{measure.value / _BYTES_PER_MEGABYTE:.0f} MB"
    if measure.unit == "seconds":
        return f"{measure.value:.2f} s"
    return f"{measure.value:.0f}" if measure.unit == "count" else f"{measure.value:.3f}"


def _measure_record(measure: Measure) -> dict[str, object]:
    between = measure.interval
    return {
        "value": measure.value,
        "n": measure.n,
        "low": between.low if between else None,
        "high": between.high if between else None,
        "unit": measure.unit,
    }


def _group_record(group: Group) -> dict[str, object]:
    measures = {measure.name: _measure_record(measure) for measure in group.measures}
    return {"by": group.by, "name": group.name, "n": group.n, "measures": measures}


def _heading(report: EvaluationReport) -> str:
    run = report.run
    models = ", ".join(f"{role} {name}" for role, name in run.models.items())
    return (
        f"{run.n_questions} questions on {run.n_documents} reports, {run.started}\n"
        f"code {run.commit or 'not in git'}; {models}\n"
        f"questions {run.questions_hash[:12]}, reports {run.documents_hash[:12]}"
    )


def _group_tables(groups: Sequence[Group]) -> list[str]:
    tables = []
    for by in dict.fromkeys(group.by for group in groups):
        chosen = [group for group in groups if group.by == by]
        header = (f"by {by}", "n", *(measure.name for measure in chosen[0].measures))
        rows = [
            (group.name, str(group.n), *(format_value(measure) for measure in group.measures))
            for group in chosen
        ]
        tables.append(_table(header, rows))
    return tables


def _misses(misses: Sequence[Outcome]) -> str:
    if not misses:
        return "no misses"
    return "\n".join([f"{len(misses)} misses", *(_miss_lines(miss) for miss in misses)])


def _miss_lines(miss: Outcome) -> str:
    gold = " | ".join(miss.question.answers) or "(not in the reports)"
    answer = "(abstained)" if miss.abstained else miss.answer
    rank = "-" if miss.gold_rank is None else str(miss.gold_rank)
    return (
        f"{miss.question.id} [{miss.question.type}] {_one_line(miss.question.question)}\n"
        f"  gold    {_one_line(gold)}\n"
        f"  answer  {_one_line(answer)}  (confidence {miss.confidence:.2f}, gold passage {rank})"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(header), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(_row(line, widths) for line in lines)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    numbers = (f"{cell.strip():>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
    return "  ".join([first, *numbers]).rstrip()
