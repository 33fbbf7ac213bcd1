"""Vector stores: vectors with ids in, nearest ids out."""

from embeddings.stores.base import Hit, VectorStore
from embeddings.stores.faiss import FaissStore

__all__ = ["FaissStore", "Hit", "VectorStore"]
