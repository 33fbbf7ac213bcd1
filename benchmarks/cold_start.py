"""How long a process takes from its start to its first answer.

`python -m benchmarks.cold_start --out FILE.json`: `rag ask` in fresh processes, one after the
other: seconds by the clock until the answer is written (`first_answer_s`) and until the process has
ended (`end_s`), of the processor in user and system mode (`cpu_s`), and peak memory; then the same
stage by stage (`benchmarks/cold_start_stages.py`). Medians over `--runs`, after one run that is not
counted: files are in the system's cache. `--beside NAME=DIR` measures other checkouts of the
product in turn with this one, on the same index. Exit code 1 if their answers differ.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.record import Run, add_out
from rag.evaluation.questions import load_questions

GOAL_SECONDS = 6.0
_HERE = Path(__file__).parents[1]
_STAGES = Path(__file__).with_name("cold_start_stages.py")

Figures = dict[str, float]


def main() -> None:
    """Measure each checkout in turn, print the medians, and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, default=None, help="default: made of the seeds")
    parser.add_argument("--question", default=None, help="default: the first of the seeds'")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--beside", nargs="*", type=_checkout, default=[], metavar="NAME=DIR")
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    question = given.question or load_questions(_HERE / "seeds" / "questions.jsonl")[0].question
    checkouts = {"this": _HERE, **dict(given.beside)}
    with tempfile.TemporaryDirectory() as folder:
        index = given.index or _seed_index(Path(folder))
        measured, answers = _measure(checkouts, index.resolve(), question, given.runs)
    figures = {
        "runs": given.runs,
        "goal_s": GOAL_SECONDS,
        "is_reached": measured["this"]["first_answer_s"] < GOAL_SECONDS,
        "checkouts": measured,
        "answers_differ": len(answers) > 1,
    }
    run.tell(figures, given.out)
    sys.exit(1 if len(answers) > 1 else 0)


def _measure(
    checkouts: Mapping[str, Path], index: Path, question: str, n_runs: int
) -> tuple[dict[str, dict[str, float]], set[str]]:
    """Medians by checkout, and the different answers that were given."""
    runs: dict[str, list[Figures]] = {name: [] for name in checkouts}
    answers: set[str] = set()
    for _ in range(n_runs + 1):
        for name, root in checkouts.items():
            figures, answer = _ask(root, index, question)
            runs[name].append(figures | _stages(root, index, question))
            answers.add(answer)
    return {name: _medians(each[1:]) for name, each in runs.items()}, answers


def _ask(root: Path, index: Path, question: str) -> tuple[Figures, str]:
    """One `rag ask`: its figures, and the first line that it prints."""
    command = [sys.executable, "-m", "rag", "ask", question, "--index", str(index)]
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=root, env=_environment(root), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        answered = time.perf_counter()
        process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    ended = time.perf_counter()
    if process.returncode:
        raise SystemExit(f"rag ask in {root} ended with code {process.returncode}")
    return {
        "first_answer_s": answered - began,
        "end_s": ended - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }, line


def _stages(root: Path, index: Path, question: str) -> Figures:
    """Seconds of each stage of another process, by `STAGE_wall_s` and `STAGE_cpu_s`."""
    command = [sys.executable, str(_STAGES), str(time.perf_counter()), str(index), question]
    done = subprocess.run(
        command, cwd=root, env=_environment(root), capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    if Path(told["package"]).parent != root:
        raise SystemExit(f"{root} was asked, {told['package']} answered")
    return {
        f"{stage}_{clock}_s": seconds
        for stage, both in told["stages"].items()
        for clock, seconds in both.items()
    }


def _environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root)}


def _medians(runs: Sequence[Figures]) -> dict[str, float]:
    return {name: round(median(run[name] for run in runs), 3) for name in runs[0]}


def _seed_index(folder: Path) -> Path:
    index = folder / "index"
    command = [sys.executable, "-m", "rag", "index", "seeds", "--index", str(index)]
    subprocess.run(
        command, cwd=_HERE, env=_environment(_HERE), stdout=subprocess.DEVNULL, check=True
    )
    return index


def _checkout(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if not name or not separator or name == "this" or not (Path(folder) / "rag").is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}; expected NAME=FOLDER of another checkout")
    return name, Path(folder).resolve()


if __name__ == "__main__":
    main()
