"""Apps for the browser tests: each in a process and a folder of its own."""

import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.accounts import Accounts
from rag.ui import serve
from rag.ui.protocol import Pipeline
from tests.serving import free_port

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60
EVERYBODY = Accounts()
# The libraries are loaded once; each app is forked from the process that has them.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["faiss", "tests.browser.apps", "tests.browser.library_app"])


@contextmanager
def app_over(
    build: Callable[[], Pipeline], folder: Path, accounts: Accounts = EVERYBODY
) -> Iterator[str]:
    """The address of the page over what `build` makes in `folder`."""
    port = free_port()
    process = _FORKS.Process(target=_serve, args=(build, folder, port, accounts), daemon=True)
    process.start()
    try:
        _wait_for(process.is_alive, port, _START_SECONDS, folder)
        yield _address(port)
    finally:
        process.terminate()
        process.join()


@contextmanager
def app_by(command: list[str], folder: Path, timeout_seconds: float) -> Iterator[str]:
    """The address of the page that `command PORT` serves, started in `folder`."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        _log(folder).open("wb") as log,
        subprocess.Popen(
            [*command, str(port)], cwd=folder, env=environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _wait_for(lambda: process.poll() is None, port, timeout_seconds, folder)
            yield _address(port)
        finally:
            process.terminate()


def _serve(build: Callable[[], Pipeline], folder: Path, port: int, accounts: Accounts) -> None:
    os.chdir(folder)
    tempfile.tempdir = str(folder)  # A fork ends without `atexit`, which removes what is there.
    with _log(folder).open("wb") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    serve(build, port=port, accounts=accounts)


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


def _log(folder: Path) -> Path:
    return folder / "app.log"


def _wait_for(is_alive: Callable[[], bool], port: int, seconds: float, folder: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and is_alive():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    text = _log(folder).read_text(errors="replace") if _log(folder).exists() else ""
    pytest.fail(f"the app did not start:\n{text[-2000:]}")
