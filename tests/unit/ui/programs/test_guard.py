"""Who may call the interfaces for programs, asked of a running server without any client."""

import asyncio
import re

import httpx
import pytest

from rag.errors import ConfigError
from rag.interfaces import Interfaces
from rag.ui.entrance.headers import SECURITY_HEADERS
from rag.ui.programs import routes
from rag.ui.programs.guard import MAX_BODY_BYTES, MAX_OPEN_REQUESTS, Guard
from tests.unit.ui.programs.conftest import QUESTION, TOKEN

PATIENCE_SECONDS = 60  # For machines that are busy with something else.
CHAT = {"model": "report-qa", "messages": [{"role": "user", "content": QUESTION}]}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}
CALLS = [("v1/chat/completions", CHAT), ("mcp", PING)]


def post(url: str, body: object = None, headers: dict[str, str] | None = None, **given):
    given = given if body is None else {"json": body, **given}
    return httpx.post(url, headers={**ACCEPT, **(headers or {})}, timeout=PATIENCE_SECONDS, **given)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_program_is_served_under_the_security_headers(url, path, body):
    response = post(url + path, body)
    assert response.status_code == 200
    assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize(("path", "body"), CALLS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://pages.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_origins_are_refused(url, path, body, headers):
    assert code(post(url + path, body, headers)) == (403, "cross_origin")


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_the_own_page_is_served(url, path, body):
    own = {"Origin": url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert post(url + path, body, own).status_code == 200


def test_a_preflight_of_another_site_gets_no_leave(url):
    asked = {"Origin": "http://pages.example", "Access-Control-Request-Method": "POST"}
    response = httpx.options(f"{url}v1/models", headers=asked, timeout=PATIENCE_SECONDS)
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_foreign_host_name_is_refused(url, path, body):
    assert post(url + path, body, {"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize("path", ["v1/chat/completions", "v1/embeddings", "mcp"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_a_web_site_does_nothing(url, pipeline, path, kind):
    n_asked = len(pipeline.asked)
    response = post(url + path, headers={"Content-Type": kind}, content=b'{"model":"report-qa"}')
    assert code(response) == (415, "unsupported_content_type")
    assert len(pipeline.asked) == n_asked


@pytest.mark.parametrize("path", ["v1/chat/completions", "mcp"])
def test_sizes_are_limited(url, path):
    big = {**CHAT, "more": "x" * MAX_BODY_BYTES}
    assert code(post(url + path, big)) == (413, "request_too_large")
    endless = post(url + path, headers={"Content-Type": "application/json"}, content=iter([b"{}"]))
    assert code(endless) == (411, "length_required")


def test_a_request_that_is_no_json_is_told(url):
    given = {"Content-Type": "application/json; charset=utf-8"}
    assert code(post(f"{url}v1/embeddings", headers=given, content=b"{")) == (400, "invalid_json")


def test_half_a_surrogate_pair_is_told_too(url):
    given = {"Content-Type": "application/json"}
    content = rb'{"model": "\ud800"}'
    assert code(post(f"{url}v1/embeddings", headers=given, content=content))[0] == 404


@pytest.mark.parametrize(("path", "body"), CALLS)
@pytest.mark.parametrize(
    "given", ["", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9"]
)
def test_the_token_is_demanded(locked_url, path, body, given):
    response = httpx.post(
        locked_url + path,
        json=body,
        headers=[(b"Authorization", given.encode("latin-1"))],
        timeout=PATIENCE_SECONDS,
    )
    assert code(response) == (401, "invalid_api_key")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_the_token_opens(locked_url, path, body):
    given = {"Authorization": f"bearer {TOKEN}"}
    assert post(locked_url + path, body, given).status_code == 200


def test_the_models_want_the_token_too(locked_url):
    assert httpx.get(f"{locked_url}v1/models", timeout=PATIENCE_SECONDS).status_code == 401


def test_no_stream_is_held_open_by_the_tools(url):
    response = httpx.get(f"{url}mcp", headers=ACCEPT, timeout=PATIENCE_SECONDS)
    assert response.status_code == 405


async def fill_and_overfill() -> list[int]:
    """Statuses: of one request too many, and of another when the others are done."""
    release, sent = asyncio.Event(), []

    async def app(scope, receive, send):
        await release.wait()
        await send({"type": "http.response.start", "status": 200})

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message.get("status"))

    guard = Guard(app)
    scope = {"type": "http", "method": "GET", "scheme": "http", "headers": []}
    others = [asyncio.create_task(guard(scope, receive, send)) for _ in range(MAX_OPEN_REQUESTS)]
    await asyncio.sleep(0)
    await guard(scope, receive, send)
    refused = sent[0]
    release.set()
    await asyncio.gather(*others)
    sent.clear()
    await guard(scope, receive, send)
    return [refused, *sent]


def test_too_many_at_once_are_told_to_wait():
    assert asyncio.run(fill_and_overfill()) == [503, 200]


def test_a_missing_package_is_told_with_its_installation(monkeypatch):
    monkeypatch.setattr(routes, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=re.escape('pip install -c constraints.txt ".[mcp]"')):
        routes.check_installed(Interfaces(mcp=True))
    routes.check_installed(Interfaces(api=True))
