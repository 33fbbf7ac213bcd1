"""Crash-safe folders: a new generation beside the old ones, then one pointer is swapped.

ROOT/CURRENT          the generation in use, its last file (the seal) and that file's SHA-256
ROOT/gen-000007/      complete, never changed again; its predecessor is kept too
ROOT/.lock            held by the one writer
"""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings.errors import StoreError
from rag.errors import ConfigError, IndexCorruptError, IndexLockedError, IndexNotFoundError
from rag.manifest import hash_file

CURRENT_NAME = "CURRENT"
_LOCK_NAME = ".lock"
_SEAL = re.compile(r"\w+\.json")
_GENERATION = re.compile(r"gen-(\d{6,})")


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the index folder, made if it is missing, as its only writer.

    Raises:
        IndexLockedError: Another process or thread holds it.
        ConfigError: The folder cannot be written.
    """
    lock = FileLock(root / _LOCK_NAME, timeout=0)
    try:
        with write_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            lock.acquire()
    except Timeout as exc:
        raise IndexLockedError(
            f"another process is writing the index {root}; try again when it has ended"
        ) from exc
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def write_errors(root: Path) -> Iterator[None]:
    """Tell a failed write (permissions, full disk, a file in the way) as ConfigError."""
    try:
        yield
    except Timeout:  # filelock's own OSError: the folder is well, somebody else holds it
        raise
    except (OSError, StoreError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise ConfigError(
            f"cannot write the index folder {root} ({reason}); "
            "choose another by --index DIR or RAG_INDEX"
        ) from exc


def is_index(folder: Path) -> bool:
    """True if `folder` holds an index, in whatever state."""
    return os.path.isfile(folder / CURRENT_NAME)  # noqa: PTH113 (Path's raises on a long name)


def current_generation(root: Path, build: str) -> Path:
    """The generation in use; `build` is the command that the error messages name.

    Raises:
        IndexNotFoundError: There is no index in `root`.
        IndexCorruptError: The pointer or the seal that it names is not what was written.
    """
    pointer = root / CURRENT_NAME
    try:
        name, seal, expected = pointer.read_text(encoding="utf-8").split()
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise IndexNotFoundError(f"no index in {root}; run: {build}") from exc
    except (OSError, ValueError) as exc:
        raise IndexCorruptError(f"{pointer} is damaged; run: {build}") from exc
    # Checked by pattern: the pointer must not lead out of the folder.
    if not _GENERATION.fullmatch(name) or not _SEAL.fullmatch(seal):
        raise IndexCorruptError(f"{pointer} is damaged; run: {build}")
    path = root / name / seal
    if not path.is_file() or hash_file(path) != expected:
        raise IndexCorruptError(f"{path} is damaged or missing; run: {build}")
    return root / name


def new_generation(root: Path) -> Path:
    """An empty folder with a number above all others, finished or not."""
    folder = root / f"gen-{max([0, *_numbers(root)]) + 1:06d}"
    folder.mkdir()
    return folder


def publish(seal: Path) -> None:
    """Make the generation of `seal`, its last file, the one in use; then remove what is too old.

    All its files must be synced. The generation in use until now is kept, for readers that have
    just looked up its name.
    """
    generation, root = seal.parent, seal.parent.parent
    pointer = root / CURRENT_NAME
    previous = pointer.read_bytes().split()[:1] if pointer.exists() else []
    temporary = root / f"{CURRENT_NAME}.new"
    temporary.write_text(f"{generation.name} {seal.name} {hash_file(seal)}\n", encoding="utf-8")
    sync(temporary)
    temporary.replace(pointer)
    sync(root)
    prune(root, keep={generation.name.encode(), *previous})


def prune(root: Path, keep: set[bytes]) -> None:
    """Remove every generation that is not in `keep`, also those never finished."""
    for number in _numbers(root):
        name = f"gen-{number:06d}"
        if name.encode() not in keep:
            shutil.rmtree(root / name)


def sync(path: Path) -> None:
    """Ask the disk to hold a file's bytes, or a folder's list of names, across a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _numbers(root: Path) -> list[int]:
    matches = (_GENERATION.fullmatch(path.name) for path in root.iterdir())
    return [int(match.group(1)) for match in matches if match]
