"""Vector stores: vectors with ids in, nearest ids out."""

from embeddings.stores.backends import Backend, FaissBackend, MilvusBackend
from embeddings.stores.base import Hit, VectorStore
from embeddings.stores.choice import build_store, load_store
from embeddings.stores.faiss import FaissStore
from embeddings.stores.large import LargeStore
from embeddings.stores.milvus import MilvusStore
from embeddings.stores.milvus_client import MilvusAddress

__all__ = [
    "Backend",
    "FaissBackend",
    "FaissStore",
    "Hit",
    "LargeStore",
    "MilvusAddress",
    "MilvusBackend",
    "MilvusStore",
    "VectorStore",
    "build_store",
    "load_store",
]
