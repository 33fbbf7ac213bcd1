"""The reader's tokenizer: digits one by one, Chinese in the pieces of the encoder, with offsets.

Single digits make numbers copyable exactly, and each token knows the characters it stands for,
so that an answer is shown in the passage's own characters, never in decoded ones. Chinese is cut
by the unigram model of the pretrained encoder (Kudo, 2018, "Subword Regularization", section 3)
over the pieces that the vocabulary keeps; a vocabulary without pieces cuts it into characters.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc

from rag.errors import ReaderError
from rag.types import Span

BOS, PAD, EOS, UNK, REFUSE, SEP = "<s>", "<pad>", "</s>", "<unk>", "<refuse>", "<sep>"
SPECIAL_TOKENS = (BOS, PAD, EOS, UNK, REFUSE, SEP)
WORD_START = "\u2581"
_UNKNOWN_SCORE = -30.0
_RUN = re.compile(r"[A-Za-z]+|[\u3400-\u9fff]+|\S")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens of a text.

    Attributes:
        ids: Token ids.
        spans: For each token, the characters of the text that it stands for.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]


class ReaderTokenizer:
    """Text to token ids with offsets."""

    def __init__(self, tokens: Sequence[str], scores: Mapping[str, float] | None = None) -> None:
        """Take the vocabulary, a token's id being its place in `tokens`.

        Args:
            tokens: Every token once.
            scores: Log-probabilities of the Chinese tokens, single characters too, when the
                vocabulary has Chinese pieces of several characters.

        Raises:
            ValueError: A special token is missing or a token stands twice.
        """
        self.tokens = tuple(tokens)
        self.scores = dict(scores or {})
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            raise ValueError("the vocabulary holds a token twice")
        missing = [token for token in SPECIAL_TOKENS if token not in self._ids]
        if missing:
            raise ValueError(f"the vocabulary lacks {missing[0]}")
        self._longest = max(map(len, self.scores), default=1)
        self.bos_id, self.pad_id, self.eos_id, self.unk_id, self.refuse_id, self.sep_id = (
            self._ids[token] for token in SPECIAL_TOKENS
        )

    @classmethod
    def load(cls, path: Path) -> "ReaderTokenizer":
        """Read a vocabulary that `save` wrote.

        Raises:
            ReaderError: The file is missing or is not such a vocabulary.
        """
        try:
            written = json.loads(path.read_text("utf-8"))
            return cls(written["tokens"], written["scores"])
        except (OSError, ValueError, TypeError, KeyError) as exc:
            raise ReaderError(f"cannot read the reader's vocabulary {path}: {exc}") from exc

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        written = {"tokens": self.tokens, "scores": self.scores}
        path.write_text(json.dumps(written, ensure_ascii=False), "utf-8")

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str, max_tokens: int | None = None) -> Encoded:
        """Tokens of `text`, at most `max_tokens` of them; white space is no token."""
        ids: list[int] = []
        spans: list[Span] = []
        for match in _RUN.finditer(text):
            for token_id, span in self._encode_run(match.group(), match.start()):
                ids.append(token_id)
                spans.append(span)
            if max_tokens is not None and len(ids) >= max_tokens:
                break
        return Encoded(tuple(ids[:max_tokens]), tuple(spans[:max_tokens]))

    def _encode_run(self, run: str, start: int) -> Iterator[tuple[int, Span]]:
        if run[0].isascii() and run[0].isalpha():
            yield from self._encode_word(run.lower(), start)
            return
        folded = "".join(map(fold_character, run))
        for begin, end in self._best_cut(folded):
            token_id = self._ids.get(folded[begin:end], self.unk_id)
            yield token_id, Span(start + begin, start + end)

    def _best_cut(self, text: str) -> list[tuple[int, int]]:
        """The most probable way to cut `text` into known pieces, by dynamic programming."""
        best = [0.0] * (len(text) + 1)
        begins = [0] * (len(text) + 1)
        for end in range(1, len(text) + 1):
            begins[end] = end - 1
            best[end] = best[end - 1] + self.scores.get(text[end - 1], _UNKNOWN_SCORE)
            for begin in range(max(0, end - self._longest), end - 1):
                score = self.scores.get(text[begin:end])
                if score is not None and best[begin] + score > best[end]:
                    best[end], begins[end] = best[begin] + score, begin
        cut = []
        end = len(text)
        while end:
            cut.append((begins[end], end))
            end = begins[end]
        return cut[::-1]

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
