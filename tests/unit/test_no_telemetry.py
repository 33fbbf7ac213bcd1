"""A served page and a command line from start to end, watched by an audit hook of Python itself.

The guard of `conftest.py` is in this process only; here a fresh one is watched, as people run it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
WATCH = """
import sys
_LOCAL = ("127.", "::1", "localhost")
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    print("seen", event, host, flush=True)
    if host and host != "None" and not host.startswith(_LOCAL):
        print("OUTSIDE", event, host, flush=True)
sys.addaudithook(watch)
"""
SERVE = """
import asyncio, socket
from rag.cli import main
from rag.interfaces import Interfaces
from rag.ui.server import launch
from tests.browser.shelf_app import QUESTION, build
import httpx
with socket.create_server(("127.0.0.1", 0)) as server:
    port = server.getsockname()[1]
app = launch(build(0.0), port=port, interfaces=Interfaces(api=True, mcp=True))
body = {"model": "report-qa", "messages": [{"role": "user", "content": QUESTION}]}
print(httpx.post(app.local_url + "v1/chat/completions", json=body).status_code)
print(httpx.get(app.local_url).status_code)
app.close()
"""
COMMANDS = """
from rag.cli import main
print(main(["info"]))
print(main(["list"]))
"""


def watched(script: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", WATCH + script],
        cwd=folder,
        env={"PATH": "/usr/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_served_page_reaches_loopback_only(tmp_path):
    lines = watched(SERVE, tmp_path)
    assert lines.count("200") == 2
    assert any(line.startswith("seen socket.connect 127.0.0.1") for line in lines)
    assert [line for line in lines if line.startswith("OUTSIDE")] == []


def test_the_command_line_opens_no_socket(tmp_path):
    lines = watched(COMMANDS, tmp_path)
    assert lines[-1] == "1"  # There is no index to list.
    assert [line for line in lines if line.startswith(("OUTSIDE", "seen"))] == []


def test_the_watch_would_see_a_call_home(tmp_path):
    script = (
        "import socket\ntry: socket.create_connection(('192.0.2.1', 9), 0.01)\nexcept OSError: pass"
    )
    assert "OUTSIDE socket.connect 192.0.2.1" in watched(script, tmp_path)


@pytest.mark.parametrize("words", ["share=True", "analytics_enabled=True"])
def test_no_code_of_ours_turns_on_what_reaches_out(words):
    for path in [*(ROOT / "rag").rglob("*.py"), *(ROOT / "embeddings").rglob("*.py")]:
        assert words not in path.read_text("utf-8"), path
