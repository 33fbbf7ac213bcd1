import pytest

from rag.types import Answer, Document, Section, Span
from tests.fakes import make_answer

TEXT = "松溪县总结\n一、产业\n全县建成茶园8,200亩。新建电站41座,收入5.2亿元。\n二、教育\n学校12所。"


@pytest.fixture
def document() -> Document:
    sections = (Section("产业", 1, Span(6, 40)),)
    return Document("songxi", "0", TEXT, "松溪县总结", "松溪县", (2016, 2020), sections=sections)


@pytest.fixture
def answer(document: Document) -> Answer:
    passage = "全县建成茶园8,200亩。新建电站41座,收入5.2亿元。"
    return make_answer("多少座电站？", document, passage, "新建电站41座,收入5.2亿元。", "41座")
