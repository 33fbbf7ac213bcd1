"""Every tunable of the product, its default, range and unit."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from rag.errors import ConfigError

FAISS = "faiss"
_ENVIRONMENT_PREFIX = "RAG_"
_Device = Literal["auto", "cpu", "cuda"]
_HISTORY_NAME = "conversations.sqlite3"
_USERS_NAME = "users.txt"
_MILVUS = re.compile(r"https?://\S+|(?!\w+://).+\.db")


@dataclass(frozen=True, slots=True)
class RagConfig:
    """All settings. Order: defaults, then `RAG_*` environment, then what the caller gives.

    Attributes:
        index: Folder of the index.
        encoder: Sentence-transformers model by name or path; empty means the bundled one.
        reader: Hugging Face seq2seq by name or path; empty means the bundled copying reader.
        chunk_chars: Aim for the length of a chunk, in characters (50 to 2000).
        top_k: Passages that the reader reads (1 to 20).
        n_candidates: Passages that each retriever hands to fusion (top_k to 1000).
        fusion: How dense and lexical search are fused: `scores`, which measured better, or
            `ranks` (reciprocal rank).
        rrf_constant: Constant of reciprocal rank fusion (1 to 1000); ranks start at 1.
        strictness: Confidence under which the answer is withheld (0 to 1); below 0 means the
            threshold that was fitted for the reader.
        max_question_chars: Longer questions are refused (1 to 100000).
        max_document_bytes: Larger source files are refused (1 to 10^9).
        max_parse_seconds: Files that take longer to read are left out (0.1 to 3600); a text of less
            than 200,000 bytes never does.
        device: Where encoder and reader compute: `cpu`, `cuda`, or `auto`, which is `cuda` where
            torch finds a device for it.
        n_threads: Threads of torch (0 means all cores).
        history: File of conversations and feedback; empty means `conversations.sqlite3` beside
            the folder of the index. Of each signed-in user it is `conversations-NAME.sqlite3`.
        users: File of those who may sign in (`rag user`); empty means `users.txt` beside the folder
            of the index. As soon as it names someone, nobody enters without signing in.
        max_requests_per_minute: Of one client of the server, a fifth of them at once (0 to 10^6;
            0 means no limit).
        store: Where vectors are kept: `faiss`, in the folder of the index; `milvus`, Milvus Lite
            there; `milvus+PATH.db`, Milvus Lite elsewhere; `milvus+http://HOST:PORT`, a server or
            cluster.
        max_waiting: Questions that wait for their turn at the server; more are refused (1 to 1000).
        max_wait_seconds: Questions that have waited longer for their turn are refused (0.1 to
            3600).
    """

    index: Path = Path(".rag/index")
    encoder: str = ""
    reader: str = ""
    chunk_chars: int = 300
    top_k: int = 5
    n_candidates: int = 50
    fusion: str = "scores"
    rrf_constant: int = 60
    strictness: float = -1.0
    max_question_chars: int = 2000
    max_document_bytes: int = 20_000_000
    max_parse_seconds: float = 60.0
    device: _Device = "auto"
    n_threads: int = 0
    history: str = ""
    users: str = ""
    max_requests_per_minute: int = 600
    store: str = FAISS
    max_waiting: int = 32
    max_wait_seconds: float = 30.0

    def __post_init__(self) -> None:
        _check_range("chunk_chars", self.chunk_chars, 50, 2000)
        _check_range("top_k", self.top_k, 1, 20)
        _check_range("n_candidates", self.n_candidates, self.top_k, 1000)
        if self.fusion not in ("scores", "ranks"):
            raise ConfigError(f"fusion is {self.fusion!r}; expected scores or ranks")
        _check_range("rrf_constant", self.rrf_constant, 1, 1000)
        _check_range("strictness", self.strictness, -1.0, 1.0)
        _check_range("max_question_chars", self.max_question_chars, 1, 100_000)
        _check_range("max_document_bytes", self.max_document_bytes, 1, 10**9)
        _check_range("max_parse_seconds", self.max_parse_seconds, 0.1, 3600)
        if self.device not in get_args(_Device):
            raise ConfigError(f"device is {self.device!r}; expected auto, cpu or cuda")
        _check_range("n_threads", self.n_threads, 0, 256)
        _check_range("max_requests_per_minute", self.max_requests_per_minute, 0, 10**6)
        _check_store(self.store)
        _check_range("max_waiting", self.max_waiting, 1, 1000)
        _check_range("max_wait_seconds", self.max_wait_seconds, 0.1, 3600)

    @property
    def history_file(self) -> Path:
        """Where conversations and feedback are kept."""
        return Path(self.history) if self.history else self.index.parent / _HISTORY_NAME

    @property
    def users_file(self) -> Path:
        """Where those who may sign in are kept."""
        return Path(self.users) if self.users else self.index.parent / _USERS_NAME


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force, and where its value came from."""

    name: str
    value: object
    origin: str


