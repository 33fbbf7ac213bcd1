"""Writes a tiny model in the packed 4-bit layout of `embeddings/packed.py`."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HIDDEN, INTERMEDIATE, POSITIONS = 32, 64, 16
PIECES = (
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -3.0),
    ("人口", -4.0),
    ("人", -5.0),
    ("口", -5.0),
    ("▁query", -4.0),
    (":", -4.0),
    ("1", -4.0),
    ("<mask>", 0.0),
)
NORMALISED = {"\t": " ", "\u3000": " ", "①": "1", "\u0007": "", "㎡": "m2"}


def pack_q4(weights: NDArray[np.float32]) -> bytes:
    """Weights that are whole multiples of 0.5 in [-4, 3.5], so that nothing is lost."""
    blocks = []
    for block in weights.reshape(-1, 32):
        quants = (block / 0.5 + 8).astype(np.uint8)
        blocks.append(np.float16(0.5).tobytes() + (quants[:16] | quants[16:] << 4).tobytes())
    return b"".join(blocks)


def tiny_tensors(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)

    def random(*shape: int) -> NDArray[np.float32]:
        return (rng.integers(-8, 8, shape) / 2).astype(np.float32)

    tensors = {
        "emb.word": random(len(PIECES), HIDDEN),
        "emb.pos": random(POSITIONS, HIDDEN),
        "emb.type": random(2, HIDDEN),
        "emb.ln.w": random(HIDDEN),
        "emb.ln.b": random(HIDDEN),
    }
    for name in ("q", "k", "v", "ao", "fi", "fo"):
        n_in = INTERMEDIATE if name == "fo" else HIDDEN
        n_out = INTERMEDIATE if name == "fi" else HIDDEN
        tensors |= {f"l0.{name}.w": random(n_out, n_in), f"l0.{name}.b": random(n_out)}
    for name in ("aln", "oln"):
        tensors |= {f"l0.{name}.w": random(HIDDEN), f"l0.{name}.b": random(HIDDEN)}
    return tensors


def write_packed_model(path: Path, tensors: Mapping[str, NDArray[np.float32]]) -> Path:
    sizes = (HIDDEN, 1, 2, INTERMEDIATE, len(PIECES), POSITIONS, 2)
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *sizes, 1e-12, 32) + _vocabulary()
    is_packed = {name: name == "emb.word" or name[-3:] in _MATRICES for name in tensors}
    data = {
        name: pack_q4(tensor) if is_packed[name] else tensor.tobytes()
        for name, tensor in tensors.items()
    }
    n_directory = 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, offset = struct.pack("<i", len(tensors)), len(head) + n_directory
    for name, tensor in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode("ascii")
        directory += struct.pack("<BIQQ", is_packed[name], tensor.size, offset, len(data[name]))
        offset += len(data[name])
    path.write_bytes(head + directory + b"".join(data.values()))
    return path


_MATRICES = ("q.w", "k.w", "v.w", "o.w", "i.w")


def _vocabulary() -> bytes:
    texts = [text.encode("utf-8") for text, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    scores = np.array([score for _, score in PIECES], "<f4").tobytes()
    blob = b"".join(texts)
    entries = b"".join(
        struct.pack("<IB", ord(key), len(value)) + value.encode("utf-32-le")
        for key, value in sorted(NORMALISED.items())
    )
    counts = struct.pack("<5iQ", len(texts), 0, 2, 1, 3, len(blob))
    return counts + offsets + scores + blob + struct.pack("<iI", len(NORMALISED), 0) + entries
