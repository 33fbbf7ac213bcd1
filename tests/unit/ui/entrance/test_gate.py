"""Who enters a running server, and who does not."""

import socket

import httpx
import pytest
from gradio_client import Client

from rag.accounts import Accounts
from rag.ui.entrance.gate import COOKIE
from rag.ui.entrance.headers import SECURITY_HEADERS
from tests.serving import PASSWORD, TOKEN
from tests.unit.ui.entrance.conftest import client_of, serving, sign_in

BROWSER = {"Accept": "text/html,*/*"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
EVERYTHING = [
    "",
    "config",
    "gradio_api/info",
    "gradio_api/file=/etc/passwd",
    "gradio_api/queue/data?session_hash=x",
    "theme.css",
    "v1/models",
    "source/text?document=songxi",
    "no-such-thing",
]
POSTS = [
    "gradio_api/queue/join",
    "gradio_api/call/ask",
    "gradio_api/upload",
    "v1/embeddings",
    "mcp",
]


@pytest.mark.parametrize("path", EVERYTHING)
def test_a_stranger_sees_nothing(locked, path):
    assert httpx.get(locked + path, timeout=60).status_code == 401


@pytest.mark.parametrize("path", POSTS)
def test_a_stranger_does_nothing(locked, path):
    assert httpx.post(locked + path, json={}, timeout=60).status_code == 401


@pytest.mark.parametrize("path", ["", "config", "no-such-thing"])
def test_a_browser_is_led_to_the_login(locked, path):
    response = httpx.get(locked + path, headers=BROWSER, timeout=60)
    assert (response.status_code, response.headers["location"]) == (303, "/login")


def test_a_person_enters_with_a_password_and_leaves(locked):
    with client_of(locked, headers=BROWSER) as client:
        assert sign_in(client).status_code == 303
        assert "报告问答" in client.get("").text
        assert client.get("config").status_code == 200
        held = dict(client.cookies)
        assert client.post("logout").status_code == 303
        assert client.get("").headers["location"] == "/login"
    # The session has ended, not only its cookie.
    assert httpx.get(locked, cookies=held, headers=BROWSER, timeout=60).status_code == 303


def test_no_page_is_kept_for_who_comes_next(locked):
    with client_of(locked, headers=BROWSER) as client:
        sign_in(client)
        for path in ("", "login", "logout"):
            assert client.get(path).headers["cache-control"] == "no-store"
        assert client.get("theme.css").headers.get("cache-control") != "no-store"


def test_a_person_enters_with_the_token_too(locked):
    with client_of(locked) as client:
        assert sign_in(client, "", TOKEN).status_code == 303
        assert client.get("config").status_code == 200


@pytest.mark.parametrize(
    ("name", "secret"), [("anna", TOKEN), ("", PASSWORD), ("<b>", "x"), ("\udcff", "x")]
)
def test_a_wrong_password_is_told_and_nothing_of_it_shown(locked, name, secret):
    with client_of(locked) as client:
        body = {"name": name.encode("utf-8", "surrogateescape"), "secret": secret}
        response = client.post("login", data=body)
    assert response.status_code == 401
    assert "The name or the password is wrong" in response.text.replace("&#32;", " ")
    assert "set-cookie" not in response.headers
    assert secret == "x" or secret not in response.text
    assert "<b>" not in response.text


def test_the_cookie_is_for_this_server_and_no_script(locked):
    with client_of(locked) as client:
        cookie = sign_in(client).headers["set-cookie"].lower()
    assert COOKIE in cookie
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
    assert "secure" not in cookie.split("; ")  # It would not come back over plain HTTP.


def test_behind_a_proxy_with_tls_the_cookie_stays_there(locked):
    with client_of(locked, headers={"X-Forwarded-Proto": "https"}) as client:
        assert "secure" in sign_in(client).headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["config", "v1/models", "gradio_api/info"])
def test_a_program_enters_with_the_token(locked, path):
    assert httpx.get(locked + path, headers=BEARER, timeout=60).status_code == 200


def test_gradios_own_client_asks_with_the_token(locked):
    client = Client(locked, headers=BEARER, verbose=False)
    assert client.predict("多少亩茶园？", 3, api_name="/ask")["abstained"]


