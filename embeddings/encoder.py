"""Text to vectors: the `Encoder` protocol and its sentence-transformers implementation."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from embeddings.devices import Compute, Device, Precision, compute_on
from embeddings.errors import EmbeddingsError, WeightsNotFoundError
from embeddings.kernels import bound_kernel_caches
from embeddings.lasting import import_lasting
from embeddings.model_thread import in_model_thread
from embeddings.offline import go_offline
from embeddings.progress import without_progress_bars
from embeddings.start import bundled_model_beside_imports
from embeddings.weights import BUNDLED_NAME, BUNDLED_SHA256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_E5_NAME = re.compile(r"\be5-(small|base|large)\b(?!.*instruct)", re.IGNORECASE)
_PASSAGE_PROMPTS = ("passage", "document", "corpus")


class Encoder(Protocol):
    """Texts to L2-normalised vectors, whose inner product is their cosine similarity."""

    @property
    def model_id(self) -> str:
        """Name and weights hash: vectors of different ids must not be compared."""
        ...

    @property
    def dim(self) -> int:
        """Length of each vector."""
        ...

    def encode_queries(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        """Vectors of what is searched, `(len(texts), dim)` float32."""
        ...

    def encode_passages(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        """Vectors of what is found, `(len(texts), dim)` float32."""
        ...


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model wants in front of queries and of passages; may be empty."""

    query: str
    passage: str


class SentenceTransformerEncoder:
    """An encoder made of a sentence-transformers model folder.

    A text is cut at the model's limit (512 tokens for the bundled one): what stands behind it does
    not count. Texts go through the model in batches of like length. Safe to use from several
    threads: all of it is done in one (`embeddings.model_thread`).

    Args:
        folder: The model's folder; its weights must be safetensors.
        model_id: Name and weights hash.
        device: Where to compute (`embeddings.devices`).
        is_bundled: Whether it is the one of `bundled_model`, which is read without padding.

    Raises:
        DeviceNotFoundError: There is no such device.
        EmbeddingsError: The folder holds no model that sentence-transformers can load.
    """

    def __init__(
        self,
        folder: Path,
        model_id: str,
        *,
        device: Device = "auto",
        is_bundled: bool = False,
    ) -> None:
        go_offline()
        bound_kernel_caches()
        self.compute = compute_on(device)
        with _translated(folder), without_progress_bars():
            open_model = _open_bundled if is_bundled else _open_folder
            self._model = open_model(folder, self.compute)
        self._is_bundled = is_bundled
        self._model_id = model_id
        self._prompts = choose_prompts(model_id, self._model.prompts)
        self._dim = 0
        self._dim = self.encode_queries(["."]).shape[1]

    @property
    def model_id(self) -> str:
        """Name and weights hash."""
        return self._model_id

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self._dim

    @property
    def precision(self) -> Precision | Literal["int8"]:
        """Number format that it multiplies in; vectors are float32."""
        return "int8" if self._is_bundled and self.compute.eight_bits else self.compute.precision

    def encode_queries(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        """Vectors of what is searched, `(len(texts), dim)` float32, L2-normalised."""
        return self._encode(texts, self._prompts.query, show_progress)

    def encode_passages(
        self, texts: Sequence[str], *, show_progress: bool = False
    ) -> NDArray[np.float32]:
        """Vectors of what is found, `(len(texts), dim)` float32, L2-normalised."""
        return self._encode(texts, self._prompts.passage, show_progress)

    def _encode(
        self, texts: Sequence[str], prompt: str, show_progress: bool
    ) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self._dim), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        prompted = [prompt + _valid_unicode(texts[place]) for place in order]
        n = self.compute.batches.n_texts
        starts = tqdm(range(0, len(texts), n), disable=not show_progress)
        parts = [
            in_model_thread(partial(self._vectors, prompted[start : start + n])) for start in starts
        ]
        vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(parts)
        return normalise(vectors)

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        # Of tokens there are hardly ever more than characters, and never more than it takes.
        n_chars = max(map(len, texts))
        longest = min(n_chars, self._model.max_seq_length or n_chars)
        found: NDArray[np.float32] = self._model.encode(
            texts,
            # Empty, not None: a model's own default prompt must not come on top of ours.
            prompt="",
            batch_size=self.compute.batches.encoding.size(longest),
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return found


def load_encoder(
    model_name_or_path: str = "", *, device: Device = "auto", cache_dir: Path | None = None
) -> SentenceTransformerEncoder:
    """The encoder of a model: empty means the bundled one. Never reaches the network.

    Args:
        model_name_or_path: A sentence-transformers folder, or the name of a model that was
            downloaded before.
        device: Where to compute (`embeddings.devices`).
        cache_dir: Where converted, or downloaded, models are kept; None means the usual place.

    Raises:
        DeviceNotFoundError: There is no such device.
        WeightsNotFoundError: There is no such model on this machine.
        WeightsCorruptError: The bundled weights are not the pinned ones.
        EmbeddingsError: The model cannot be loaded, or the cache cannot be written.
    """
    go_offline()
    if not model_name_or_path:
        folder = bundled_model_beside_imports(cache_dir)
        weights_hash, name = BUNDLED_SHA256, BUNDLED_NAME
    else:
        folder = _local_folder(model_name_or_path, cache_dir)
        weights_hash = _weights_hash(folder)
        import_lasting("sentence_transformers")
        name = folder.name if Path(model_name_or_path).is_dir() else model_name_or_path
    return SentenceTransformerEncoder(
        folder, f"{name}@{weights_hash[:16]}", device=device, is_bundled=not model_name_or_path
    )


def choose_prompts(name: str, defined: Mapping[str, str | None]) -> Prompts:
    """The model's own prompts if it defines any; those of the E5 family by name; else none."""
    query = defined.get("query") or ""
    passage = next(filter(None, map(defined.get, _PASSAGE_PROMPTS)), "")
    if not query and not passage and _E5_NAME.search(name):
        return Prompts("query: ", "passage: ")
    return Prompts(query, passage)


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of `(n, dim)` scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def _valid_unicode(text: str) -> str:
    # Half a surrogate pair comes from undecodable command lines; the tokenizer would refuse it.
    return text.encode("utf-8", "replace").decode("utf-8")


def _local_folder(model_name_or_path: str, cache_dir: Path | None) -> Path:
    if Path(model_name_or_path).is_dir():
        return Path(model_name_or_path)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        found = snapshot_download(model_name_or_path, cache_dir=cache_dir, local_files_only=True)
    except (HFValidationError, LocalEntryNotFoundError) as exc:
        raise WeightsNotFoundError(
            f"there is no encoder {model_name_or_path!r}: neither a folder nor a downloaded model; "
            "download it first, or leave the setting empty for the bundled one"
        ) from exc
    return Path(found)


def _weights_hash(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise WeightsNotFoundError(f"{folder} holds no .safetensors file; expected model weights")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _open_bundled(folder: Path, compute: Compute) -> "SentenceTransformer":
    from embeddings.bundled import load_bundled

    return load_bundled(folder, compute)


def _open_folder(folder: Path, compute: Compute) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(folder),
        device=compute.device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"dtype": compute.precision, "use_safetensors": True},
    )


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as exc:
        raise EmbeddingsError(f"cannot load the encoder {folder}: {exc}") from exc
