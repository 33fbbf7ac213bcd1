"""Vectors of the texts of an index; only those that are not known are encoded."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.hashing import text_hash

Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)
# With a person waiting for answers meanwhile: about a second's work on two cores, then a pause,
# without which the thread that encodes would take the encoder again before one that waits for it.
_TEXTS_AT_ONCE = 32
_PAUSE_SECONDS = 0.01

EncodingProgress = Callable[[int, int], None]
"""Told how many texts of how many are encoded."""


def encode_new(
    texts: Sequence[str],
    known: Mapping[str, Vectors],
    encoder: Encoder,
    show_progress: bool,
    on_encoded: EncodingProgress | None,
) -> dict[str, Vectors]:
    """The vector of each text, by its hash; those that are `known` are not encoded.

    Args:
        texts: The texts, of which some may be equal.
        known: Vectors by hash of their text.
        encoder: Encodes the others.
        show_progress: Draw a bar, where `on_encoded` is None.
        on_encoded: Told after each turn; the encoder is left to others between the turns.
    """
    hashes = {text_hash(text): text for text in texts}
    new = {key: text for key, text in hashes.items() if key not in known}
    _log.info("encoding %s of %s different texts", len(new), len(texts))
    if on_encoded is None:
        fresh = _encode_at_once(new, encoder, show_progress)
    else:
        fresh = _encode_in_turns(new, encoder, on_encoded)
    return {key: fresh[key] if key in fresh else known[key] for key in hashes}


def _encode_at_once(
    texts: Mapping[str, str], encoder: Encoder, show_progress: bool
) -> dict[str, Vectors]:
    if not texts:
        return {}
    rows = encoder.encode_passages(list(texts.values()), show_progress=show_progress)
    return dict(zip(texts, rows, strict=True))


def _encode_in_turns(
    texts: Mapping[str, str], encoder: Encoder, on_encoded: EncodingProgress
) -> dict[str, Vectors]:
    # Texts of like length side by side, as the encoder would put them if it had all at once.
    keys = sorted(texts, key=lambda key: len(texts[key]))
    vectors: dict[str, Vectors] = {}
    for start in range(0, len(keys), _TEXTS_AT_ONCE):
        turn = keys[start : start + _TEXTS_AT_ONCE]
        rows = encoder.encode_passages([texts[key] for key in turn])
        vectors.update(zip(turn, rows, strict=True))
        on_encoded(len(vectors), len(texts))
        time.sleep(_PAUSE_SECONDS)
    return vectors
