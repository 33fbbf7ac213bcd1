"""What runs in the process of each system: load, index, ask, and tell how long it took.

The systems' own environments hold none of the product, so this needs the standard library only.
`python -m benchmarks.peers.SYSTEM TASK.json RESULT.json`, both as written by `benchmarks.peers`.
"""

import argparse
import json
import resource
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

# Not one of the questions: what is made ready by the first question of all is not a query's time.
_WARM_UP = "脱贫攻坚"


class System(Protocol):
    """A search over files, with the settings that it comes with."""

    @property
    def libraries(self) -> Sequence[str]:
        """Installed packages whose versions are told."""

    def load(self, model: Path, work: Path) -> None:
        """Import the libraries and load the encoder; `work` is an empty folder of its own."""

    def index(self, files: Sequence[Path]) -> int:
        """Read, split, encode and store the files; gives back how many pieces were stored."""

    def search(self, question: str, top_k: int) -> list[tuple[str, str]]:
        """Report's id and text of the best passages, best first."""


def run(systems: Mapping[str, System]) -> None:
    """Do what the command line's task asks of one of the `systems` and write what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", type=Path)
    parser.add_argument("result", type=Path)
    given = parser.parse_args()
    task = json.loads(given.task.read_text(encoding="utf-8"))
    result = measure(systems[task["variant"]], task)
    given.result.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def measure(system: System, task: Mapping[str, Any]) -> dict[str, Any]:
    """Load, index and ask all questions, one by one.

    Times are in seconds by the clock; those called `cpu` are of all the process's threads, and
    depend little on what else runs.
    """
    began = time.perf_counter()
    system.load(Path(task["model"]), Path(task["work"]))
    loaded, worked = time.perf_counter(), time.process_time()
    n_pieces = system.index([Path(file) for file in task["files"]])
    indexed, index_cpu = time.perf_counter(), time.process_time() - worked
    system.search(_WARM_UP, task["top_k"])
    query_seconds, query_cpu, passages = [], [], []
    for question in task["questions"]:
        asked, worked = time.perf_counter(), time.process_time()
        found = system.search(question, task["top_k"])
        query_seconds.append(time.perf_counter() - asked)
        query_cpu.append(time.process_time() - worked)
        passages.append(found)
    return {
        "load_seconds": loaded - began,
        "index_seconds": indexed - loaded,
        "index_cpu_seconds": index_cpu,
        "n_pieces": n_pieces,
        "query_seconds": query_seconds,
        "query_cpu_seconds": query_cpu,
        "passages": passages,
        # In KiB on Linux; begins with what the parent held when it started this process.
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "versions": {name: version(name) for name in system.libraries},
    }
