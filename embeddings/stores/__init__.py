"""Vector stores: vectors with ids in, nearest ids out."""

from embeddings.stores.base import Hit, VectorStore
from embeddings.stores.choice import build_store, load_store
from embeddings.stores.faiss import FaissStore
from embeddings.stores.large import LargeStore

__all__ = ["FaissStore", "Hit", "LargeStore", "VectorStore", "build_store", "load_store"]