@pytest.mark.parametrize("given", ["Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_another_token_does_not(locked, given):
    response = httpx.get(f"{locked}config", headers={"Authorization": given}, timeout=60)
    assert response.status_code == 401


def test_without_accounts_nobody_has_to_sign_in():
    with serving(Accounts()) as url, client_of(url, headers=BROWSER) as client:
        assert client.get("").status_code == 200
        assert not client.cookies


def test_every_refusal_has_the_security_headers(locked):
    refused = [
        httpx.get(locked, timeout=60),
        httpx.get(locked, headers=BROWSER, timeout=60),
        httpx.get(f"{locked}login", timeout=60),
        httpx.get(f"{locked}config", headers={"Host": "rebound.example"}, timeout=60),
    ]
    assert [response.status_code for response in refused] == [401, 303, 200, 400]
    for response in refused:
        assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize("path", ["login", "gradio_api/queue/join", "gradio_api/upload"])
@pytest.mark.parametrize("origin", ["http://pages.example", "null", "http://localhost:1"])
def test_a_page_of_another_origin_changes_nothing(locked, path, origin):
    headers = {**BEARER, "Origin": origin}
    response = httpx.post(locked + path, headers=headers, data={"x": "y"}, timeout=60)
    assert response.status_code == 403


def test_a_large_login_is_not_read(locked):
    with client_of(locked) as client:
        assert sign_in(client, "anna", "x" * 5000).status_code == 413


def test_who_guesses_passwords_is_slowed_down(accounts):
    with serving(accounts) as url, client_of(url) as client:
        codes = [sign_in(client, "anna", f"guess-{n}").status_code for n in range(11)]
        assert codes == [401] * 10 + [429]
        last = sign_in(client)
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 11


def test_who_guesses_at_a_name_holds_up_nobody_else(accounts):
    with serving(accounts) as url, client_of(url) as stranger:
        guesses = [sign_in(stranger, "anna", f"guess-{n}").status_code for n in range(20)]
        assert guesses == [401] * 10 + [429] * 10
        assert sign_in(stranger, "otto", "guess").status_code == 401  # Another at that address.
        with client_of(url, headers={"X-Forwarded-For": "192.0.2.7"}) as anna:
            assert sign_in(anna).status_code == 303


def test_who_guesses_at_one_name_from_many_addresses_is_slowed_down_too(accounts, monkeypatch):
    monkeypatch.setattr("rag.ui.entrance.gate._WIDER", 0.4)
    with serving(accounts) as url, client_of(url) as client:
        codes = []
        for number in range(5):
            client.headers["X-Forwarded-For"] = f"192.0.2.{number}"
            codes.append(sign_in(client, " Anna", f"guess-{number}").status_code)
        assert codes == [401] * 4 + [429]
        assert sign_in(client, "otto", "guess").status_code == 401


def test_who_guesses_at_many_names_is_slowed_down_too(accounts, monkeypatch):
    monkeypatch.setattr("rag.ui.entrance.gate._WIDER", 0.4)
    with serving(accounts) as url, client_of(url) as client:
        codes = [sign_in(client, f"name-{n}", "guess").status_code for n in range(5)]
        assert codes == [401] * 4 + [429]


def test_who_comes_too_often_is_told_when_to_come_again():
    with serving(Accounts(), max_requests_per_minute=10) as url, client_of(url) as client:
        answers = [client.post("v1/embeddings", json={}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [400, 400, 429, 429]
        assert answers[-1].json()["error"]["code"] == "rate_limit_exceeded"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 7
        assert client.get("").status_code == 200  # Looking at the page makes no work.


def test_strangers_are_limited_apart_from_who_has_signed_in(accounts):
    with serving(accounts, max_requests_per_minute=10) as url, client_of(url) as client:
        sign_in(client)
        assert {httpx.get(url, timeout=60).status_code for _ in range(5)} == {401, 429}
        assert client.post("v1/embeddings", json={}).status_code == 400


def test_websockets_are_not_served(locked):
    port = int(locked.rstrip("/").rsplit(":", 1)[1])
    asked = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(asked.encode())
        assert connection.recv(12) in (b"HTTP/1.1 403", b"HTTP/1.1 401")
