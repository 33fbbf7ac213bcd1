"""The files that were given to the page: under which names they are kept, and where."""

import contextlib
import hashlib
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from rag.config import RagConfig
from rag.generations import write_errors

_SUFFIX_OF_FOLDER = "-documents"
# Hidden, so that what is being read is not taken for a report of the folder.
_INCOMING = ".incoming"
# What a file replaces, while it may have to come back: no name that `safe_name` gives.
_BEFORE = "~"
_UNSAFE = frozenset('<>:"|?*')
_MAX_STEM_BYTES = 180  # A name has at most 255 bytes on the usual file systems.
_MAX_SUFFIX_BYTES = 16
_HASH_DIGITS = 8
_NAMELESS = "report"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was given and is not yet on the shelf.

    Attributes:
        name: What the person called it.
        path: Where it waits, under the name that it will have.
    """

    name: str
    path: Path


def upload_folder(config: RagConfig) -> Path:
    """Where the files are kept: beside the index, which may be deleted and built again."""
    index = config.index.absolute()
    return index.with_name(index.name + _SUFFIX_OF_FOLDER)


def uploaded_files(config: RagConfig) -> list[Path]:
    """The files that are kept, by name; none if nothing was given yet."""
    folder = upload_folder(config)
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def stage(file: Path, config: RagConfig) -> Incoming:
    """Take a file over, out of where it lies, to a place where nothing else touches it.

    Raises:
        ConfigError: The folder cannot be written.
    """
    waiting = upload_folder(config) / _INCOMING
    with write_errors(waiting):
        waiting.mkdir(parents=True, exist_ok=True)
        path = Path(mkdtemp(dir=waiting)) / safe_name(file.name)
        shutil.move(file, path)
    return Incoming(file.name, path)


@contextlib.contextmanager
def kept(files: Sequence[Incoming], config: RagConfig) -> Iterator[None]:
    """The files in their places while they are put on the shelf, and afterwards if that succeeds.

    A file replaces one of its name. After an error all is as it was before.

    Raises:
        ConfigError: The folder cannot be written.
    """
    with contextlib.ExitStack() as undo:
        with write_errors(upload_folder(config)):
            for file in files:
                _swap(file, place_of(file, config), undo)
        yield
        undo.pop_all()


def _swap(file: Incoming, place: Path, undo: contextlib.ExitStack) -> None:
    """Put a file in its place; what was there waits beside where it came from."""
    if place.exists():
        before = place.replace(file.path.with_name(_BEFORE))
        undo.callback(before.replace, place)
    else:
        undo.callback(place.unlink, missing_ok=True)
    file.path.replace(place)


def place_of(incoming: Incoming, config: RagConfig) -> Path:
    """Where the file will be kept."""
    return upload_folder(config) / incoming.path.name


def discard(incoming: Incoming) -> None:
    """Remove what is left of a file where it waited."""
    shutil.rmtree(incoming.path.parent, ignore_errors=True)


def forget(path: Path, config: RagConfig) -> None:
    """Delete a file if it is one of those that are kept; others are somebody else's.

    Raises:
        ConfigError: It cannot be deleted.
    """
    if path.parent == upload_folder(config):
        with write_errors(path.parent):
            path.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A plain file name that reads like `name` and leads nowhere else.

    Folders before it go, and dots in front, which would hide it. Control characters, direction
    overrides and what file systems refuse become `_`. A name that is too long is cut, with a
    hash of the whole so that two such names stay different.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(map(_safe_character, last)).strip(" .~$")
    stem, dot, suffix = plain.rpartition(".")
    if not dot or _n_bytes(suffix) > _MAX_SUFFIX_BYTES:
        stem, suffix = plain, ""
    stem = stem.strip(" .") or _NAMELESS
    if _n_bytes(stem) > _MAX_STEM_BYTES:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        stem = f"{_cut(stem)}-{digest[:_HASH_DIGITS]}"
    return f"{stem}.{suffix}" if suffix else stem


def _safe_character(character: str) -> str:
    is_control = unicodedata.category(character) in ("Cc", "Cf", "Cs")
    return "_" if is_control or character in _UNSAFE else character


def _cut(stem: str) -> str:
    n_kept = _MAX_STEM_BYTES - _HASH_DIGITS - 1
    return stem.encode()[:n_kept].decode(errors="ignore")


def _n_bytes(text: str) -> int:
    return len(text.encode())
