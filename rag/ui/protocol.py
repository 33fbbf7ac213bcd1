"""What the page and the interfaces for programs need of the pipeline."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingsError
from rag.config import RagConfig
from rag.errors import RagError
from rag.explanation import Explanation
from rag.index import Index
from rag.types import Answer, Document, Passage, Stage

# What the pipeline raises with a message for the person who asked.
TOLD_ERRORS = (RagError, EmbeddingsError, ValueError)


class Pipeline(Protocol):
    """What the page and the interfaces for programs need of the pipeline."""

    @property
    def config(self) -> RagConfig:
        """The settings in force."""
        ...

    @property
    def documents(self) -> Mapping[str, Document]:
        """The reports by name."""
        ...

    @property
    def index(self) -> Index:
        """The generation of the index that the next question is answered from."""
        ...

    def take_over(self, index: Index) -> None:
        """Answer from `index` from the next question on."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """What answers: ids of the models, generation of the index, version of the package."""
        ...

    @property
    def encoder(self) -> Encoder:
        """What the index was made with."""
        ...

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
        """The steps of answering as they begin, then the answer."""
        ...

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
        """The steps of answering as they begin, then the answer with how it came about."""
        ...

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
        """The answer."""
        ...

    def search(
        self,
        query: str,
        top_k: int | None = None,
        *,
        documents: Collection[str] = (),
        years: Collection[int] = (),
    ) -> tuple[Passage, ...]:
        """The passages nearest to the query, best first."""
        ...
