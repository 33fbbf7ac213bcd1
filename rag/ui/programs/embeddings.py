"""`/v1/embeddings`: texts to the vectors of the index's own encoder."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from rag.output import Record
from rag.ui.programs.errors import bad_request
from rag.ui.programs.fields import Body, check_choice, items

MAX_TEXTS = 256
MAX_TEXT_CHARS = 8000
_FORMATS = ("float", "base64")
_KINDS = ("query", "passage")


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """What a request asks for.

    Attributes:
        texts: To encode.
        are_passages: Encode them as what is found, not as what is searched.
        as_base64: Give the vectors as base64 of little-endian float32.
    """

    texts: tuple[str, ...]
    are_passages: bool
    as_base64: bool


def parse_embeddings(body: Body, dim: int) -> EmbeddingRequest:
    """What `body` asks for, of an encoder whose vectors have `dim` numbers.

    Raises:
        ApiError: It cannot be encoded.
    """
    check_choice(body, "dimensions", (dim,))
    check_choice(body, "encoding_format", _FORMATS)
    check_choice(body, "input_type", _KINDS)
    given = body.get("input")
    texts = [given] if isinstance(given, str) else items(body, "input", MAX_TEXTS)
    return EmbeddingRequest(
        tuple(_checked(number, each) for number, each in enumerate(texts)),
        body.get("input_type") == "passage",
        body.get("encoding_format") == "base64",
    )


def encode(encoder: Encoder, asked: EmbeddingRequest) -> NDArray[np.float32]:
    """The vectors, `(n_texts, dim)` float32, L2-normalised."""
    method = encoder.encode_passages if asked.are_passages else encoder.encode_queries
    return method(asked.texts)


def embeddings_reply(
    model_id: str, asked: EmbeddingRequest, vectors: NDArray[np.float32]
) -> Record:
    """OpenAI's record of `vectors`; its usage counts characters."""
    n_chars = sum(map(len, asked.texts))
    data = [
        {"object": "embedding", "index": number, "embedding": _shown(vector, asked.as_base64)}
        for number, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": n_chars, "total_tokens": n_chars}
    return {"object": "list", "data": data, "model": model_id, "usage": usage}


def _shown(vector: NDArray[np.float32], as_base64: bool) -> str | Sequence[float]:
    if as_base64:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    numbers: list[float] = vector.tolist()
    return numbers


def _checked(number: int, given: object) -> str:
    place = f"input[{number}]"
    if not isinstance(given, str):
        raise bad_request(place, f"'{place}' is not a text; tokens are not read")
    if not 1 <= len(given) <= MAX_TEXT_CHARS:
        message = f"'{place}' has {len(given)} characters; expected 1 to {MAX_TEXT_CHARS}"
        raise bad_request(place, message)
    return given
