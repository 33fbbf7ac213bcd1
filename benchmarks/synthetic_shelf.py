"""A shelf of any size: real texts, then variations of them, with vectors that are made alike.

Texts: the reports and news of the data folder, cut to about 300 characters. Beyond them (some
70,000 chunks) a chunk takes the sentences of two real ones in turn, with other figures.

Vectors: a sample of real chunks, windows and queries is encoded with the bundled encoder. Every
other vector is the sample's mean, two real residuals mixed (0.5 to 1 of the first), and noise
with the sample's covariance. So the narrow cosines of the encoder, its few strong directions, and
clusters around topics are kept. What is not kept is which text a vector belongs to: dense and
lexical search agree less than on real reports, and windows of a chunk are not near each other.
Around the queries neighbours stand in more directions than real ones (local dimension 36 against
29 for 2,400 windows), which makes approximate search harder, not easier.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from rag.index import window_id
from rag.sentences import split_sentences
from rag.types import Chunk, Span
from rag.windows import split_windows

Vectors = NDArray[np.float32]
_CHUNK_CHARS = 300
_CHUNKS_A_REPORT = 50
_SAMPLE_CHUNKS, _SAMPLE_WINDOWS = 800, 2400
_NOISE, _DIRECTIONS = 0.35, 192
_NUMBER = re.compile(r"\d+")


def read_pieces(folder: Path) -> list[str]:
    """Stretches of whole sentences, about 300 characters each, in an order that mixes the files."""
    pieces = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                pieces += _cut(json.loads(line)["text"])
    order = np.random.default_rng(1).permutation(len(pieces))
    return [pieces[i] for i in order]


def _cut(text: str) -> list[str]:
    pieces = [""]
    text = re.sub(r"\s+", " ", text)
    for span in split_sentences(text):
        sentence = span.of(text)
        if pieces[-1] and len(pieces[-1]) + len(sentence) > _CHUNK_CHARS:
            pieces.append("")
        pieces[-1] += sentence[: 2 * _CHUNK_CHARS]
    return [piece for piece in pieces if len(piece) > _CHUNK_CHARS // 4]


@dataclass(frozen=True, slots=True)
class Sample:
    """Real vectors: their mean, and how each differs from it.

    Attributes:
        mean: `(dim,)`.
        residuals: `(n, dim)`.
    """

    mean: Vectors
    residuals: Vectors

    @classmethod
    def of(cls, vectors: Vectors) -> "Sample":
        """The sample of these vectors."""
        mean = vectors.mean(axis=0)
        return cls(mean, vectors - mean)

    def _directions(self) -> Vectors:
        """Mixtures of residuals whose covariance is that of the sample, about."""
        random = np.random.default_rng(5)
        weights = random.standard_normal((_DIRECTIONS, len(self.residuals)), dtype=np.float32)
        scale = np.sqrt(_DIRECTIONS * len(self.residuals))
        return np.asarray(weights @ self.residuals / scale, dtype=np.float32)

    def mix(self, n: int, random: np.random.Generator) -> Vectors:
        """New vectors, `(n, dim)`, L2-normalised."""
        rows = self.residuals
        share = random.uniform(0.5, 1.0, size=(n, 1)).astype(np.float32)
        other = rows[random.integers(len(rows), size=n)]
        noise = _NOISE * random.standard_normal((n, _DIRECTIONS), dtype=np.float32)
        made = (
            self.mean
            + np.sqrt(share) * rows[random.integers(len(rows), size=n)]
            + np.sqrt(1 - share) * other
        )
        made += noise @ self._directions()
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Block:
    """Some chunks of the shelf, one after the other.

    Attributes:
        chunks: The chunks.
        whole: A vector for each.
        windows: The vectors of all their windows, chunk by chunk.
        n_windows: How many windows each chunk has.
    """

    chunks: tuple[Chunk, ...]
    whole: Vectors
    windows: Vectors
    n_windows: NDArray[np.int64]

    @property
    def ids(self) -> list[str]:
        """The ids of the chunks."""
        return [chunk.chunk_id for chunk in self.chunks]

    @property
    def window_ids(self) -> list[str]:
        """The ids of the windows, as an index names them."""
        pairs = zip(self.ids, self.n_windows, strict=True)
        return [window_id(owner, n) for owner, count in pairs for n in range(count)]


class SyntheticShelf:
    """Chunks with vectors, the same for the same texts, encoder and size of a block.

    Args:
        pieces: Real texts.
        encoder: Encodes the sample.
    """

    def __init__(self, pieces: Sequence[str], encoder: Encoder) -> None:
        self._pieces = pieces
        self._n_windows: dict[int, int] = {}
        sampled = pieces[:_SAMPLE_CHUNKS]
        windows = [window for piece in sampled for window in split_windows(piece)]
        self._whole = Sample.of(encoder.encode_passages(list(sampled)))
        self._windows = Sample.of(encoder.encode_passages(windows[:_SAMPLE_WINDOWS]))

    def blocks(self, n_chunks: int, block_size: int = 10_000) -> Iterator[Block]:
        """The first `n_chunks` chunks of the shelf, block by block."""
        for start in range(0, n_chunks, block_size):
            yield self.block(start, min(start + block_size, n_chunks))

    def block(self, start: int, end: int) -> Block:
        """Chunks `start` to `end`; their vectors depend on `start` too."""
        random = np.random.default_rng(start + 7)
        chunks = tuple(self.chunk(number) for number in range(start, end))
        counts = np.array([self._window_count(n % len(self._pieces)) for n in range(start, end)])
        whole = self._whole.mix(len(chunks), random)
        return Block(chunks, whole, self._windows.mix(int(counts.sum()), random), counts)

    def _window_count(self, piece: int) -> int:
        if piece not in self._n_windows:
            self._n_windows[piece] = len(split_windows(self._pieces[piece]))
        return self._n_windows[piece]

    def chunk(self, number: int) -> Chunk:
        """The chunk of this number, from 0; any number will do."""
        text = self._text(number)
        report = number // _CHUNKS_A_REPORT
        name = hashlib.sha256(f"chunk {number}".encode()).hexdigest()[:32]
        start = number % _CHUNKS_A_REPORT * 2 * _CHUNK_CHARS
        span = Span(start, start + len(text))
        return Chunk(name, f"report-{report}", span, text, f"第{report}号报告", ())

    def _text(self, number: int) -> str:
        round_, piece = divmod(number, len(self._pieces))
        if round_ == 0:
            return self._pieces[piece]
        other = self._pieces[(piece * 31 + round_ * 7919) % len(self._pieces)]
        ours = [span.of(self._pieces[piece]) for span in split_sentences(self._pieces[piece])]
        theirs = [span.of(other) for span in split_sentences(other)]
        mixed = "".join(
            theirs[n] if n % 2 and n < len(theirs) else sentence for n, sentence in enumerate(ours)
        )
        return _NUMBER.sub(lambda match: _other_number(match.group(), number), mixed)


def _other_number(digits: str, seed: int) -> str:
    """Another number of as many digits."""
    if len(digits) > 9:
        return digits
    low = 10 ** (len(digits) - 1)
    return str(low + (int(digits) * 7 + seed * 13) % (9 * low))


def make_questions(pieces: Sequence[str], n: int) -> list[str]:
    """Questions in the words of the first pieces: half a sentence each, and what is asked of it."""
    random = np.random.default_rng(3)
    questions = []
    for piece in pieces[: 4 * n]:
        clauses = [c for c in re.split(r"[，。；、“”：！？\s]+", piece) if 8 <= len(c) <= 24]
        if clauses:
            questions.append(clauses[random.integers(len(clauses))] + "是多少？")
    return questions[:n]
