"""txtai: `Segmentation` cuts, `Embeddings` encodes and keeps vectors in Faiss."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.measure import run


class Txtai:
    """txtai as its documentation builds an index of texts.

    Args:
        unit: What `Segmentation` cuts into: `paragraphs` (at blank lines) or `lines`.
    """

    libraries = ("txtai", "faiss-cpu", "transformers", "torch", "numpy")

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._pieces: list[tuple[str, str]] = []

    def load(self, model: Path, work: Path) -> None:
        """The prefixes of E5 are given as `instructions`."""
        from txtai import Embeddings
        from txtai.pipeline import Segmentation

        self._cut = Segmentation(**{self._unit: True})
        self._embeddings = Embeddings(
            path=str(model), instructions={"query": "query: ", "data": "passage: "}
        )

    def index(self, files: Sequence[Path]) -> int:
        """Pieces are known by their place in a list, as in txtai's first example."""
        texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
        self._pieces = [(name, piece) for name in texts for piece in self._cut(texts[name])]
        self._embeddings.index([piece for _, piece in self._pieces])
        return int(self._embeddings.count())

    def search(self, question: str, top_k: int) -> list[tuple[str, str]]:
        """Report and text of the nearest pieces."""
        return [self._pieces[place] for place, _ in self._embeddings.search(question, top_k)]


if __name__ == "__main__":
    run({"": Txtai("paragraphs"), "lines": Txtai("lines")})
