"""Question to answer: retrieve, read, check, cite. `RagPipeline.open` is the way in."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings.encoder import Encoder
from rag.answering import Answerer, ManyRetriever, Request
from rag.citations import verify
from rag.comparison import compare_answers, in_one_unit
from rag.comparison_plan import Comparison, plan_comparison
from rag.config import RagConfig, load_config
from rag.errors import QuestionError
from rag.explanation import Explanation, Role
from rag.follow_up import standalone
from rag.index import Index
from rag.mentions import asked_mention, mention_answer
from rag.reader.base import Reader
from rag.trail import Trail, explain
from rag.types import Answer, Document, Passage, Stage
from rag.version import package_version

_MAX_TOP_K = 20

Source = str | Path | Sequence[str | Path]


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


class RagPipeline:
    """Answers questions from a shelf of reports. Safe to use from several threads.

    Args:
        index: The shelf.
        retriever: Finds passages in it.
        reader: Finds the answer in passages.
        config: The settings in force.
    """

    def __init__(
        self, index: Index, retriever: ManyRetriever, reader: Reader, config: RagConfig
    ) -> None:
        self.index = index
        self.reader = reader
        self.config = config
        self._retriever = retriever
        self._answerer = Answerer(index.documents, retriever, reader)

    @classmethod
    def open(
        cls,
        source: Source | None = "seeds",
        *,
        config: RagConfig | None = None,
        rebuild: bool = False,
        show_progress: bool = False,
    ) -> "RagPipeline":
        """The pipeline over the reports in `source`, their index built or updated if need be.

        Args:
            source: Files or folders of reports; or an index folder, or None for the one in
                `config`, which is then used as it is.
            config: Settings; None means defaults and `RAG_*` environment.
            rebuild: Make the index anew even if it is up to date.
            show_progress: Draw a bar while encoding.

        Raises:
            RagError: One of its children: the reports, the index or the reader cannot be used.
            EmbeddingsError: The encoder cannot be loaded.
        """
        from rag.opening import open_parts

        parts = open_parts(source, config or load_config(), rebuild, show_progress)
        return cls(parts.index, parts.retriever, parts.reader, parts.config)

    @property
    def documents(self) -> Mapping[str, Document]:
        """The reports by document id."""
        return self.index.documents

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        return self._retriever.encoder

    @property
    def model_ids(self) -> Mapping[str, str]:
        """Ids of the models by role: `encoder`, `reader`."""
        encoder = self.index.manifest.settings.model_id
        return {"encoder": encoder, "reader": self.reader.model_id}

    @property
    def versions(self) -> Mapping[str, str]:
        """What answers: the models' ids, `index` (its generation) and `package`."""
        return {
            **self.model_ids,
            "index": self.index.generation,
            "package": package_version(),
        }

    def ask(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
    ) -> Answer:
        """The answer to one question, or an abstention.

        Args:
            question: In Chinese or English; any other language is tried.
            top_k: Passages to read (1 to 20); None means as configured.
            strictness: Confidence under which the answer is withheld (0 to 1); below 0 means
                the reader's own threshold, None as configured.
            earlier: Questions of the same conversation as they were understood, oldest first;
                what a follow-up such as `那乙县呢？` leaves out is taken from the last.

        Raises:
            QuestionError: The question is empty or too long.
            ValueError: `top_k` or `strictness` is out of range.
        """
        *_, answer = self.stream(question, top_k=top_k, strictness=strictness, earlier=earlier)
        assert isinstance(answer, Answer)
        return answer

    def ask_many(
        self,
        questions: Sequence[str],
        *,
        top_k: int | None = None,
        strictness: float | None = None,
    ) -> list[Answer]:
        """Answers in the order of the questions, which are encoded and read in batches.

        `seconds` of each is its even share of the time. Errors as in `ask`.
        """
        started = time.perf_counter()
        request = self._request(top_k, strictness)
        plans = [self._plan(question) for question in questions]
        asked = [each for plan in plans for each in plan.asked]
        singles = iter(self._answerer.answer(asked, request, Role.ASKED))
        answers = [
            self._conclude(plan, [next(singles) for _ in plan.asked], request) for plan in plans
        ]
        share = (time.perf_counter() - started) / max(1, len(answers))
        return [replace(answer, seconds=share) for answer in answers]

    def stream(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
    ) -> Iterator[Stage | Answer]:
        """Each step of answering as it begins, then the answer; as `ask`."""
        yield from self._steps(question, self._request(top_k, strictness), earlier)

    def explain(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
    ) -> Explanation:
        """The answer with how it came about: searched, found, read and checked once, as by `ask`.

        Arguments and errors as in `ask`.
        """
        *_, explanation = self.stream_explained(
            question, top_k=top_k, strictness=strictness, earlier=earlier
        )
        assert isinstance(explanation, Explanation)
        return explanation

    def stream_explained(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
    ) -> Iterator[Stage | Explanation]:
        """Each step of answering as it begins, then the explanation; as `explain`."""
        trail = Trail()
        for step in self._steps(question, self._request(top_k, strictness, trail), earlier):
            yield explain(trail, step) if isinstance(step, Answer) else step

    def verify(self, answer: Answer) -> Answer:
        """The answer with only the citations that the reports still prove, or an abstention."""
        return verify(answer, self.documents)

    def search(self, query: str, top_k: int | None = None) -> tuple[Passage, ...]:
        """The passages nearest to `query`, best first. Errors as in `ask`."""
        (found,) = self._answerer.search([self._check(query)], self._request(top_k, None))
        return found.passages

    def _steps(
        self, question: str, request: Request, earlier: Sequence[str]
    ) -> Iterator[Stage | Answer]:
        started = time.perf_counter()
        plan = self._plan(question, earlier)
        yield Stage("searching")
        found = self._answerer.search(plan.asked, request)
        n_passages = sum(len(each.passages) for each in found)
        yield Stage("reading", n_passages)
        reads = self._answerer.read(found, request)
        yield Stage("checking", n_passages)
        answers = self._answerer.check(found, reads, request, plan.role)
        answer = self._conclude(plan, answers, request)
        yield replace(answer, seconds=time.perf_counter() - started)

    def _request(
        self, top_k: int | None, strictness: float | None, trail: Trail | None = None
    ) -> Request:
        top_k = self.config.top_k if top_k is None else top_k
        threshold = self.config.strictness if strictness is None else strictness
        if not 1 <= top_k <= _MAX_TOP_K:
            raise ValueError(f"top_k is {top_k}; expected 1 to {_MAX_TOP_K}")
        if not -1 <= threshold <= 1:
            raise ValueError(
                f"strictness is {threshold}; expected 0 to 1, or -1 for the fitted one"
            )
        return Request(top_k, threshold, trail)

    def _check(self, question: str) -> str:
        return check_question(question, self.config.max_question_chars)

    def _plan(self, question: str, earlier: Sequence[str] = ()) -> _Plan:
        asked = self._check(question)
        question = self._check(standalone(asked, earlier, self.documents.values()))
        understood = question if question != asked else ""
        term = asked_mention(question)
        comparison = None if term else plan_comparison(question, self._answerer.places)
        singles = comparison.questions if comparison else () if term else (question,)
        return _Plan(asked, understood, term, comparison, singles)

    def _conclude(self, plan: _Plan, answers: Sequence[Answer], request: Request) -> Answer:
        """The answer to the question as asked, from those to what was asked for it."""
        if plan.term:
            chunks = sorted(self.index.chunks.values(), key=lambda c: (c.document_id, c.span))
            answer = mention_answer(plan.question, plan.term, chunks, self.documents)
        elif plan.comparison is not None:
            sides = self._in_one_unit(plan.comparison, answers, request)
            answer = compare_answers(plan.question, plan.comparison, sides, self.documents)
        else:
            (answer,) = answers
        return replace(answer, question=plan.question, understood=plan.understood)

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
