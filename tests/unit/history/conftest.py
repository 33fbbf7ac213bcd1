from pathlib import Path

import pytest

from rag.history import Conversations, NewTurn
from rag.types import Answer, Document, Section, Span
from tests.fakes import make_answer

TEXT = "甲县总结\n一、产业\n全县建成茶园8,200亩。新建电站41座,收入5.2亿元。\n二、教育\n学校12所。"
VERSIONS = {"reader": "r@1", "encoder": "e@1", "index": "gen-000007", "package": "0.1.0"}


@pytest.fixture
def document() -> Document:
    sections = (Section("产业", 1, Span(5, 39)),)
    return Document("jia", "0", TEXT, "甲县总结", "甲县", (2016, 2020), sections=sections)


@pytest.fixture
def answer(document: Document) -> Answer:
    passage = "全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
    return make_answer("甲县多少座电站？", document, passage, "新建电站41座,收入5.2亿元。", "41座")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "conversations.sqlite3"


@pytest.fixture
def conversations(path: Path) -> Conversations:
    return Conversations(path)


def new_turn(answer: Answer, conversation_id: str = "a", number: int = 1, **given) -> NewTurn:
    turn_id = given.pop("turn_id", f"{conversation_id}-{number}")
    return NewTurn(conversation_id, turn_id, number, answer, None, VERSIONS, **given)
