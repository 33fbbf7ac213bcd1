"""Where Milvus is, a client of it, and its collections of vectors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import StoreUnavailableError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# Longer ids are refused.
ID_BYTES = 256

# Milvus Lite hangs up on a client that pings it every ten seconds, as pymilvus does.
_WITHOUT_PINGS = {"grpc.keepalive_time_ms": 2**31 - 1}
_INSTALL = 'pip install -c constraints.txt ".[milvus]"'


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """Where Milvus is.

    Attributes:
        uri: `http://host:19530`, or for Milvus Lite a path that ends in `.db`.
        token: `user:password` or an API key; empty means none. Never printed, never stored.
    """

    uri: str
    token: str = field(default="", repr=False)

    @property
    def is_lite(self) -> bool:
        """True for Milvus Lite, which runs in this process on a folder."""
        return not self.uri.startswith(("http://", "https://"))


def connect(address: MilvusAddress) -> "MilvusClient":
    """A client of the Milvus at `address`; Milvus Lite is started for it if need be.

    Raises:
        StoreUnavailableError: pymilvus is not installed, or Milvus cannot be reached.
    """
    try:
        from pymilvus import MilvusClient, MilvusException
    except ModuleNotFoundError as exc:
        raise StoreUnavailableError(f"the store milvus needs pymilvus; run: {_INSTALL}") from exc
    # They write each error down with its traceback; here it becomes one line of ours. Milvus Lite
    # says through gRPC's server that it does not know what the client asks for first.
    for name in ("pymilvus", "grpc._server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        if address.is_lite:
            Path(address.uri).parent.mkdir(parents=True, exist_ok=True)
        options = _WITHOUT_PINGS if address.is_lite else {}
        return MilvusClient(uri=address.uri, token=address.token, grpc_options=options)
    except (MilvusException, OSError) as exc:
        raise StoreUnavailableError(
            f"cannot reach Milvus at {address.uri} ({_reason(exc)}); "
            "start it, or check the address; one process at a time can use Milvus Lite"
        ) from exc


def create_collection(client: "MilvusClient", collection: str, dim: int) -> None:
    """Make a collection of vectors of this length with a flat index, by inner product."""
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=ID_BYTES)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="IP")
    # Strong: what was added is found by the next search, as in any other store.
    client.create_collection(
        collection, schema=schema, index_params=index, consistency_level="Strong"
    )


@contextmanager
def translated(address: MilvusAddress) -> Iterator[None]:
    """Tell what Milvus refuses as StoreUnavailableError: nothing here is wrong."""
    from pymilvus import MilvusException

    try:
        yield
    except MilvusException as exc:
        raise StoreUnavailableError(
            f"Milvus at {address.uri} refuses ({_reason(exc)}); look into its log, then try again"
        ) from exc


def _reason(exc: Exception) -> str:
    return str(getattr(exc, "message", "") or exc)
