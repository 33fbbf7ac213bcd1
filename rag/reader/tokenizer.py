"""The reader's tokenizer: each Chinese character and each digit is a token, with its offsets.

Exact boundaries make numbers copyable digit by digit, and each token knows the characters it
stands for, so that an answer is shown in the passage's own characters, never in decoded ones.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc

from rag.errors import ReaderError
from rag.types import Span

BOS, PAD, EOS, UNK, REFUSE, SEP = "<s>", "<pad>", "</s>", "<unk>", "<refuse>", "<sep>"
SPECIAL_TOKENS = (BOS, PAD, EOS, UNK, REFUSE, SEP)
WORD_START = "\u2581"
_WORD_OR_CHARACTER = re.compile(r"[A-Za-z]+|\S")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens of a text.

    Attributes:
        ids: Token ids.
        spans: For each token, the characters of the text that it stands for.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]


class CharTokenizer:
    """Text to token ids with offsets: characters one by one, Latin words in pieces."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Take the vocabulary, a token's id being its place in `tokens`.

        Raises:
            ValueError: A special token is missing or a token stands twice.
        """
        self.tokens = tuple(tokens)
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            raise ValueError("the vocabulary holds a token twice")
        missing = [token for token in SPECIAL_TOKENS if token not in self._ids]
        if missing:
            raise ValueError(f"the vocabulary lacks {missing[0]}")
        self.bos_id, self.pad_id, self.eos_id, self.unk_id, self.refuse_id, self.sep_id = (
            self._ids[token] for token in SPECIAL_TOKENS
        )

    @classmethod
    def load(cls, path: Path) -> "CharTokenizer":
        """Read a vocabulary that `save` wrote.

        Raises:
            ReaderError: The file is missing or is not such a vocabulary.
        """
        try:
            return cls(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as exc:
            raise ReaderError(f"cannot read the reader's vocabulary {path}: {exc}") from exc

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        path.write_text(json.dumps(self.tokens, ensure_ascii=False), "utf-8")

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str, max_tokens: int | None = None) -> Encoded:
        """Tokens of `text`, at most `max_tokens` of them; white space is no token."""
        ids: list[int] = []
        spans: list[Span] = []
        for match in _WORD_OR_CHARACTER.finditer(text):
            for token_id, span in self._encode_match(match.group(), match.start()):
                ids.append(token_id)
                spans.append(span)
            if max_tokens is not None and len(ids) >= max_tokens:
                break
        return Encoded(tuple(ids[:max_tokens]), tuple(spans[:max_tokens]))

    def _encode_match(self, piece: str, start: int) -> Iterable[tuple[int, Span]]:
        if not piece[0].isascii() or not piece[0].isalpha():
            folded = fold_character(piece)
            return [(self._ids.get(folded, self.unk_id), Span(start, start + 1))]
        return self._encode_word(piece.lower(), start)

    def _encode_word(self, word: str, start: int) -> list[tuple[int, Span]]:
        found: list[tuple[int, Span]] = []
        position = 0
        while position < len(word):
            prefix = WORD_START if position == 0 else ""
            end = self._longest_piece(word, position, prefix)
            token_id = self._ids.get(prefix + word[position:end], self.unk_id)
            found.append((token_id, Span(start + position, start + end)))
            position = end
        return found

    def _longest_piece(self, word: str, position: int, prefix: str) -> int:
        for end in range(len(word), position, -1):
            if prefix + word[position:end] in self._ids:
                return end
        return position + 1


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def fold_character(character: str) -> str:
    """The form a character is looked up by: half-width, simplified, lower-case, if one character.

    Answers keep the passage's own characters: folding only chooses the token.
    """
    folded = unicodedata.normalize("NFKC", character)
    folded = str(_simplifier().convert(folded)).lower()
    return folded if len(folded) == 1 else character
