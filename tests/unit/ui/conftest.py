import pytest

from rag.types import Document, Section, Span

HOSTILE = "<img src=x onerror=alert(1)> [1] [x](http://198.51.100.7/) **b** $$x$$"


@pytest.fixture
def hostile() -> Document:
    section = Section(HOSTILE, 1, Span(0, len(HOSTILE)))
    return Document(HOSTILE, "1", HOSTILE, HOSTILE, HOSTILE, sections=(section,))
