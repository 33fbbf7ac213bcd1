import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from embeddings.offline import OFFLINE_SWITCHES
from rag.accounts import Accounts
from rag.config import RagConfig
from rag.errors import ConfigError
from rag.types import Document
from rag.ui.drops import MAX_DROP_BYTES
from rag.ui.entrance.temporary import use_private_folder
from rag.ui.server import check_address, serve
from tests.fakes import FakePipeline
from tests.serving import free_port, served

REMOTE = re.compile(r"""(?:src|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:)?//(?!127\.0\.0\.1)""")

MAX_BYTES = 100_000
PATIENCE_SECONDS = 60  # For machines that are busy with something else.


def get(url: str, **given) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE_SECONDS, **given)


@pytest.fixture(scope="module")
def documents():
    return {"songxi": Document("songxi", "0", "松溪县建成茶园8,200亩。", "松溪县总结", "松溪县")}


@pytest.fixture(scope="module")
def url(documents) -> Iterator[str]:
    pipeline = FakePipeline(documents, {})
    pipeline.config = RagConfig(max_document_bytes=MAX_BYTES)
    with served(pipeline) as url:
        yield url


@pytest.fixture(scope="module")
def page(url) -> str:
    return get(url).text


def test_the_offline_switches_stay_as_they_were_set(url):
    assert {name: os.environ[name] for name in OFFLINE_SWITCHES} == OFFLINE_SWITCHES


def test_the_page_loads_nothing_from_elsewhere(page):
    assert "报告问答" in page
    assert not REMOTE.findall(page)
    for host in ("googleapis", "gstatic", "cdnjs", "jsdelivr", "unpkg", "huggingface", "hf.space"):
        assert host not in page


def test_headers_forbid_remote_content(url):
    headers = get(url).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/proc/self/environ",
        "pyproject.toml",
        "rag/ui/page.py",
        "..%2f..%2f..%2f..%2fetc/passwd",
        "/tmp/gradio/../../etc/passwd",
        "https://198.51.100.7/x",
    ],
)
def test_files_of_the_machine_are_not_served(url, path):
    assert get(f"{url}gradio_api/file={path}").status_code == 403


@pytest.mark.parametrize("target", ["/etc/passwd", "/proc/self/environ", "pyproject.toml"])
def test_a_link_among_uploads_leads_nowhere(url, target, tmp_path):
    link = use_private_folder() / f"{tmp_path.name}-{Path(target).name}"
    link.symlink_to(Path(target).absolute())
    assert get(f"{url}gradio_api/file={link}").status_code in (403, 404)
    link.unlink()


def test_an_uploaded_page_is_handed_out_as_a_file_to_keep(url):
    files = {"files": ("page.html", b"<script>alert(1)</script>")}
    (path,) = httpx.post(f"{url}gradio_api/upload", files=files, timeout=PATIENCE_SECONDS).json()
    assert Path(path).is_relative_to(use_private_folder())
    response = get(f"{url}gradio_api/file={path}")
    assert "attachment" in response.headers["content-disposition"]
    assert "text/html" not in response.headers["content-type"]


@pytest.mark.parametrize(
    "name", ["../../../../tmp/rag-out.txt", "/tmp/rag-out.txt", "a\\..\\b.txt"]
)
def test_an_upload_stays_in_its_folder_whatever_it_is_called(url, name):
    files = {"files": (name, b"x")}
    sent = httpx.post(f"{url}gradio_api/upload", files=files, timeout=PATIENCE_SECONDS)
    assert all(Path(p).resolve().is_relative_to(use_private_folder()) for p in sent.json())
    assert not Path("/tmp/rag-out.txt").exists()


def test_a_name_of_ten_thousand_characters_is_refused(url):
    files = {"files": ("x" * 10_000 + ".txt", b"x")}
    sent = httpx.post(f"{url}gradio_api/upload", files=files, timeout=PATIENCE_SECONDS)
    assert 400 <= sent.status_code < 500


def test_a_file_that_is_too_big_for_a_report_does_not_stop_its_drop(url):
    files = {"files": ("big.txt", b"x" * (MAX_BYTES + 1))}
    sent = httpx.post(f"{url}gradio_api/upload", files=files, timeout=PATIENCE_SECONDS)
    assert sent.status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [(f"Content-Length: {MAX_DROP_BYTES + 1}", 413), ("Transfer-Encoding: chunked", 411)],
)
def test_a_drop_without_bounds_is_refused_unread(url, header, status):
    host = url.split("/")[2]
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n"
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_foreign_host_name_is_refused(url):
    assert get(url, headers={"Host": "rebound.example"}).status_code == 400


def test_only_ask_and_search_are_public(url):
    info = get(f"{url}gradio_api/info").json()
    assert set(info["named_endpoints"]) == {"/ask", "/search"}
    assert info["unnamed_endpoints"] == {}


@pytest.mark.parametrize("path", ["v1/models", "v1/chat/completions", "mcp", "gradio_api/mcp/"])
def test_interfaces_for_programs_are_off_unless_asked_for(url, path):
    assert get(url + path).status_code == 404
    assert httpx.post(url + path, json={}, timeout=PATIENCE_SECONDS).status_code in (404, 405)


def test_ask_and_search_answer_programs(url):
    client = Client(url, verbose=False)
    answer = client.predict("多少亩茶园？", 3, api_name="/ask")
    assert answer["abstained"]
    assert answer["passages"][0]["document"] == "songxi"
    (found,) = client.predict("茶园", 1, api_name="/search")
    assert (found["document"], found["start"]) == ("songxi", 0)
    with pytest.raises(AppError, match="the question is empty"):
        client.predict("", 3, api_name="/ask")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_another_address_demands_that_people_sign_in(host):
    with pytest.raises(ConfigError, match="rag user add NAME, or set RAG_API_TOKEN"):
        check_address(host, 7860)


def test_a_token_that_can_be_guessed_is_not_served_to_a_network():
    with pytest.raises(ConfigError, match="has 5 characters") as caught:
        check_address("0.0.0.0", 7860, Accounts("short"))
    assert "short" not in str(caught.value)


@pytest.mark.parametrize("accounts", [Accounts("a-long-enough-token"), Accounts(users={"a": ""})])
def test_with_accounts_another_address_is_served(accounts):
    check_address("0.0.0.0", free_port(), accounts)


@pytest.mark.parametrize("host", ["example.invalid", "", "::"])
def test_a_host_that_is_no_address_is_told(host):
    with pytest.raises(ConfigError, match="expected an IPv4 address"):
        check_address(host, 7860)


def test_a_taken_port_is_told_before_anything_is_built(url):
    taken = int(url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(ConfigError, match=f"port {taken} is in use"):
        serve(lambda: pytest.fail("built before the address was checked"), port=taken)


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_an_impossible_port_is_told(port):
    with pytest.raises(ConfigError, match=f"port is {port}; expected 1 to 65535"):
        check_address("127.0.0.1", port)
