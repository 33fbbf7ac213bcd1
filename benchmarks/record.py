"""What the JSON of every benchmark holds beside its figures: with what, where and when measured.

A benchmark calls `Run.begin()` before it measures and `run.tell(figures, given.out)` after; `--out`
is made by `add_out`. What `make bench` measured last is in `benchmarks/results/`, committed.
"""

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from rag.evaluation.provenance import LIBRARIES, code_commit, library_versions

RESULTS = Path(__file__).with_name("results")
"""The folder of the results that the documentation shows."""
FIELDS = ("benchmark", "command", "commit", "date", "machine", "versions")
"""What every result has beside its figures."""
_WRITTEN = ("benchmarks/results", "docs")  # By `make bench` itself, while it runs.
_VARIABLES = ("OMP_NUM_THREADS", "RAG_N_THREADS")  # That change what is measured.
_FLAGS = frozenset(
    {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8"}
)
_LOOK_SECONDS = 0.5
_PROCESSORS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a benchmark ran on.

    Attributes:
        architecture: Of the processor, as `x86_64`.
        processor: Its name, as the system tells it.
        n_cores: Cores that the system has, busy or not.
        flags: Those of its features that decide how fast vectors and matrices are multiplied.
        memory_gb: All there is, in 10^9 bytes.
        load_average: Processes that ran or waited in the minute before, the benchmark before this
            one among them.
        busy: Share of all cores' time that others used in the moment before: 0 on an idle machine.
    """

    architecture: str
    processor: str
    n_cores: int
    flags: tuple[str, ...]
    memory_gb: float
    load_average: float
    busy: float

    @classmethod
    def here(cls) -> "Machine":
        """This machine, now."""
        return cls(
            platform.machine(),
            told_of_processor("model name") or platform.processor() or "not told by the system",
            os.cpu_count() or 0,
            tuple(sorted(_FLAGS & set(told_of_processor("flags").split()))),
            round(psutil.virtual_memory().total / 1e9, 1),
            round(psutil.getloadavg()[0], 2),
            round(psutil.cpu_percent(interval=_LOOK_SECONDS) / 100, 2),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A benchmark that has begun.

    Attributes:
        benchmark: Its module, without the package.
        command: What repeats it, from the root of the repository.
        commit: Git commit of the code, `-dirty` if it was changed since; None outside git.
        date: UTC time, ISO 8601.
        machine: As it was before.
    """

    benchmark: str
    command: str
    commit: str | None
    date: str
    machine: Machine

    @classmethod
    def begin(cls) -> "Run":
        """A run of the program that was started, which begins now."""
        spec = getattr(sys.modules["__main__"], "__spec__", None)
        module = str(spec.name if spec else Path(sys.argv[0]).stem).removesuffix(".__main__")
        date = datetime.now(UTC).isoformat(timespec="seconds")
        command = command_of(module, sys.argv[1:], os.environ)
        name = module.removeprefix("benchmarks.")
        return cls(name, command, code_commit(apart_from=_WRITTEN), date, Machine.here())

    def record(self, figures: Mapping[str, Any], libraries: Sequence[str] = ()) -> dict[str, Any]:
        """All that is known of the run, then its `figures`; `libraries` are further packages."""
        versions = {"versions": library_versions((*LIBRARIES, *libraries))}
        return {**asdict(self), **versions, **figures}

    def tell(
        self, figures: Mapping[str, Any], out: Path | None, libraries: Sequence[str] = ()
    ) -> None:
        """Print the record as JSON, and write it to `out`, whose folder is made if need be."""
        text = json.dumps(self.record(figures, libraries), indent=2, ensure_ascii=False)
        print(text, flush=True)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(f"{text}\n", encoding="utf-8")


def add_out(parser: argparse.ArgumentParser) -> None:
    """Let the command line name a file for the record."""
    parser.add_argument("--out", type=Path, help="file for the JSON that is printed")


def command_of(module: str, arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """The command line that repeats a run, without `--out`.

    Of folders outside the repository only the name is told.
    """
    before = [f"{name}={variables[name]}" for name in _VARIABLES if name in variables]
    kept = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_out(kept)
    given = map(_without_folder, kept.parse_known_args(arguments)[1])
    return " ".join([*before, "python -m", module, *map(shlex.quote, given)])


def _without_folder(argument: str) -> str:
    """The argument with its path, if it is or ends with an absolute one, cut to the last name."""
    name, sign, value = argument.rpartition("=")
    return f"{name}{sign}{Path(value).name}" if Path(value).is_absolute() else argument


def told_of_processor(what: str, path: Path = _PROCESSORS) -> str:
    """What Linux tells of the first processor, such as `model name`; empty if it tells nothing."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(what))
    return next(found, "")
