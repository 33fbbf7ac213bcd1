"""The guard of `conftest.py` and the switches: a test that reaches out fails."""

import os
import socket

import pytest

from embeddings.offline import OFFLINE_SWITCHES

OUTSIDE = ("192.0.2.1", 80)  # A documentation address (RFC 5737): nobody is there.


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_connections_to_other_machines_fail(method):
    with socket.socket() as sock, pytest.raises(AssertionError, match="tests run offline"):
        getattr(sock, method)(OUTSIDE)


def test_datagrams_to_other_machines_fail():
    with (
        socket.socket(type=socket.SOCK_DGRAM) as sock,
        pytest.raises(AssertionError, match="tests run offline"),
    ):
        sock.sendto(b"x", OUTSIDE)


def test_names_of_other_machines_are_not_looked_up():
    with pytest.raises(AssertionError, match="tests run offline"):
        socket.getaddrinfo("example.org", 80)


def test_loopback_stays_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_offline_switches_of_the_libraries_are_set():
    assert {name: os.environ[name] for name in OFFLINE_SWITCHES} == OFFLINE_SWITCHES
    assert OFFLINE_SWITCHES["HF_HUB_OFFLINE"] == "1"
    assert OFFLINE_SWITCHES["GRADIO_ANALYTICS_ENABLED"] == "False"
