import pytest

from rag.history import Conversation, Heading, KeptTurn
from rag.output import answer_record
from rag.types import Answer, Document, Section, Span
from tests.fakes import make_answer

TEXT = "甲县总结\n一、产业\n全县建成茶园8,200亩。新建电站41座,收入5.2亿元。\n二、教育\n学校12所。"
VERSIONS = {"reader": "r@1", "index": "gen-000007"}


@pytest.fixture
def document() -> Document:
    sections = (Section("产业", 1, Span(5, 39)),)
    return Document("jia", "0", TEXT, "甲县总结", "甲县", (2016, 2020), sections=sections)


@pytest.fixture
def answer(document: Document) -> Answer:
    passage = "全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
    return make_answer("甲县多少座电站？", document, passage, "新建电站41座,收入5.2亿元。", "41座")


def conversation_of(*answers: Answer, title: str = "电站") -> Conversation:
    turns = tuple(
        KeptTurn(
            f"t{n}", n, "2024-05-01T08:00:00+00:00", answer, answer_record(f"t{n}", answer),
            VERSIONS, "right",
        )
        for n, answer in enumerate(answers, start=1)
    )  # fmt: skip
    return Conversation(Heading("c", title, "2024-05-01T08:00:00+00:00"), turns)
