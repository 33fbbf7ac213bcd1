"""The vector store that the settings name."""

import logging
from pathlib import Path

from embeddings.errors import EmbeddingsError
from embeddings.stores import Backend, FaissBackend, MilvusAddress, MilvusBackend
from rag.config import RagConfig, load_store_token

_LITE_NAME = "milvus.db"

_log = logging.getLogger(__name__)


def store_kind(config: RagConfig) -> str:
    """`faiss` or `milvus`: an index of the one kind is not read by the other."""
    return config.store.partition("+")[0]


def open_backend(config: RagConfig) -> Backend:
    """The kind of store that `config` names, ready for use.

    Raises:
        StoreUnavailableError: Its package is not installed, or its server cannot be reached.
        ConfigError: `RAG_STORE_TOKEN` cannot be used.
    """
    if store_kind(config) == "faiss":
        return FaissBackend()
    address = config.store.partition("+")[2] or str(config.index.absolute() / _LITE_NAME)
    return MilvusBackend(MilvusAddress(address, load_store_token()))


def forget_stores(folders: list[Path], backend: Backend) -> bool:
    """Remove what the stores in `folders` keep elsewhere; False, with a warning, if that fails."""
    try:
        for folder in folders:
            backend.forget(folder)
    except EmbeddingsError as exc:
        _log.warning("%s is kept, for its vectors cannot be removed: %s", folders[0].parent, exc)
        return False
    return True
