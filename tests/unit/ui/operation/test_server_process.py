"""A server as it is run: what it tells, what it keeps to itself, and how it stops."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.browser.shelf_app import QUESTION
from tests.serving import PASSWORD, TOKEN, free_port

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[4]
PATIENCE_SECONDS = 60
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def chat(url: str, question: str, **given) -> httpx.Response:
    body = {"model": "report-qa", "messages": [{"role": "user", "content": question}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body, timeout=PATIENCE_SECONDS, **given)


@contextmanager
def running(
    folder: Path, seconds: float, kind: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "tests.unit.ui.operation.serving",
        str(port),
        str(seconds),
        kind,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(lambda: is_up(port) or process.poll() is not None)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def on_their_way(folder: Path) -> list[Path]:
    """The server's folder of given and taken files, while it is there."""
    return list(folder.glob("report-qa-*"))


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(is_reached) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_that_is_stopped_finishes_what_is_under_way(tmp_path):
    got: list[httpx.Response] = []
    with running(tmp_path, 25, "open") as (process, url):
        asking = threading.Thread(target=lambda: got.append(chat(url, QUESTION)))
        asking.start()
        wait_for(lambda: "rag_questions_open 1" in httpx.get(f"{url}/metrics").text)
        assert on_their_way(tmp_path)
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: httpx.get(f"{url}/health").status_code == 503)
        refused = chat(url, QUESTION)
        (tmp_path / "go").touch()
        asking.join()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert on_their_way(tmp_path) == []
    assert (got[0].status_code, refused.status_code) == (200, 503)
    assert got[0].json()["choices"][0]["message"]["content"]
    assert refused.json()["error"]["code"] == "stopping"
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_second_signal_stops_at_once(tmp_path):
    with running(tmp_path, 20, "open") as (process, url):
        threading.Thread(target=lambda: _ignore_end(url), daemon=True).start()
        wait_for(lambda: "rag_questions_open 1" in httpx.get(f"{url}/metrics").text)
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: httpx.get(f"{url}/health").status_code == 503)
        process.send_signal(signal.SIGTERM)
        process.wait(15)
    assert on_their_way(tmp_path) == []


def _ignore_end(url: str) -> None:
    try:
        chat(url, QUESTION)
    except httpx.TransportError:
        return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_no_temporary_folder(tmp_path, number):
    with running(tmp_path, 0, "open") as (process, _):
        assert len(list(tmp_path.glob("report-qa-*"))) == 1
        process.send_signal(number)  # As soon as it is up.
        assert process.wait(PATIENCE_SECONDS) == 0
    assert list(tmp_path.glob("report-qa-*")) == []


def test_health_metrics_and_logs_tell_of_questions_and_of_no_secret(tmp_path):
    with running(tmp_path, 0, "locked") as (process, url):
        answered = chat(url, QUESTION, headers=BEARER)
        refused = chat(url, "白沙镇的秘密？", headers=BEARER)
        failed = chat(url, "fail", headers=BEARER)
        bad = [
            httpx.post(f"{url}/login", data={"name": "anna", "secret": PASSWORD + "x"}),
            httpx.post(f"{url}/login", data={"name": PASSWORD, "secret": TOKEN}),
            httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}),
            httpx.get(f"{url}/{TOKEN}?token={TOKEN}"),
        ]
        assert httpx.get(f"{url}/health").json() == {"status": "ok"}
        assert httpx.get(f"{url}/metrics").status_code == 401
        told = httpx.get(f"{url}/metrics", headers=BEARER).text
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
    for line in (
        'rag_questions_total{outcome="answered"} 1',
        'rag_questions_total{outcome="refused"} 1',
        'rag_questions_total{outcome="error"} 1',
        "rag_questions_waiting 0",
        "rag_index_generation 1",
        "rag_index_documents 2",
    ):
        assert line in told.splitlines()
    log = (tmp_path / "log").read_text()
    shown = log + told + failed.text + "".join(response.text for response in bad)
    for secret in (TOKEN, PASSWORD, "scrypt$", "秘密", QUESTION):
        assert secret not in shown
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    ids = [line["request_id"] for line in lines if line["logger"].endswith("watched")]
    assert ids == [r.headers["x-request-id"] for r in (answered, refused, failed)]
    assert failed.status_code == 500
    assert "broken" not in failed.text
