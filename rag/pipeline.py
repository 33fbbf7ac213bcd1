"""Question to answer: retrieve, read, check, cite. `RagPipeline.open` is the way in."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from embeddings.encoder import Encoder
from rag.citations import cite_answer, ground, verify
from rag.comparison import both_answers, compare_answers, disagree, in_one_unit
from rag.comparison_plan import Comparison, plan_comparison
from rag.config import RagConfig, load_config
from rag.english_numbers import in_english
from rag.errors import QuestionError
from rag.figures import find_figures, unsupported
from rag.follow_up import standalone
from rag.index import Index
from rag.mentions import asked_mention, mention_answer
from rag.periods import other_times
from rag.queries import is_foreign, question_to_read
from rag.reader.base import Reader, ReaderInput, Reading
from rag.replies import no_answer, no_report, with_marks
from rag.scope import only_strangers
from rag.types import Answer, Document, Passage, Stage

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


class ManyRetriever(Protocol):
    """What the pipeline needs of a retriever; `HybridRetriever` is one."""

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        ...

    def retrieve_many(self, queries: Sequence[str], top_k: int) -> list[tuple[Passage, ...]]:
        """At most `top_k` passages for each query, best first."""
        ...


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
        self._places = tuple(d.place for d in index.documents.values() if d.place)
        # Tokenizers of other libraries refuse concurrent use, and one reading takes all cores.
        self._reading = threading.Lock()

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
        threshold = self._check_strictness(strictness)
        plans = [self._plan(question) for question in questions]
        asked = [each for plan in plans for each in plan.asked]
        found = self._search(asked, top_k)
        readings = self._read(asked, found)
        singles = iter(self._answer_each(asked, found, readings, threshold))
        answers = [
            self._conclude(plan, [next(singles) for _ in plan.asked], top_k, threshold)
            for plan in plans
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
        started = time.perf_counter()
        threshold = self._check_strictness(strictness)
        plan = self._plan(question, earlier)
        yield Stage("searching")
        found = self._search(plan.asked, top_k)
        n_passages = sum(map(len, found))
        yield Stage("reading", n_passages)
        readings = self._read(plan.asked, found)
        yield Stage("checking", n_passages)
        answers = self._answer_each(plan.asked, found, readings, threshold)
        answer = self._conclude(plan, answers, top_k, threshold)
        yield replace(answer, seconds=time.perf_counter() - started)

    def verify(self, answer: Answer) -> Answer:
        """The answer with only the citations that the reports still prove, or an abstention."""
        return verify(answer, self.documents)

    def search(self, query: str, top_k: int | None = None) -> tuple[Passage, ...]:
        """The passages nearest to `query`, best first. Errors as in `ask`."""
        return self._search([self._check(query)], top_k)[0]

    def _check(self, question: str) -> str:
        return check_question(question, self.config.max_question_chars)

    def _plan(self, question: str, earlier: Sequence[str] = ()) -> _Plan:
        asked = self._check(question)
        question = self._check(standalone(asked, earlier, self.documents.values()))
        understood = question if question != asked else ""
        term = asked_mention(question)
        comparison = None if term else plan_comparison(question, self._places)
        singles = comparison.questions if comparison else () if term else (question,)
        return _Plan(asked, understood, term, comparison, singles)

    def _search(self, questions: Sequence[str], top_k: int | None) -> list[tuple[Passage, ...]]:
        top_k = self.config.top_k if top_k is None else top_k
        if not 1 <= top_k <= _MAX_TOP_K:
            raise ValueError(f"top_k is {top_k}; expected 1 to {_MAX_TOP_K}")
        if not questions:
            return []
        return self._retriever.retrieve_many(questions, top_k)

    def _read(
        self, questions: Sequence[str], found: Sequence[tuple[Passage, ...]]
    ) -> list[Reading | None]:
        """A reading for each question; None where there is none that may be shown."""
        inputs = {
            number: self._reader_input(question, passages)
            for number, (question, passages) in enumerate(zip(questions, found, strict=True))
            if passages
        }
        with self._reading:
            readings = self.reader.read(list(inputs.values())) if inputs else []
        by_number = {
            number: reading
            for (number, asked), reading in zip(inputs.items(), readings, strict=True)
            if not _is_closed(asked, reading)
        }
        return [by_number.get(number) for number in range(len(questions))]

    def _reader_input(self, question: str, passages: Sequence[Passage]) -> ReaderInput:
        chunks = [passage.chunk for passage in passages]
        texts = tuple(chunk.text for chunk in chunks)
        return ReaderInput(
            question_to_read(question, self._places, texts),
            texts,
            tuple(chunk.header for chunk in chunks),
            tuple(
                other_times(question, chunk.text, self.documents[chunk.document_id])
                for chunk in chunks
            ),
        )

    def _answer_each(
        self,
        questions: Sequence[str],
        found: Sequence[tuple[Passage, ...]],
        readings: Sequence[Reading | None],
        threshold: float,
    ) -> list[Answer]:
        answers = [
            self._answer(question, passages, reading, threshold)
            for question, passages, reading in zip(questions, found, readings, strict=True)
        ]
        return [self._with_other_report(answer, threshold) for answer in answers]

    def _with_other_report(self, answer: Answer, threshold: float) -> Answer:
        """The answer; both, if another report about the same place gives another figure."""
        if answer.abstained or not find_figures(answer.short):
            return answer
        own = self.documents[answer.citations[0].document_id]
        others = tuple(
            passage
            for passage in answer.passages
            if passage.chunk.document_id != own.document_id
            and own.place is not None
            and self.documents[passage.chunk.document_id].place == own.place
        )
        if not others:
            return answer
        (reading,) = self._read([answer.question], [others])
        other = self._answer(answer.question, others, reading, threshold)
        if other.abstained or not disagree(answer.short, other.short):
            return answer
        return both_answers([answer, other], self.documents)

    def _conclude(
        self, plan: _Plan, answers: Sequence[Answer], top_k: int | None, threshold: float
    ) -> Answer:
        """The answer to the question as asked, from those to what was asked for it."""
        if plan.term:
            chunks = sorted(self.index.chunks.values(), key=lambda c: (c.document_id, c.span))
            answer = mention_answer(plan.question, plan.term, chunks, self.documents)
        elif plan.comparison is not None:
            sides = self._in_one_unit(plan.comparison, answers, top_k, threshold)
            answer = compare_answers(plan.question, plan.comparison, sides, self.documents)
        else:
            (answer,) = answers
        return replace(answer, question=plan.question, understood=plan.understood)

    def _in_one_unit(
        self, plan: Comparison, sides: Sequence[Answer], top_k: int | None, threshold: float
    ) -> list[Answer]:
        """The sides of a comparison, those in another unit than the surest one asked again."""
        asked = in_one_unit(plan, sides).questions
        again = [i for i, question in enumerate(asked) if question != plan.questions[i]]
        questions = [asked[i] for i in again]
        found = self._search(questions, top_k)
        answers = self._answer_each(questions, found, self._read(questions, found), threshold)
        answered = dict(zip(again, answers, strict=True))
        return [answered.get(i, side) for i, side in enumerate(sides)]

    def _answer(
        self,
        question: str,
        passages: tuple[Passage, ...],
        reading: Reading | None,
        threshold: float,
    ) -> Answer:
        if reading is None:
            return _abstain(question, passages, 0.0)
        strangers = only_strangers(question, passages, self.documents)
        if strangers:
            said = no_report(question, strangers, self._places)
            return replace(_abstain(question, passages, 0.0), text=said)
        is_unsure = reading.abstained if threshold < 0 else reading.confidence < threshold
        grounded = ground(reading, [passage.chunk.text for passage in passages])
        if is_unsure or grounded is None or reading.passage is None:
            return _abstain(question, passages, reading.confidence)
        chunk = passages[reading.passage].chunk
        citations = cite_answer(chunk, grounded.spans, self.documents[chunk.document_id])
        if unsupported(grounded.text, "\n".join(citation.text for citation in citations)):
            return _abstain(question, passages, 0.0)
        english = in_english(grounded.text) if is_foreign(question) else ""
        shown = f"{grounded.text} ({english})" if english else grounded.text
        text = with_marks(shown, citations)
        return Answer(
            question, text, grounded.text, citations, reading.confidence, False, passages, 0.0
        )

    def _check_strictness(self, strictness: float | None) -> float:
        chosen = self.config.strictness if strictness is None else strictness
        if not -1 <= chosen <= 1:
            raise ValueError(f"strictness is {chosen}; expected 0 to 1, or -1 for the fitted one")
        return chosen


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


def _is_closed(asked: ReaderInput, reading: Reading) -> bool:
    """True if the reader answered from a stretch of a passage that was closed to it."""
    place = reading.passage
    return place is not None and any(asked.is_closed(place, span) for span in reading.spans)


def _abstain(question: str, passages: tuple[Passage, ...], confidence: float) -> Answer:
    return Answer(question, no_answer(question), "", (), confidence, True, passages, 0.0)
