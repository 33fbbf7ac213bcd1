"""Questions to answers, each for itself: search, read, check."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from embeddings.encoder import Encoder
from rag.checks import Checker, Read
from rag.closed import closed_to, header_to_read
from rag.comparison import both_answers, disagree
from rag.explanation import Role
from rag.figures import find_figures
from rag.found import Found
from rag.index import Index
from rag.queries import question_to_read
from rag.reader.base import Reader, ReaderInput
from rag.trail import Attempt, Trail, timed
from rag.types import Answer, Document, Passage
from rag.year_words import year_words


class ManyRetriever(Protocol):
    """What answering needs of a retriever; `HybridRetriever` is one."""

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        ...

    def over(self, index: Index) -> "ManyRetriever":
        """The same retriever, with the same settings, over another generation of the index."""
        ...

    def within(self, document_ids: Collection[str]) -> "ManyRetriever":
        """The same retriever over these reports only."""
        ...

    def search_many(self, queries: Sequence[str], top_k: int) -> list[Found]:
        """At most `top_k` passages for each query, best first, with how they were found."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """How a question is to be answered.

    Attributes:
        top_k: Passages to read.
        threshold: Confidence under which the answer is withheld; below 0 the reader's own.
        trail: Where what happens is kept; None unless it is to be explained.
    """

    top_k: int
    threshold: float
    trail: Trail | None = None


class Answerer:
    """Answers single questions. Safe to use from several threads.

    Args:
        documents: The shelf.
        retriever: Finds passages in it.
        reader: Finds the answer in passages; used by several threads at once.
    """

    def __init__(
        self, documents: Mapping[str, Document], retriever: ManyRetriever, reader: Reader
    ) -> None:
        self.places = tuple(d.place for d in documents.values() if d.place)
        self._documents = documents
        self._retriever = retriever
        self._reader = reader
        self._checker = Checker(documents, self.places)

    def answer(self, questions: Sequence[str], request: Request, role: Role) -> list[Answer]:
        """An answer to each question: all three steps."""
        found = self.search(questions, request)
        return self.check(found, self.read(found, request), request, role)

    def search(self, questions: Sequence[str], request: Request) -> list[Found]:
        """What is found for each question."""
        if not questions:
            return []
        with timed(request.trail, "search"):
            return self._retriever.search_many(questions, request.top_k)

    def read(self, found: Sequence[Found], request: Request) -> list[Read | None]:
        """A reading of what was found for each question; None where nothing was."""
        asked = [self._reader_input(each) for each in found if each.passages]
        with timed(request.trail, "read"):
            readings = self._reader.read(asked) if asked else []
        reads = iter([Read(*pair) for pair in zip(asked, readings, strict=True)])
        return [next(reads) if each.passages else None for each in found]

    def check(
        self, found: Sequence[Found], reads: Sequence[Read | None], request: Request, role: Role
    ) -> list[Answer]:
        """The answer to each question, as it may be shown."""
        answers = [
            self._check(each, read, request, role) for each, read in zip(found, reads, strict=True)
        ]
        return [
            self._with_other_report(each, answer, request)
            for each, answer in zip(found, answers, strict=True)
        ]

    def _reader_input(self, found: Found) -> ReaderInput:
        question = found.query.question
        chunks = [passage.chunk for passage in found.passages]
        documents = [self._documents[chunk.document_id] for chunk in chunks]
        texts = tuple(chunk.text for chunk in chunks)
        read_as = question_to_read(question, self.places, texts)
        shelf = self._documents.values()
        headers = tuple(
            header_to_read(question, chunk.header, document, shelf)
            for chunk, document in zip(chunks, documents, strict=True)
        )
        closed = tuple(
            closed_to(question, read_as, chunk.text, document, chunk.header)
            for chunk, document in zip(chunks, documents, strict=True)
        )
        reworded = tuple(
            year_words(question, chunk.text, document)
            for chunk, document in zip(chunks, documents, strict=True)
        )
        return ReaderInput(read_as, texts, headers, closed, reworded)

    def _check(self, found: Found, read: Read | None, request: Request, role: Role) -> Answer:
        with timed(request.trail, "check"):
            checked = self._checker.check(
                found.query.question, found.passages, read, request.threshold
            )
        if request.trail is not None:
            request.trail.attempts.append(Attempt(role, found, read, checked, request.threshold))
        return checked.answer

    def _with_other_report(self, found: Found, answer: Answer, request: Request) -> Answer:
        """The answer; both, if another report about the same place gives another figure."""
        others = self._from_other_reports(answer)
        if not others:
            return answer
        again = replace(found, passages=others)
        (read,) = self.read([again], request)
        other = self._check(again, read, request, Role.REPORT)
        if other.abstained or not disagree(answer.short, other.short):
            return answer
        return both_answers([answer, other], self._documents)

    def _from_other_reports(self, answer: Answer) -> tuple[Passage, ...]:
        """Passages of other reports about the place that a figure was found for."""
        if answer.abstained or not find_figures(answer.short):
            return ()
        own = self._documents[answer.citations[0].document_id]
        return tuple(
            passage
            for passage in answer.passages
            if passage.chunk.document_id != own.document_id
            and own.place is not None
            and self._documents[passage.chunk.document_id].place == own.place
        )