def load_config(**given: Any) -> RagConfig:  # noqa: ANN401 (values are checked by RagConfig)
    """The settings in force: defaults, `RAG_*` environment, then `given` (None means not given).

    Raises:
        ConfigError: A value is out of range, not of its type, or the name is unknown.
    """
    chosen = _from_environment(os.environ)
    chosen.update({name: value for name, value in given.items() if value is not None})
    unknown = chosen.keys() - {field.name for field in fields(RagConfig)}
    if unknown:
        raise ConfigError(f"unknown setting {sorted(unknown)[0]!r}; known: {_names()}")
    return replace(RagConfig(), **chosen)


def load_api_token() -> str:
    """The bearer token that `RAG_API_TOKEN` holds; empty if there is none.

    A secret, so no setting: `rag info` and reports of measurements print all settings.

    Raises:
        ConfigError: It could not be sent in a header.
    """
    return _secret("API_TOKEN")


def load_store_token() -> str:
    """What `RAG_STORE_TOKEN` holds for Milvus, `user:password` or an API key; empty if nothing.

    Raises:
        ConfigError: It could not be sent in a header.
    """
    return _secret("STORE_TOKEN")


def explain_config(config: RagConfig, given: Mapping[str, object]) -> tuple[Setting, ...]:
    """Each setting of `config` with its origin; `given` holds what the command line set."""
    environment = _from_environment(os.environ)

    def origin(name: str) -> str:
        if given.get(name) is not None:
            return "command line"
        return f"{_ENVIRONMENT_PREFIX}{name.upper()}" if name in environment else "default"

    return tuple(Setting(f.name, getattr(config, f.name), origin(f.name)) for f in fields(config))


def _secret(name: str) -> str:
    variable = _ENVIRONMENT_PREFIX + name
    value = os.environ.get(variable, "")
    if not all("!" <= character <= "~" for character in value):
        raise ConfigError(
            f"{variable} holds spaces or characters that are not ASCII; expected letters, digits "
            "and marks"
        )
    return value


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(RagConfig):
        raw = environment.get(_ENVIRONMENT_PREFIX + field.name.upper())
        if raw is not None:
            found[field.name] = _parse(field.name, raw)
    return found


def _parse(name: str, raw: str) -> Any:  # noqa: ANN401 (the type of the named field)
    kind = type(getattr(RagConfig(), name))
    kind = Path if issubclass(kind, Path) else kind
    try:
        return kind(raw)
    except ValueError as exc:
        variable = _ENVIRONMENT_PREFIX + name.upper()
        raise ConfigError(f"{variable} is {raw!r}; expected a value like {kind.__name__}") from exc


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name} is {value}; expected {low} to {high}")


def _check_store(store: str) -> None:
    kind, _, address = store.partition("+")
    if re.match(r"https?://[^/]*@", address):
        # Settings are printed: by `rag info`, into measurements and logs.
        raise ConfigError("store holds a password; put user:password into RAG_STORE_TOKEN")
    if store not in (FAISS, "milvus") and not (kind == "milvus" and _MILVUS.fullmatch(address)):
        raise ConfigError(
            f"store is {store!r}; expected faiss, milvus, milvus+PATH.db or milvus+http://HOST:PORT"
        )


def _names() -> str:
    return ", ".join(sorted(field.name for field in fields(RagConfig)))
