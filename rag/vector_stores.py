"""The vector store that the settings name."""

from embeddings.stores import Backend, FaissBackend, MilvusAddress, MilvusBackend
from rag.config import FAISS, RagConfig, load_store_token

_LITE_NAME = "milvus.db"


def store_kind(config: RagConfig) -> str:
    """`faiss` or `milvus`: an index of the one kind is not read by the other."""
    return config.store.partition("+")[0]


def open_backend(config: RagConfig) -> Backend:
    """The kind of store that `config` names, ready for use.

    Raises:
        StoreUnavailableError: Its package is not installed, or its server cannot be reached.
        ConfigError: `RAG_STORE_TOKEN` cannot be used.
    """
    if store_kind(config) == FAISS:
        return FaissBackend()
    address = config.store.partition("+")[2] or str(config.index.absolute() / _LITE_NAME)
    return MilvusBackend(MilvusAddress(address, load_store_token()))
