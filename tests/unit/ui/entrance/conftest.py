"""Running servers over prepared answers, open and locked."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from rag.accounts import Accounts, hash_password
from rag.config import RagConfig
from rag.interfaces import Interfaces
from rag.types import Document
from tests.fakes import FakePipeline
from tests.serving import PASSWORD, TOKEN, served

TEXT = "松溪县总结\n全县建成茶园8,200亩。"


@contextmanager
def serving(accounts: Accounts, max_requests_per_minute: int = 600) -> Iterator[str]:
    pipeline = FakePipeline({"songxi": Document("songxi", "0", TEXT, "松溪县总结", "松溪县")}, {})
    pipeline.config = RagConfig(max_requests_per_minute=max_requests_per_minute)
    interfaces = Interfaces(api=True, mcp=True)
    with served(pipeline, interfaces=interfaces, accounts=accounts) as url:
        yield url


@pytest.fixture(scope="package")
def accounts() -> Accounts:
    return Accounts(TOKEN, {"anna": hash_password(PASSWORD)})


@pytest.fixture(scope="package")
def locked(accounts: Accounts) -> Iterator[str]:
    with serving(accounts) as url:
        yield url


def sign_in(client: httpx.Client, name: str = "anna", secret: str = PASSWORD) -> httpx.Response:
    return client.post("login", data={"name": name, "secret": secret})


def client_of(url: str, **given) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, **given)
