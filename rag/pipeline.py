"""Question to answer: retrieve, read, check, cite. `RagPipeline.open` is the way in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from embeddings.encoder import Encoder
from rag.answering import ManyRetriever, Request
from rag.citations import verify
from rag.config import RagConfig, load_config
from rag.errors import IndexMismatchError
from rag.explanation import Explanation
from rag.index import Index
from rag.memory import give_back
from rag.open_shelf import OneAtATime, OpenShelf, check_question
from rag.reader.base import Reader
from rag.trail import Trail, explain
from rag.types import Answer, Document, Passage, Stage
from rag.version import package_version

__all__ = ["RagPipeline", "check_question"]

_MAX_TOP_K = 20

Source = str | Path | Sequence[str | Path]


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
        self.reader = reader
        self.config = config
        self._shelf = OpenShelf(index, retriever, OneAtATime(reader), config.max_question_chars)

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
    def index(self) -> Index:
        """The generation of the index that the next question is answered from."""
        return self._shelf.index

    def take_over(self, index: Index) -> None:
        """Answer from `index` from the next question on; those under way finish on the old one.

        Raises:
            IndexMismatchError: It was made with another encoder.
        """
        wanted, seen = self.encoder.model_id, index.manifest.settings.model_id
        if seen != wanted:
            raise IndexMismatchError(
                f"index was built with model_id {seen!r}, this program wants {wanted!r}; "
                "open the pipeline anew"
            )
        # One assignment: whoever asks meanwhile has the old shelf or the new one, never a mixture.
        self._shelf = self._shelf.over(index)
        give_back()

    @property
    def documents(self) -> Mapping[str, Document]:
        """The reports by document id."""
        return self.index.documents

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        return self._shelf.retriever.encoder

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
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> Answer:
        """The answer to one question, or an abstention.

        Args:
            question: In Chinese or English; any other language is tried.
            top_k: Passages to read (1 to 20); None means as configured.
            strictness: Confidence under which the answer is withheld (0 to 1); below 0 means
                the reader's own threshold, None as configured.
            earlier: Questions of the same conversation as they were understood, oldest first;
                what a follow-up such as `那乙县呢？` leaves out is taken from the last.
            documents: Ids of the reports to ask, as if there were no others; empty means all.
            years: Ask only reports that cover one of these years; empty means all.

        Raises:
            QuestionError: The question is empty or too long; as `FilterError`, a report of the
                filter is not on the shelf, or none fits the filter.
            ValueError: `top_k` or `strictness` is out of range.
        """
        *_, answer = self.stream(
            question,
            top_k=top_k,
            strictness=strictness,
            earlier=earlier,
            documents=documents,
            years=years,
        )
        assert isinstance(answer, Answer)
        return answer

    def ask_many(
        self,
        questions: Sequence[str],
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> list[Answer]:
        """Answers in the order of the questions, which are encoded and read in batches.

        `seconds` of each is its even share of the time. Errors as in `ask`.
        """
        request = self._request(top_k, strictness)
        return self._open(documents, years).answer_many(questions, request)

    def stream(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> Iterator[Stage | Answer]:
        """Each step of answering as it begins, then the answer; as `ask`."""
        shelf = self._open(documents, years)
        yield from shelf.steps(question, self._request(top_k, strictness), earlier)

    def explain(
        self,
        question: str,
        *,
        top_k: int | None = None,
        strictness: float | None = None,
        earlier: Sequence[str] = (),
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> Explanation:
        """The answer with how it came about: searched, found, read and checked once, as by `ask`.

        Arguments and errors as in `ask`.
        """
        *_, explanation = self.stream_explained(
            question,
            top_k=top_k,
            strictness=strictness,
            earlier=earlier,
            documents=documents,
            years=years,
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
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> Iterator[Stage | Explanation]:
        """Each step of answering as it begins, then the explanation; as `explain`."""
        trail = Trail()
        request = self._request(top_k, strictness, trail)
        for step in self._open(documents, years).steps(question, request, earlier):
            yield explain(trail, step) if isinstance(step, Answer) else step

    def verify(self, answer: Answer) -> Answer:
        """The answer with only the citations that the reports still prove, or an abstention."""
        return verify(answer, self.documents)

    def search(
        self,
        query: str,
        top_k: int | None = None,
        *,
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> tuple[Passage, ...]:
        """The passages nearest to `query`, best first. Arguments and errors as in `ask`."""
        return self._open(documents, years).search(query, self._request(top_k, None))

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

    def _open(self, documents: Collection[str], years: Collection[int]) -> OpenShelf:
        """The generation in use, held to the reports of a filter."""
        return self._shelf.held_to(documents, years)
