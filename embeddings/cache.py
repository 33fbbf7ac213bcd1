"""Keeps vectors on disk by model and text, so that equal text is encoded once."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.errors import EmbeddingsError
from embeddings.files import array_from_bytes, array_to_bytes, write_atomically

_FORMAT = 1
_KEYS_FILE = "keys.json"

_log = logging.getLogger(__name__)


class VectorCache:
    """Vectors of passages, by hash of their text, for one model.

    On disk: `keys.json` names the `.npy` file of its vectors and that file's hash, and is replaced
    last, so that an interrupted write leaves the old pair in force. A damaged pair is dropped with
    a warning.

    Args:
        folder: Where caches of all models are kept.
        model_id: Vectors of another model are never given out.
    """

    def __init__(self, folder: Path, model_id: str) -> None:
        self.model_id = model_id
        self._folder = folder / text_hash(model_id)[:16]
        self._vectors = self._read()

    def __len__(self) -> int:
        return len(self._vectors)

    def encode_passages(
        self, encoder: Encoder, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        """What `encoder.encode_passages(texts)` gives, encoding only what is not cached.

        Returns:
            `(len(texts), dim)` float32, L2-normalised; equal texts have equal rows.

        Raises:
            ValueError: The encoder is not the cache's.
            EmbeddingsError: The cache cannot be written.
        """
        if encoder.model_id != self.model_id:
            raise ValueError(f"the cache is for {self.model_id}, the encoder {encoder.model_id}")
        hashes = [text_hash(text) for text in texts]
        missing = {
            each: text
            for each, text in zip(hashes, texts, strict=True)
            if not self._has(each, encoder.dim)
        }
        if missing:
            fresh = encoder.encode_passages(list(missing.values()), show_progress=show_progress)
            self._vectors.update(zip(missing, fresh, strict=True))
            self._save()
        if not hashes:
            return np.empty((0, encoder.dim), dtype=np.float32)
        return np.stack([self._vectors[each] for each in hashes])

    def _has(self, key: str, dim: int) -> bool:
        vector = self._vectors.get(key)
        return vector is not None and len(vector) == dim

    def _read(self) -> dict[str, NDArray[np.float32]]:
        path = self._folder / _KEYS_FILE
        try:
            if not path.exists():
                return {}
            return _read_pair(path, self.model_id)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            _log.warning("dropping the vector cache %s, which is damaged: %s", self._folder, exc)
            return {}

    def _save(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / ".lock"):
                # Another process may have added vectors since this one read them.
                self._vectors = self._read() | self._vectors
                _write_pair(self._folder, self.model_id, self._vectors)
        except OSError as exc:
            raise EmbeddingsError(
                f"cannot write the vector cache {self._folder}: {exc.strerror or exc}"
            ) from exc


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read_pair(path: Path, model_id: str) -> dict[str, NDArray[np.float32]]:
    keys = json.loads(path.read_text(encoding="utf-8"))
    if (keys["format"], keys["model_id"]) != (_FORMAT, model_id):
        raise ValueError(f"it is for {keys['model_id']!r}, format {keys['format']}")
    data = (path.parent / f"{keys['sha256']}.npy").read_bytes()
    if hashlib.sha256(data).hexdigest() != keys["sha256"]:
        raise ValueError("the vectors are not what was written")
    return dict(zip(keys["text_hashes"], array_from_bytes(data), strict=True))


def _write_pair(folder: Path, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
    data = array_to_bytes(np.stack(list(vectors.values())))
    name = hashlib.sha256(data).hexdigest()
    keys = {
        "format": _FORMAT,
        "model_id": model_id,
        "sha256": name,
        "text_hashes": list(vectors),
    }
    write_atomically(folder / f"{name}.npy", data)
    write_atomically(folder / _KEYS_FILE, json.dumps(keys).encode("utf-8"))
    for path in folder.glob("*.npy"):
        if path.stem != name:
            path.unlink()
