"""Haystack: converter, splitter, embedders, a document store in memory."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.measure import run


class Haystack:
    """Haystack's components in the order of its tutorials, called one after another.

    Args:
        splitting: Settings of `DocumentSplitter`; none means its own, 200 words, which white
            space tells apart.
    """

    libraries = (
        "haystack-ai",
        "sentence-transformers-haystack",
        "sentence-transformers",
        "transformers",
        "torch",
        "numpy",
    )

    def __init__(self, **splitting: str | int) -> None:
        self._splitting = splitting

    def load(self, model: Path, work: Path) -> None:
        """The prefixes of E5 are given as `prefix`."""
        from haystack.components.converters import TextFileToDocument
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.components.retrievers import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._convert = TextFileToDocument()
        self._split = DocumentSplitter(**self._splitting)
        self._store = InMemoryDocumentStore()
        self._retriever = InMemoryEmbeddingRetriever(self._store)
        self._passages = SentenceTransformersDocumentEmbedder(
            model=str(model), prefix="passage: ", progress_bar=False
        )
        self._queries = SentenceTransformersTextEmbedder(
            model=str(model), prefix="query: ", progress_bar=False
        )
        for component in (self._split, self._passages, self._queries):
            component.warm_up()

    def index(self, files: Sequence[Path]) -> int:
        """Documents of the store, which are pieces of files."""
        whole = self._convert.run(sources=list(files))["documents"]
        pieces = self._split.run(documents=whole)["documents"]
        self._store.write_documents(self._passages.run(documents=pieces)["documents"])
        return int(self._store.count_documents())

    def search(self, question: str, top_k: int) -> list[tuple[str, str]]:
        """Report and text of the nearest documents."""
        vector = self._queries.run(text=question)["embedding"]
        found = self._retriever.run(query_embedding=vector, top_k=top_k)["documents"]
        return [(Path(hit.meta["file_path"]).stem, hit.content) for hit in found]


if __name__ == "__main__":
    run({"": Haystack(), "lines": Haystack(split_by="line", split_length=1)})
