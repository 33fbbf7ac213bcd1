"""Text to vectors to nearest ids: knows strings, arrays and ids, nothing about documents."""

from embeddings.encoder import Encoder, SentenceTransformerEncoder, load_encoder
from embeddings.errors import (
    DeviceNotFoundError,
    EmbeddingsError,
    StoreError,
    StoreUnavailableError,
    WeightsCorruptError,
    WeightsNotFoundError,
)
from embeddings.weights import bundled_model

__all__ = [
    "DeviceNotFoundError",
    "EmbeddingsError",
    "Encoder",
    "SentenceTransformerEncoder",
    "StoreError",
    "StoreUnavailableError",
    "WeightsCorruptError",
    "WeightsNotFoundError",
    "bundled_model",
    "load_encoder",
]
