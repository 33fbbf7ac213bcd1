"""Small JSON files that carry their own SHA-256: what was cut or changed is found."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.errors import StoreError
from embeddings.files import write_atomically

_FORMAT = "format"


def write_sealed(path: Path, version: int, content: Mapping[str, Any]) -> None:  # Any: JSON
    """Write `content`: its hash on the first line, then JSON.

    Raises:
        OSError: It cannot be written.
    """
    body = json.dumps({_FORMAT: version, **content})
    write_atomically(path, f"{_hash(body)}\n{body}".encode())


def read_sealed(path: Path, version: int) -> dict[str, Any]:  # Any: JSON
    """What `write_sealed` wrote.

    Raises:
        StoreError: It is missing, of another version, or not what was written.
    """
    try:
        digest, _, body = path.read_text(encoding="utf-8").partition("\n")
    except OSError as exc:
        raise StoreError(f"cannot read vectors: {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise StoreError(f"{path} is damaged: {exc}") from exc
    if _hash(body) != digest:
        raise StoreError(f"{path} is damaged: its SHA-256 is not the one on its first line")
    content: dict[str, Any] = json.loads(body)
    if content[_FORMAT] != version:
        raise StoreError(f"{path} has format {content[_FORMAT]}; expected {version}")
    return content


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
