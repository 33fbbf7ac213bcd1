"""Parsing in a process of its own: a crash, a hang or a bomb there harms nothing here."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import DocumentError
from rag.parsing.extract import Extract

KINDS = (".pdf", ".docx", ".html", ".htm", ".xhtml", ".csv", ".tsv", ".xlsx", ".xlsm")

# Not `multiprocessing`: that would run the caller's main module again.
_WORKER = (sys.executable, "-m", "rag.parsing")
# From here the worker finds this very package, and nothing in the caller's folder hides its own.
_ROOT = Path(__file__).resolve().parents[2]


def parse(data: bytes, name: str, max_seconds: float, worker: Sequence[str] = _WORKER) -> Extract:
    """The text of a file of one of `KINDS`, told by the suffix of `name`.

    Args:
        data: The bytes of the file.
        name: Its name, with which each message begins.
        max_seconds: Time limit, wall-clock.
        worker: The command of the worker process; `name` is added to it.

    Raises:
        DocumentError: The file is damaged, protected, too large, takes too long, or has no text.
    """
    record = run_worker([*worker, name], data, name, max_seconds, late(max_seconds))
    return Extract(record["text"], tuple(record["page_starts"]))


def late(max_seconds: float) -> str:
    """What is told of a file that is not read within the time limit."""
    return (
        f"is not read after {max_seconds:g} seconds (max_parse_seconds); "
        "split it or raise the setting"
    )


def run_worker(
    command: Sequence[str], data: bytes, name: str, max_seconds: float, too_late: str
) -> dict[str, Any]:  # Any: what is in the record is between worker and caller.
    """The record that a worker process makes of a file.

    Args:
        command: The command of the process.
        data: What it is given on standard input.
        name: The file's name, with which each message begins.
        max_seconds: Time limit, wall-clock.
        too_late: What is told when the time is up.

    Raises:
        DocumentError: The worker tells a problem, crashes, takes too long or cannot be started.
    """
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=max_seconds, cwd=_ROOT
        )
    except subprocess.TimeoutExpired as exc:
        raise DocumentError(f"{name}: {too_late}") from exc
    except OSError as exc:
        raise DocumentError(f"{name}: its parser cannot be started ({exc.strerror})") from exc
    try:
        record: dict[str, Any] = json.loads(done.stdout)
    except ValueError as exc:  # It stopped before it could tell anything.
        raise DocumentError(
            f"{name}: its parser stopped with exit code {done.returncode}; "
            "the file is damaged or needs too much memory: save it anew or split it"
        ) from exc
    if problem := record.get("problem"):
        raise DocumentError(problem)
    return record
