"""The bundled encoder's tokenizer: texts to the ids of sentencepiece's pieces."""

from functools import lru_cache
from pathlib import Path

PIECES_NAME = "sentencepiece.bpe.model"


class Pieces:
    """Cuts texts; safe to use from several threads.

    Args:
        folder: As `embeddings.conversion.convert` wrote it.
    """

    def __init__(self, folder: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces = SentencePieceProcessor(model_file=str(folder / PIECES_NAME))
        self._blank: int = self._pieces.piece_to_id("▁")

    def ids(self, text: str, max_tokens: int) -> list[int]:
        """Token ids of `text` between start and end token, at most `max_tokens` in all."""
        pieces = self._pieces
        ids: list[int] = pieces.encode(text)
        if text[-1:].isspace():  # sentencepiece drops it; the model's own engine does not.
            ids.append(self._blank)
        return [pieces.bos_id(), *ids[: max_tokens - 2], pieces.eos_id()]


@lru_cache(maxsize=1)
def pieces_in(folder: Path) -> Pieces:
    """The tokenizer in `folder`, read once: it takes half a second, without holding up others."""
    return Pieces(folder)
