"""One generation of the shelf, opened for questions: never changed, only replaced."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from embeddings.model_thread import in_model_thread
from rag.answering import Answerer, ManyRetriever, Request
from rag.comparison import compare_answers, in_one_unit
from rag.comparison_plan import Comparison, plan_comparison
from rag.errors import QuestionError
from rag.explanation import Role
from rag.filters import ReportFilter
from rag.follow_up import standalone
from rag.index import Index
from rag.mentions import asked_mention, mention_answer
from rag.reader.base import Reader, ReaderInput, Reading
from rag.replies import with_filter_told
from rag.types import Answer, Chunk, Document, Passage, Stage

_READ_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Plan:
    """A question and what is asked of the shelf for it: itself, or one question a place.

    Attributes:
        question: As asked.
        understood: As in `Answer`.
        term: What the mention of is asked for; empty for another question.
        comparison: How the answers make one; None for a single question.
        asked: What is searched and read.
    """

    question: str
    understood: str
    term: str
    comparison: Comparison | None
    asked: tuple[str, ...]

    @property
    def role(self) -> Role:
        """What `asked` are asked for."""
        return Role.ASKED if self.comparison is None else Role.SIDE


class OneAtATime:
    """A reader that all generations share, for one thread after the other.

    Tokenizers of other libraries refuse concurrent use, and one reading takes all cores. Between
    a few readings others have their turn, however many one caller asks for.
    """

    def __init__(self, reader: Reader) -> None:
        self.model_id = reader.model_id
        self._reader = reader

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """As the reader reads them."""
        readings: list[Reading] = []
        for start in range(0, len(inputs), _READ_AT_ONCE):
            part = inputs[start : start + _READ_AT_ONCE]
            readings += in_model_thread(partial(self._reader.read, part))
        return readings


class OpenShelf:
    """Answers questions from one generation of the index, or from some of its reports.

    Safe to use from several threads.

    Args:
        index: The generation.
        retriever: Finds passages in it, or in those of `documents` only.
        reader: Finds the answer in passages; used by several threads at once.
        max_question_chars: Longer questions are refused.
        documents: The reports that are asked; None means all of the index.
    """

    def __init__(
        self,
        index: Index,
        retriever: ManyRetriever,
        reader: Reader,
        max_question_chars: int,
        documents: Mapping[str, Document] | None = None,
    ) -> None:
        self.index = index
        self.retriever = retriever
        self._reader = reader
        self._max_question_chars = max_question_chars
        self._documents = index.documents if documents is None else documents
        self._answerer = Answerer(self._documents, retriever, reader)

    def over(self, index: Index) -> "OpenShelf":
        """The same for another generation of the index."""
        retriever = self.retriever.over(index)
        return OpenShelf(index, retriever, self._reader, self._max_question_chars)

    def held_to(self, documents: Collection[str], years: Collection[int]) -> "OpenShelf":
        """This shelf as if the reports that fit were all there is; arguments as in `ask`.

        Raises:
            FilterError: A report of the filter is not on the shelf, or none fits it.
        """
        if not documents and not years:
            return self
        chosen = ReportFilter.of(documents, years).apply(self.index.documents)
        retriever = self.retriever.within(chosen.keys())
        return OpenShelf(self.index, retriever, self._reader, self._max_question_chars, chosen)

    def search(self, query: str, request: Request) -> tuple[Passage, ...]:
        """The passages nearest to `query`, best first."""
        (found,) = self._answerer.search([self._check(query)], request)
        return found.passages

    def answer_many(self, questions: Sequence[str], request: Request) -> list[Answer]:
        """Answers in the order of the questions; `seconds` of each is its even share."""
        started = time.perf_counter()
        plans = [self._plan(self._check(question)) for question in questions]
        asked = [each for plan in plans for each in plan.asked]
        singles = iter(self._answerer.answer(asked, request, Role.ASKED))
        answers = [
            self._conclude(plan, [next(singles) for _ in plan.asked], request) for plan in plans
        ]
        share = (time.perf_counter() - started) / max(1, len(answers))
        return [replace(answer, seconds=share) for answer in answers]

    def steps(
        self, question: str, request: Request, earlier: Sequence[str]
    ) -> Iterator[Stage | Answer]:
        """Each step of answering as it begins, then the answer."""
        started = time.perf_counter()
        asked = self._check(question)
        yield Stage("searching")  # The first plan of a process loads dictionaries.
        plan = self._plan(asked, earlier)
        found = self._answerer.search(plan.asked, request)
        n_passages = sum(len(each.passages) for each in found)
        yield Stage("reading", n_passages)
        reads = self._answerer.read(found, request)
        yield Stage("checking", n_passages)
        answers = self._answerer.check(found, reads, request, plan.role)
        answer = self._conclude(plan, answers, request)
        yield replace(answer, seconds=time.perf_counter() - started)

    def _check(self, question: str) -> str:
        return check_question(question, self._max_question_chars)

    def _plan(self, asked: str, earlier: Sequence[str] = ()) -> _Plan:
        # Places that the filter leaves out are understood too, so that the refusal names them.
        question = self._check(standalone(asked, earlier, self.index.documents.values()))
        understood = question if question != asked else ""
        term = asked_mention(question)
        comparison = None if term else plan_comparison(question, self._answerer.places)
        singles = comparison.questions if comparison else () if term else (question,)
        return _Plan(asked, understood, term, comparison, singles)

    def _conclude(self, plan: _Plan, answers: Sequence[Answer], request: Request) -> Answer:
        """The answer to the question as asked, from those to what was asked for it."""
        if plan.term:
            answer = self._mention(plan)
        elif plan.comparison is not None:
            sides = self._in_one_unit(plan.comparison, answers, request)
            answer = compare_answers(plan.question, plan.comparison, sides, self._documents)
        else:
            (answer,) = answers
        n_asked, n_all = len(self._documents), len(self.index.documents)
        if answer.abstained and n_asked < n_all:
            text = with_filter_told(plan.question, answer.text, n_asked, n_all)
            answer = replace(answer, text=text)
        return replace(answer, question=plan.question, understood=plan.understood)

    def _mention(self, plan: _Plan) -> Answer:
        return mention_answer(plan.question, plan.term, self._chunks_of, self._documents)

    def _chunks_of(self, document_id: str) -> list[Chunk]:
        ids = self.index.chunk_ids.get(document_id, ())
        return sorted((self.index.chunks[i] for i in ids), key=lambda chunk: chunk.span)

    def _in_one_unit(
        self, plan: Comparison, sides: Sequence[Answer], request: Request
    ) -> list[Answer]:
        """The sides of a comparison, those in another unit than the surest one asked again."""
        asked = in_one_unit(plan, sides).questions
        again = [i for i, question in enumerate(asked) if question != plan.questions[i]]
        answers = self._answerer.answer([asked[i] for i in again], request, Role.UNIT)
        answered = dict(zip(again, answers, strict=True))
        return [answered.get(i, side) for i, side in enumerate(sides)]


def check_question(question: str, max_chars: int) -> str:
    """The question, fit for all libraries.

    Raises:
        QuestionError: It is empty or longer than `max_chars`.
    """
    if not question.strip():
        raise QuestionError("the question is empty; ask a question about the reports")
    if len(question) > max_chars:
        raise QuestionError(
            f"the question has {len(question)} characters; at most {max_chars} can be asked, "
            "shorten it"
        )
    # Half a surrogate pair comes from undecodable command lines; it can not even be printed.
    return question.encode("utf-8", "replace").decode("utf-8")
