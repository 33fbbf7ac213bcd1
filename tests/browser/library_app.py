"""The chat page over a real index with small stand-ins for the models; or over 1,000 reports."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from rag.config import RagConfig
from rag.opening import open_index
from rag.pipeline import RagPipeline
from rag.reader.base import ReaderInput, Reading
from rag.retrieval import HybridRetriever
from rag.types import Document, Span
from tests.fakes import FakePipeline, HashEncoder

FIRST = "青石县发展报告\n2018年，青石县种植茶叶3万亩，新建茶厂7座。\n"
N_REPORTS = 1000
MAX_BYTES = 60_000
_ASKED = re.compile(r"多少(\w)")
_NOTHING = Reading("", None, (), 0.05, True)


class UnitReader:
    """Copies the first figure in the unit that the question asks for: 多少座？"""

    model_id = "unit@1"

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        return [self._read(each) for each in inputs]

    def _read(self, asked: ReaderInput) -> Reading:
        unit = _ASKED.search(asked.question)
        for number, passage in enumerate(asked.passages):
            found = unit and re.search(rf"\d[\d,.]*万?{unit[1]}", passage)
            if found:
                return Reading(found.group(), number, (Span(*found.span()),), 0.9, False)
        return _NOTHING


class SlowEncoder(HashEncoder):
    """Takes so long that a person can ask something meanwhile."""

    def encode_passages(self, texts: Sequence[str], *, show_progress: bool = False):
        time.sleep(0.02 * len(texts))
        return super().encode_passages(texts)


def build() -> RagPipeline:
    config = RagConfig(index=Path("index"), max_document_bytes=MAX_BYTES)
    report = Path("qingshi.txt")
    report.write_text(FIRST, encoding="utf-8")
    encoder = SlowEncoder()
    index = open_index([report], encoder, config)
    return RagPipeline(index, HybridRetriever(index, encoder, config), UnitReader(), config)


def build_long() -> FakePipeline:
    numbers = (f"{n:04}" for n in range(N_REPORTS))
    documents = {
        n: Document(n, "0", f"{n}号县总结。", f"{n}号县总结", f"{n}号县", (2000 + int(n) % 20,))
        for n in numbers
    }
    return FakePipeline(documents, {})
