"""Every test runs offline: sockets may reach loopback only, and `RAG_*` settings are cleared."""

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from embeddings.offline import go_offline

go_offline()

_LOOPBACK = ("127.", "::1", "localhost")
_INTERNET = (socket.AF_INET, socket.AF_INET6)


def check_address(family: int, host: object) -> None:
    if family in _INTERNET and not str(host).startswith(_LOOPBACK):
        raise AssertionError(f"a test tried to reach {host}: tests run offline")


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments):
        check_address(self.family, arguments[-1][0])  # The address is the last argument.
        return method(self, *arguments)

    return guarded


def _guarded_lookup(host, *arguments, **named):
    if host is not None:
        check_address(socket.AF_INET, host.decode() if isinstance(host, bytes) else host)
    return _real_lookup(host, *arguments, **named)


_real_lookup = socket.getaddrinfo


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Iterator[None]:
    """From before the first fixture that loads a model until after the last test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup)
        yield


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the text files that were read as reports, in order."""
    import rag.describing
    from rag.decoding import decode

    names: list[str] = []

    def counting(data: bytes, name: str) -> str:
        names.append(name)
        return decode(data, name)

    monkeypatch.setattr(rag.describing, "decode", counting)
    return names
