"""The parser process without the start of an interpreter: a fork of this one, with its limits."""

import json
import logging
import os
import resource
import select
import signal
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import DocumentError
from rag.parsing.limits import MAX_MEMORY_BYTES
from rag.parsing.worker import parse_to_record, parser_for

peak_bytes = 0
"""The most memory that one of the processes has held."""


def preload() -> None:
    """Load the parsers' libraries once, for all forks."""
    for suffix in (".pdf", ".docx", ".html", ".csv", ".xlsx"):
        parser_for(f"x{suffix}")


def run_forked(
    command: Sequence[str], data: bytes, name: str, max_seconds: float, late: str
) -> dict[str, Any]:
    """As `rag.parsing.process.run_worker`, which it stands in for, by a fork."""
    del command
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(data, name, writing)
    os.close(writing)
    told = _read_all(reading, time.monotonic() + max_seconds)
    if told is None:
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    global peak_bytes
    peak_bytes = max(peak_bytes, used.ru_maxrss * 1024)
    if told is None:
        raise DocumentError(f"{name}: {late}")
    try:
        record: dict[str, Any] = json.loads(told)
    except ValueError as exc:
        raise DocumentError(f"{name}: its parser stopped with status {status}") from exc
    if problem := record.get("problem"):
        raise DocumentError(problem)
    return record


def _work(data: bytes, name: str, writing: int) -> None:
    """In the child: what `rag.parsing.worker.main` does, then the end of the process."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit_memory()
        logging.disable()
        warnings.simplefilter("ignore")  # The tests' own filter makes errors of them.
        record = parse_to_record(data, name)
        with os.fdopen(writing, "wb") as out:
            out.write(json.dumps(record).encode())
        os._exit(0)
    except BaseException:  # noqa: BLE001 (the parent sees that nothing was told)
        os._exit(1)


def _limit_memory() -> None:
    """As the parser process does it, on top of what the tests have mapped (gRPC's is 2 GB)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * resource.getpagesize() + MAX_MEMORY_BYTES, hard)
    )


def _read_all(reading: int, deadline: float) -> bytes | None:
    """What the child tells until it closes the pipe; None if the time is up."""
    parts: list[bytes] = []
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            part = pipe.read(1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
