"""This product beside txtai, LlamaIndex and Haystack: time, memory, hits, in one run.

`python -m benchmarks.peers --work DIR` makes an environment for each in DIR (pip, from where it is
configured to look), then runs each system in a process of its own, one after another, on the same
files, questions (both of `seeds` by default), encoder weights and number of threads, offline. Each
keeps its own defaults: how it cuts, encodes, stores and searches. It writes
`benchmarks/results/peers.json` and prints the table of docs/performance.md; `--show` prints that of
an earlier run. What fails is told with its reason.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.environments import EnvironmentFailure, last_line, prepare
from benchmarks.peers.judging import Found, judge
from benchmarks.peers.table import render
from benchmarks.record import RESULTS, Run
from embeddings.offline import OFFLINE_SWITCHES
from rag.evaluation.questions import Question, load_questions

_ROOT = Path(__file__).parents[2]
_OUT = RESULTS / "peers.json"
_TOP_K, _BUDGET_CHARS = 5, 1500
_SYSTEM_SECONDS = 3600
_THREADS = ("OMP", "MKL", "OPENBLAS", "RAYON")


@dataclass(frozen=True, slots=True)
class Contender:
    """A system with one choice of its settings.

    Attributes:
        name: As it is called.
        module: The module in this folder that runs it.
        variant: Which of the module's systems.
        setting: What is not its default, in words.
    """

    name: str
    module: str
    variant: str = ""
    setting: str = ""

    @property
    def environment(self) -> str | None:
        """The environment that it needs; None is the product's own."""
        return None if self.module == "ours" else self.module


CONTENDERS = (
    Contender("this product", "ours"),
    Contender("txtai", "txtai"),
    Contender("txtai", "txtai", "lines", "cut at lines"),
    Contender("LlamaIndex", "llama_index"),
    Contender("Haystack", "haystack"),
    Contender("Haystack", "haystack", "lines", "cut at lines"),
)


def main() -> None:
    """Measure, write, print; or print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--work", type=Path, help="folder for environments and weights")
    task.add_argument("--show", action="store_true", help="print the table of --out")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--reports", type=Path, default=_ROOT / "seeds", help="folder of .txt")
    parser.add_argument("--questions", type=Path, default=_ROOT / "seeds/questions.jsonl")
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    if given.work:
        questions = [q for q in load_questions(given.questions) if q.is_answerable]
        files = sorted(given.reports.resolve().glob("*.txt"))
        run = Run.begin()
        run.tell(_figures(questions, files, given.work.resolve(), given.threads), given.out)
    print(render(json.loads(given.out.read_text(encoding="utf-8"))))


def _figures(
    questions: Sequence[Question], files: Sequence[Path], work: Path, n_threads: int
) -> dict[str, Any]:
    model = work / "encoder"
    # In a process of its own: what a parent holds counts as its children's peak memory.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.weights", str(model)], cwd=_ROOT, check=True
    )
    task = {
        "model": str(model),
        "files": [str(file) for file in files],
        "questions": [question.question for question in questions],
        "top_k": _TOP_K,
    }
    return {
        "threads": n_threads,
        "n_files": len(files),
        "n_questions": len(questions),
        "budget_chars": _BUDGET_CHARS,
        "systems": [measure_one(each, task, questions, work, n_threads) for each in CONTENDERS],
    }


def measure_one(
    contender: Contender,
    task: Mapping[str, Any],
    questions: Sequence[Question],
    work: Path,
    n_threads: int,
) -> dict[str, Any]:
    """What the report tells of one system; if it cannot be measured, why (`failure`)."""
    told = {"name": contender.name, "setting": contender.setting}
    print(*filter(None, told.values()), file=sys.stderr)
    try:
        name = contender.environment
        python = Path(sys.executable) if name is None else prepare(name, work)
        return told | summarise(_measure(contender, task, python, n_threads), questions)
    except EnvironmentFailure as exc:
        return told | {"failure": f"cannot be installed: {exc}"}
    except subprocess.CalledProcessError as exc:
        return told | {"failure": last_line(exc.stderr) or f"exit status {exc.returncode}"}
    except subprocess.TimeoutExpired:
        return told | {"failure": f"not done after {_SYSTEM_SECONDS} s"}


def _measure(
    contender: Contender, task: Mapping[str, Any], python: Path, n_threads: int
) -> dict[str, Any]:
    """What `benchmarks.peers.measure` tells of the system, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "task.json", Path(folder) / "result.json"
        own = Path(folder) / "work"
        own.mkdir()
        text = json.dumps({**task, "variant": contender.variant, "work": str(own)})
        given.write_text(text, encoding="utf-8")
        subprocess.run(
            [str(python), "-m", f"benchmarks.peers.{contender.module}", str(given), str(result)],
            cwd=_ROOT,
            env=environment(os.environ, n_threads),
            capture_output=True,
            text=True,
            check=True,
            timeout=_SYSTEM_SECONDS,
        )
        measured: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return measured


def environment(given: Mapping[str, str], n_threads: int) -> dict[str, str]:
    """Variables of a system's process: offline, so many threads, no setting of the product."""
    kept = {k: v for k, v in given.items() if not k.startswith("RAG_") and k != "PYTHONPATH"}
    threads = {f"{library}_NUM_THREADS": str(n_threads) for library in _THREADS}
    return kept | threads | OFFLINE_SWITCHES | {"HAYSTACK_TELEMETRY_ENABLED": "False"}


def summarise(measured: Mapping[str, Any], questions: Sequence[Question]) -> dict[str, Any]:
    """What is kept of a system's measurements: figures for all questions together."""
    passages = [[Found(*pair) for pair in found] for found in measured["passages"]]
    judged = judge(questions, passages, _BUDGET_CHARS)
    p50, p95 = np.percentile(measured["query_seconds"], (50, 95)) * 1000
    cpu_p50 = np.median(measured["query_cpu_seconds"]) * 1000
    hits = {name: getattr(judged, name) for name in ("hit_at_1", "hit_at_5", "hit_in_budget")}
    return {
        "n_pieces": measured["n_pieces"],
        "load_seconds": round(measured["load_seconds"], 2),
        "index_seconds": round(measured["index_seconds"], 2),
        "index_cpu_seconds": round(measured["index_cpu_seconds"], 2),
        "query_ms_p50": round(float(p50), 1),
        "query_ms_p95": round(float(p95), 1),
        "query_cpu_ms_p50": round(float(cpu_p50), 1),
        **{name: round(score.mean, 4) for name, score in hits.items()},
        "mean_chars": round(judged.mean_chars, 1),
        "peak_mb": round(measured["peak_mb"], 1),
        "versions": measured["versions"],
    }


if __name__ == "__main__":
    main()
