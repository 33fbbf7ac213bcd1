"""A running server over prepared answers, with all interfaces for programs."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from rag.accounts import Accounts
from rag.interfaces import Interfaces
from rag.types import Document
from rag.ui.server import launch
from tests.fakes import FakePipeline, make_answer

TEXT = "松溪县总结\n一、产业\n全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
SONGXI = Document("songxi", "0", TEXT, "松溪县总结", "松溪县", (2019,))
NANTANG = Document("nantang", "1", "南塘县修路12公里。", "南塘县总结", "南塘县", (2020,))
QUESTION = "松溪县新建电站多少座？"
TOKEN = "secret-of-the-test"
EVERYBODY = Accounts()


def make_pipeline() -> FakePipeline:
    passage = "全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
    answer = make_answer(QUESTION, SONGXI, passage, "新建电站41座,收入5.2亿元。", "41座")
    return FakePipeline({"songxi": SONGXI, "nantang": NANTANG}, {QUESTION: answer})


def serve(
    pipeline: FakePipeline, interfaces: Interfaces, accounts: Accounts = EVERYBODY
) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])

    async def start():
        # Within a loop, since Gradio makes (and never closes) loops of its own without one.
        return launch(pipeline, port=port, interfaces=interfaces, accounts=accounts)

    app = asyncio.run(start())
    yield app.local_url
    app.close()


@pytest.fixture(scope="package")
def pipeline() -> FakePipeline:
    return make_pipeline()


@pytest.fixture(scope="package")
def url(pipeline: FakePipeline) -> Iterator[str]:
    yield from serve(pipeline, Interfaces(api=True, mcp=True))


@pytest.fixture(scope="package")
def locked_url() -> Iterator[str]:
    """As `url`, but a bearer token is demanded."""
    yield from serve(make_pipeline(), Interfaces(api=True, mcp=True), Accounts(TOKEN))
