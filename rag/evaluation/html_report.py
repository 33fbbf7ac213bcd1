"""An evaluation report as one HTML file: everything escaped, nothing loaded from elsewhere."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from rag.evaluation.harness import EvaluationReport
from rag.evaluation.outcome import Outcome
from rag.evaluation.plots import plot_retrieval, plot_seconds, plot_strictness
from rag.evaluation.report import format_value, measure_row
from rag.evaluation.summary import Group

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1a202c}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.25rem .7rem;border-bottom:1px solid #e2e8f0;text-align:left;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.bar{display:inline-block;height:.7em;background:#2b6cb0}
.plots{display:flex;flex-wrap:wrap;gap:1rem}
.plots img{max-width:100%;width:22rem}
.muted{color:#718096;overflow-wrap:anywhere}
"""


def report_as_html(report: EvaluationReport) -> str:
    """A page with the tables, plots and misses of `report`."""
    body = [
        "<h1>Evaluation</h1>",
        _run(report),
        _plots(report),
        "<h2>All questions</h2>",
        _table(("measure", "value", "95 % interval", "n"), map(measure_row, report.measures)),
        *(_group_table(by, report.groups) for by in _kinds(report.groups)),
        f"<h2>Misses ({len(report.misses)})</h2>",
        _table(_MISS_HEADER, map(_miss_row, report.misses)),
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>Evaluation</title><style>{_STYLE}</style></head>\n"
        f"<body>{''.join(body)}</body></html>\n"
    )


_MISS_HEADER = ("id", "type", "question", "gold", "answer", "confidence", "gold passage")


def _run(report: EvaluationReport) -> str:
    run = report.run
    facts = {
        "started": run.started,
        "commit": run.commit or "not in git",
        "questions": f"{run.n_questions}, SHA-256 {run.questions_hash}",
        "reports": f"{run.n_documents}, SHA-256 {run.documents_hash}",
        **run.models,
        **run.settings,
        **run.versions,
    }
    rows = ((name, value) for name, value in facts.items())
    table = _table(("what", "value"), rows)
    return f"<details class='muted'><summary>Measured with</summary>{table}</details>"


def _plots(report: EvaluationReport) -> str:
    pictures = {
        "hit at 1, 5 and 10": plot_retrieval(report.measures),
        "histogram of seconds": plot_seconds(report.outcomes),
        "share of right answers by confidence": plot_strictness(report.outcomes),
    }
    images = "".join(_image(label, png) for label, png in pictures.items())
    return f"<div class='plots'>{images}</div>"


def _image(label: str, png: bytes) -> str:
    data = base64.b64encode(png).decode("ascii")
    return f'<img alt="{escape(label)}" src="data:image/png;base64,{data}">'


def _kinds(groups: Sequence[Group]) -> list[str]:
    return list(dict.fromkeys(group.by for group in groups))


def _group_table(by: str, groups: Sequence[Group]) -> str:
    chosen = [group for group in groups if group.by == by]
    names = [measure.name for measure in chosen[0].measures]
    head = "".join(f"<th>{escape(name)}</th>" for name in (by, "n", *names))
    rows = "".join(_group_row(group) for group in chosen)
    return f"<h2>By {escape(by)}</h2><table><tr>{head}</tr>{rows}</table>"


def _group_row(group: Group) -> str:
    cells = "".join(
        f"<td><span class='bar' style='width:{(measure.value or 0) * 5:.2f}em'></span> "
        f"{format_value(measure)}</td>"
        for measure in group.measures
    )
    return f"<tr><td>{escape(group.name)}</td><td class='number'>{group.n}</td>{cells}</tr>"


def _miss_row(miss: Outcome) -> tuple[str, ...]:
    return (
        miss.question.id,
        miss.question.type,
        miss.question.question,
        " | ".join(miss.question.answers) or "(not in the reports)",
        "(abstained)" if miss.abstained else miss.answer,
        f"{miss.confidence:.2f}",
        "-" if miss.gold_rank is None else str(miss.gold_rank),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"
