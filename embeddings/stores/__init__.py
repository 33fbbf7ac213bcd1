"""Vector stores: vectors with ids in, nearest ids out."""

from embeddings.stores.backends import Backend, FaissBackend, MilvusBackend
from embeddings.stores.base import Hit, Searchable, VectorStore
from embeddings.stores.choice import build_store, load_store
from embeddings.stores.faiss import FaissStore
from embeddings.stores.joined import JoinedStore
from embeddings.stores.large import LargeStore
from embeddings.stores.milvus import MilvusStore
from embeddings.stores.milvus_client import MilvusAddress

__all__ = [
    "Backend",
    "FaissBackend",
    "FaissStore",
    "Hit",
    "JoinedStore",
    "LargeStore",
    "MilvusAddress",
    "MilvusBackend",
    "MilvusStore",
    "Searchable",
    "VectorStore",
    "build_store",
    "load_store",
]
