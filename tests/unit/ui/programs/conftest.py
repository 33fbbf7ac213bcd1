"""A running server over prepared answers, with all interfaces for programs."""

from collections.abc import Iterator

import pytest

from rag.accounts import Accounts
from rag.interfaces import Interfaces
from rag.types import Document
from tests.fakes import FakePipeline, make_answer
from tests.serving import served

TEXT = "松溪县总结\n一、产业\n全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
SONGXI = Document("songxi", "0", TEXT, "松溪县总结", "松溪县", (2019,))
NANTANG = Document("nantang", "1", "南塘县修路12公里。", "南塘县总结", "南塘县", (2020,))
QUESTION = "松溪县新建电站多少座？"
TOKEN = "secret-of-the-test"


def make_pipeline() -> FakePipeline:
    passage = "全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
    answer = make_answer(QUESTION, SONGXI, passage, "新建电站41座,收入5.2亿元。", "41座")
    return FakePipeline({"songxi": SONGXI, "nantang": NANTANG}, {QUESTION: answer})


@pytest.fixture(scope="package")
def pipeline() -> FakePipeline:
    return make_pipeline()


@pytest.fixture(scope="package")
def url(pipeline: FakePipeline) -> Iterator[str]:
    with served(pipeline, interfaces=Interfaces(api=True, mcp=True)) as url:
        yield url


@pytest.fixture(scope="package")
def locked_url() -> Iterator[str]:
    """As `url`, but a bearer token is demanded."""
    interfaces = Interfaces(api=True, mcp=True)
    with served(make_pipeline(), interfaces=interfaces, accounts=Accounts(TOKEN)) as url:
        yield url
