"""Small stand-ins for the heavy parts, shared by the tests."""

import itertools
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.stores import FaissStore
from rag.bm25 import BM25
from rag.config import RagConfig
from rag.errors import QuestionError
from rag.explanation import (
    Candidate,
    Check,
    CheckName,
    Explanation,
    FoundPassage,
    Outcome,
    Part,
    Role,
    StageSeconds,
)
from rag.filters import ReportFilter
from rag.found import Standing
from rag.index import Index
from rag.manifest import IndexManifest, IndexSettings
from rag.types import Answer, Chunk, Citation, Document, Passage, SourceFile, Span, Stage

NO_ANSWER = "报告里没有找到答案。The reports do not say."


def make_passage(document: Document, text: str, rank: int = 1) -> Passage:
    """A retrieved passage: the first place in `document` where `text` stands."""
    start = document.text.index(text)
    section = tuple(s.title for s in document.sections if s.span.start <= start < s.span.end)
    span = Span(start, start + len(text))
    chunk = Chunk(f"chunk-{start}", document.document_id, span, text, document.title, section)
    return Passage(chunk, 1.0 / rank, rank, "fake")


def make_answer(
    question: str, document: Document, passage: str, sentence: str, short: str
) -> Answer:
    """An answer cited from `sentence` within `passage`, both parts of `document`'s text."""
    found = make_passage(document, passage)
    start = document.text.index(sentence)
    at = document.text.index(short, start)
    citation = Citation(
        mark=1,
        document_id=document.document_id,
        title=document.title,
        section=found.chunk.section,
        span=Span(start, start + len(sentence)),
        text=sentence,
        answer_spans=(Span(at, at + len(short)),),
    )
    return Answer(question, f"{short} [1]", short, (citation,), 0.92, False, (found,), 0.4)


def make_explanation(answer: Answer) -> Explanation:
    """An explanation of `answer` in one part, all of whose checks have passed."""
    found = tuple(
        FoundPassage(passage, Standing(passage.rank, 0.9, None, 0.0), False)
        for passage in answer.passages
    )
    offers = (Candidate(answer.short or "-", 1, 0.9, True, True),)
    checks = tuple(Check(name, Outcome.PASSED) for name in CheckName)
    part = Part(
        role=Role.ASKED,
        question=answer.question,
        bare=answer.question,
        gloss="",
        read_as=answer.question,
        places=(),
        years=(2019,),
        passages=found,
        candidates=offers,
        n_candidates=3,
        n_unfit=1,
        refusal=0.05,
        confidence=answer.confidence,
        threshold=0.5,
        checks=checks,
        answer=answer.short,
    )
    return Explanation(answer, (part,), "", StageSeconds(0.1, 0.2, 0.01))


def make_index(documents: Mapping[str, Document], sources: Sequence[SourceFile] = ()) -> Index:
    """An index that holds documents and no chunks: it can be listed, not searched."""
    hashes = {name: document.document_hash for name, document in documents.items()}
    settings = IndexSettings("hash@1", 64, "", "", "")
    manifest = IndexManifest(settings, hashes, 0, {}, (), tuple(sources))
    nothing = FaissStore(64)
    return Index(
        documents, {}, {}, nothing, nothing, {}, BM25.build([], []), manifest, "gen-000001"
    )


class FakePipeline:
    """Gives prepared answers by question, abstains from all else; no model, no index."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        answers: Mapping[str, Answer],
        *,
        pause_seconds: float = 0.0,
        sources: Sequence[SourceFile] = (),
    ) -> None:
        self.config = RagConfig()
        self.index = make_index(documents, sources)
        self.encoder = HashEncoder()
        self.pause_seconds = pause_seconds
        self.asked: list[tuple[str, int | None, float | None]] = []
        self._answers = answers

    @property
    def documents(self) -> Mapping[str, Document]:
        return self.index.documents

    @property
    def versions(self) -> Mapping[str, str]:
        return {"encoder": "hash@1", "reader": "fake@1", "index": self.index.generation}

    def take_over(self, index: Index) -> None:
        self.index = index

    def stream(self, question: str, **asked: Any) -> Iterator[Stage | Answer]:
        answer = self.ask(question, **asked)
        for name in ("searching", "reading", "checking"):
            yield Stage(name, len(answer.passages))
            time.sleep(self.pause_seconds)
        yield answer

    def stream_explained(self, question: str, **asked: Any) -> Iterator[Stage | Explanation]:
        for step in self.stream(question, **asked):
            yield make_explanation(step) if isinstance(step, Answer) else step

    def explain(
        self, question: str, *, documents: Collection[str] = (), years: Collection[int] = ()
    ) -> Explanation:
        return make_explanation(self.ask(question, documents=documents, years=years))

    def ask(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> Answer:
        self.earlier = list(earlier)
        self.held_to = (list(documents), list(years))
        if not question.strip():
            raise QuestionError("the question is empty")
        if len(question) > self.config.max_question_chars:
            raise QuestionError(f"the question has {len(question)} characters")
        self.asked.append((question, top_k, strictness))
        found = self.search(question, documents=documents, years=years)
        nothing = Answer(question, NO_ANSWER, "", (), 0.1, True, found, 0.3)
        return self._answers.get(question, nothing)

    def search(
        self,
        query: str,
        top_k: int | None = None,
        *,
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> tuple[Passage, ...]:
        shelf = ReportFilter.of(documents, years).apply(self.documents)
        texts = ((document, document.text[:60]) for document in shelf.values())
        found = tuple(make_passage(doc, text, rank) for rank, (doc, text) in enumerate(texts, 1))
        return found[:top_k]


class HashEncoder:
    """Vectors that depend on the words of a text alone: alike texts get near vectors.

    `encoded` lists every passage that was encoded, in order.
    """

    def __init__(self, dim: int = 64, model_id: str = "hash@1") -> None:
        self.dim = dim
        self.model_id = model_id
        self.encoded: list[str] = []

    def encode_queries(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01  # no text is a row of zeros
            for pair in itertools.pairwise(text):
                row[1 + zlib.crc32("".join(pair).encode()) % (self.dim - 1)] += 1.0
        lengths: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
        normalised: NDArray[np.float32] = rows / lengths
        return normalised

    def encode_passages(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        self.encoded += texts
        return self.encode_queries(texts)
