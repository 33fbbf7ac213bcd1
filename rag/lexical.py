"""Lexical search: named tokenizers for Chinese and Latin text, and BM25 over them."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.stores import Hit

# Scripts written without spaces (Han, kana, hangul), and the zero of Chinese years (〇).
_UNSPACED = (
    "〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<number>\d+(?:\.\d+)*)|(?P<word>[^\W\d_{_UNSPACED}]+)"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def fold(text: str) -> str:
    """`text` for matching only: half-width, lower case, simplified Chinese.

    Never used on text that is shown or cited: it may change the length.
    """
    return to_simplified(unicodedata.normalize("NFKC", text).lower())


def to_simplified(text: str) -> str:
    """`text` with traditional Chinese characters replaced by simplified ones."""
    return str(_converter().convert(text))


@cache
def _converter() -> Any:  # noqa: ANN401 (opencc ships no types)
    import opencc

    return opencc.OpenCC("t2s")


def _char_bigram(text: str) -> list[str]:
    tokens: list[str] = []
    for match in _TOKEN.finditer(_THOUSANDS.sub("", fold(text))):
        run = match.group()
        if match.lastgroup == "unspaced":
            tokens.extend(run)
            tokens.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            tokens.append(run)
    return tokens


def _jieba(text: str) -> list[str]:
    import jieba

    words = jieba.cut_for_search(_THOUSANDS.sub("", fold(text)))
    return [word for word in words if _TOKEN.search(word)]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A way to cut text into terms. Its `name` is stored with every index and score.

    Attributes:
        name: Name and version; a change of `cut` needs a new version.
        cut: The terms of a text, in order, with repetitions.
    """

    name: str
    cut: Callable[[str], list[str]]


TOKENIZERS = {
    tokenizer.name: tokenizer
    for tokenizer in (
        # Single characters and pairs of unspaced scripts; words and numbers elsewhere.
        Tokenizer("char_bigram/1", _char_bigram),
        # jieba's words for search, with the shorter words inside long ones.
        Tokenizer("jieba/1", _jieba),
    )
}
DEFAULT_TOKENIZER = "char_bigram/1"


class BM25:
    """Okapi BM25 with Lucene's idf (bm25s), over texts that have an id.

    The idf is `ln(1 + (N - n + 0.5) / (n + 0.5))`, never negative. See Kamphuis et al. 2020,
    "Which BM25 Do You Mean?", variant "Lucene (accurate)".

    Args:
        ids: One id for each text.
        model: A bm25s index over the texts; None if no text has a term.
        tokenizer: Name in `TOKENIZERS`.
    """

    def __init__(self, ids: Sequence[str], model: Any, tokenizer: str = DEFAULT_TOKENIZER) -> None:  # noqa: ANN401 (bm25s ships no types)
        self.ids = tuple(ids)
        self.tokenizer = TOKENIZERS[tokenizer]
        self._model = model
        self._rows = {each: row for row, each in enumerate(self.ids)}
        # Ties are broken by id, so that results do not depend on the order of the files.
        self._order_of_id = np.argsort(np.argsort(np.array(self.ids, dtype=str)))

    @classmethod
    def build(
        cls,
        ids: Sequence[str],
        texts: Sequence[str],
        tokenizer: str = DEFAULT_TOKENIZER,
        *,
        k1: float = 1.5,
        b: float = 0.75,
    ) -> "BM25":
        """An index over `texts`; `k1` bends the term frequency, `b` the length (0 to 1)."""
        import bm25s

        if len(ids) != len(texts):
            raise ValueError(f"{len(ids)} ids but {len(texts)} texts")
        tokens = [TOKENIZERS[tokenizer].cut(text) for text in texts]
        if not any(tokens):
            return cls(ids, None, tokenizer)
        model = bm25s.BM25(k1=k1, b=b)
        model.index(tokens, show_progress=False)
        return cls(ids, model, tokenizer)

    def search(self, query: str, top_k: int, allowed: Collection[str] | None = None) -> list[Hit]:
        """The best texts that share a term with `query`, best first; `allowed` limits the ids."""
        scores = self._scores(query)
        mask = scores > 0
        if allowed is not None:
            mask &= np.fromiter((i in allowed for i in self.ids), dtype=bool, count=len(self.ids))
        found = np.flatnonzero(mask)
        best = found[np.lexsort((self._order_of_id[found], -scores[found]))][:top_k]
        return [Hit(self.ids[i], float(scores[i])) for i in best]

    def scores(self, query: str, ids: Collection[str]) -> dict[str, float]:
        """The score of each of `ids`; 0 for a text that shares no term with `query`."""
        scores = self._scores(query)
        return {each: float(scores[self._rows[each]]) for each in ids}

    def save(self, folder: Path) -> None:
        """Write arrays and JSON (no pickle) into `folder`, which is made if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._model is not None:
            self._model.save(folder, allow_pickle=False, show_progress=False)

    @classmethod
    def load(cls, folder: Path, ids: Sequence[str], tokenizer: str = DEFAULT_TOKENIZER) -> "BM25":
        """The index that `save` wrote; `ids` in the order of `build`.

        Raises:
            ValueError: The folder holds another number of texts.
        """
        import bm25s

        if not (folder / "params.index.json").exists():
            return cls(ids, None, tokenizer)
        model = bm25s.BM25.load(folder, allow_pickle=False, show_progress=False)
        if model.scores["num_docs"] != len(ids):
            raise ValueError(f"{folder} holds {model.scores['num_docs']} texts, not {len(ids)}")
        return cls(ids, model, tokenizer)

    def _scores(self, query: str) -> NDArray[np.float32]:
        if self._model is None:
            return np.zeros(len(self.ids), dtype=np.float32)
        terms = [t for t in self.tokenizer.cut(query) if t in self._model.vocab_dict]
        if not terms:
            return np.zeros(len(self.ids), dtype=np.float32)
        return np.asarray(self._model.get_scores(terms), dtype=np.float32)
