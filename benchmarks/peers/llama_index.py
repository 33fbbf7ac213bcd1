"""LlamaIndex: `SimpleDirectoryReader`, its sentence splitter, a vector index in memory."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.measure import run


class LlamaIndex:
    """LlamaIndex as its starter example builds it, with the encoder instead of a remote one."""

    libraries = (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "sentence-transformers",
        "transformers",
        "torch",
        "numpy",
    )

    def load(self, model: Path, work: Path) -> None:
        """The prefixes of E5 are given as instructions."""
        from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._reader, self._index_of = SimpleDirectoryReader, VectorStoreIndex.from_documents
        self._encoder = HuggingFaceEmbedding(
            model_name=str(model), query_instruction="query: ", text_instruction="passage: "
        )

    def index(self, files: Sequence[Path]) -> int:
        """Chunks of 1,024 tokens of another tokenizer, 200 of them shared: the default."""
        documents = self._reader(input_files=files).load_data()
        self._index = self._index_of(documents, embed_model=self._encoder)
        return len(self._index.docstore.docs)

    def search(self, question: str, top_k: int) -> list[tuple[str, str]]:
        """Report and text of the nearest chunks."""
        found = self._index.as_retriever(similarity_top_k=top_k).retrieve(question)
        return [
            (Path(hit.node.metadata["file_name"]).stem, hit.node.get_content()) for hit in found
        ]


if __name__ == "__main__":
    run({"": LlamaIndex()})
