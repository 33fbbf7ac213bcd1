"""Crash-safe folders: a new generation beside the old ones, then one pointer is swapped.

ROOT/CURRENT          the generation in use, its last file (the seal) and that file's SHA-256
ROOT/gen-000007/      complete, never changed again; its predecessor is kept too
ROOT/gen-000007/SEAL.sha256   the seal's SHA-256 once more: without the pointer a generation still
                      vouches for itself
ROOT/.lock            held by the one writer
"""

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings.errors import EmbeddingsError, StoreError
from rag.durable import make_folder, sync, write_synced
from rag.errors import (
    ConfigError,
    IndexCorruptError,
    IndexLockedError,
    IndexNotFoundError,
    RagError,
)
from rag.manifest import hash_file

CURRENT_NAME = "CURRENT"
SUM_SUFFIX = ".sha256"
_LOCK_NAME = ".lock"
_SEAL = re.compile(r"\w+\.json")
_GENERATION = re.compile(r"gen-(\d{6,})")

_log = logging.getLogger(__name__)

Forget = Callable[[Path], bool]
"""Removes what a generation keeps outside of its folder; False if that cannot be done now."""


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
            make_folder(root)
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
    # os.path's, since Path's raises on a long name.
    return os.path.isfile(folder / CURRENT_NAME) or (  # noqa: PTH113
        os.path.isdir(folder) and bool(sealed_generations(folder))  # noqa: PTH112
    )


def current_generation(root: Path, build: str) -> Path:
    """The generation in use; `build` is the command that the error messages name.

    If the pointer is lost or unreadable, it is the newest generation whose seal is whole: that
    one was published last, or was about to be; a warning tells.

    Raises:
        IndexNotFoundError: There is no index in `root`.
        IndexCorruptError: The pointer or the seal that it names is not what was written.
    """
    pointer = root / CURRENT_NAME
    repair = repair_command(root)
    try:
        name, seal, expected = read_pointer(pointer)
    except (FileNotFoundError, NotADirectoryError) as exc:
        missing = IndexNotFoundError(f"no index in {root}; run: {build}")
        return _newest_sealed(root, f"{pointer} is missing", missing, exc)
    except (OSError, ValueError) as exc:
        damaged = IndexCorruptError(f"{pointer} is damaged; run: {repair}")
        return _newest_sealed(root, f"{pointer} is damaged", damaged, exc)
    path = root / name / seal
    try:
        is_whole = hash_file(path) == expected
    except OSError as exc:
        raise IndexCorruptError(f"{path} is damaged or missing; run: {repair}") from exc
    if not is_whole:
        raise IndexCorruptError(f"{path} is damaged or missing; run: {repair}")
    return root / name


def sealed_generations(root: Path) -> list[Path]:
    """The complete generations, newest first, whose seal is what was written.

    Their other files are not looked at.
    """
    return [folder for folder in generations(root) if is_sealed(folder)]


def generations(root: Path) -> list[Path]:
    """All generations, newest first, also those never finished."""
    if not root.is_dir():
        return []
    return [root / f"gen-{number:06d}" for number in sorted(_numbers(root), reverse=True)]


def build_command(root: Path) -> str:
    """What makes an index."""
    return f"rag index PATH --index {root}"


def rebuild_command(root: Path) -> str:
    """What makes an index anew, whatever there is."""
    return f"rag index --rebuild PATH --index {root}"


def repair_command(root: Path) -> str:
    """What mends a damaged index."""
    return f"rag repair --index {root}"


def read_pointer(pointer: Path) -> tuple[str, str, str]:
    """The generation that the pointer names, its seal and the seal's hash.

    Raises:
        ValueError: It names none.
        OSError: It cannot be read.
    """
    name, seal, expected = pointer.read_text(encoding="utf-8").split()
    # Checked by pattern: the pointer must not lead out of the folder.
    if not _GENERATION.fullmatch(name) or not _SEAL.fullmatch(seal):
        raise ValueError(f"{pointer} names no generation")
    return name, seal, expected


def _newest_sealed(root: Path, problem: str, error: RagError, cause: Exception) -> Path:
    sealed = sealed_generations(root)
    if not sealed:
        raise error from cause
    _log.warning(
        "%s; %s, the newest complete generation, is used; run: %s",
        problem,
        sealed[0].name,
        repair_command(root),
    )
    return sealed[0]


def is_sealed(generation: Path) -> bool:
    """True if a generation is complete and its seal is what was written."""
    for file in generation.glob(f"*{SUM_SUFFIX}"):
        with contextlib.suppress(OSError, ValueError):
            return file.read_text(encoding="utf-8") == _sum_line(file.with_suffix(""))
    return False


def write_sum(seal: Path) -> None:
    """Let a complete generation vouch for its seal."""
    write_synced(seal.with_name(seal.name + SUM_SUFFIX), _sum_line(seal))
    sync(seal.parent)


def _sum_line(seal: Path) -> str:
    """As `sha256sum` writes it."""
    return f"{hash_file(seal)}  {seal.name}\n"


def new_generation(root: Path) -> Path:
    """An empty folder with a number above all others, finished or not."""
    folder = root / f"gen-{max([0, *_numbers(root)]) + 1:06d}"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def filling(root: Path, forget: Forget) -> Iterator[Path]:
    """A new generation to be written and published; if that is refused, its space is freed."""
    folder = new_generation(root)
    try:
        yield folder
    except (OSError, EmbeddingsError, RagError):
        if _in_use(root) != folder.name:
            with contextlib.suppress(OSError):
                remove(folder, forget)
        raise


def remove(generation: Path, forget: Forget) -> None:
    """Remove a generation and what it keeps elsewhere; it stays where that cannot be removed."""
    if forget(generation):
        shutil.rmtree(generation)


def publish(seal: Path, forget: Forget) -> None:
    """Make the generation of `seal`, its last file, the one in use; then remove what is too old.

    All its files must be synced. The generation in use until now is kept: readers may have just
    looked up its name, and it is what a damaged index falls back to.
    """
    generation, root = seal.parent, seal.parent.parent
    before = _in_use(root) or next(
        (g.name for g in sealed_generations(root) if g != generation), ""
    )
    write_sum(seal)
    # Before the pointer: it must never outlive, in a power cut, the name that it points to.
    sync(root)
    point_at(seal)
    try:
        prune(root, {generation.name, before}, forget)
    except OSError as exc:  # The new generation is in use all the same.
        _log.warning("an old generation in %s could not be removed: %s", root, exc)


def point_at(seal: Path) -> None:
    """Make the complete generation of `seal` the one in use."""
    generation, root = seal.parent, seal.parent.parent
    temporary = root / f"{CURRENT_NAME}.new"
    write_synced(temporary, f"{generation.name} {seal.name} {hash_file(seal)}\n")
    temporary.replace(root / CURRENT_NAME)
    sync(root)


def prune(root: Path, keep: Collection[str], forget: Forget) -> None:
    """Remove every generation that is not in `keep`, also those never finished."""
    for number in _numbers(root):
        name = f"gen-{number:06d}"
        if name not in keep:
            remove(root / name, forget)


def _in_use(root: Path) -> str:
    """The name of the generation that the pointer names; empty if it names none."""
    try:
        return read_pointer(root / CURRENT_NAME)[0]
    except (OSError, ValueError):
        return ""


def _numbers(root: Path) -> list[int]:
    matches = (_GENERATION.fullmatch(path.name) for path in root.iterdir())
    return [int(match.group(1)) for match in matches if match]
