"""The files that were given to the page: under which names they are kept, and where."""

import hashlib
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from rag.config import RagConfig
from rag.durable import make_folder, sync
from rag.generations import write_errors

_SUFFIX_OF_FOLDER = "-documents"
# Hidden, so that what is being read is not taken for a report of the folder.
_INCOMING = ".incoming"
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
    waiting = waiting_folder(config)
    with write_errors(waiting):
        make_folder(waiting)
        path = Path(mkdtemp(dir=waiting)) / safe_name(file.name)
        try:
            shutil.move(file, path)
            sync(path)
        except OSError:  # Half of a file would take the space of a full disk.
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
    return Incoming(file.name, path)


def waiting_folder(config: RagConfig) -> Path:
    """Where given files wait, each in a folder of its own."""
    return upload_folder(config) / _INCOMING


def place_of(incoming: Incoming, config: RagConfig) -> Path:
    """Where the file will be kept."""
    return upload_folder(config) / incoming.path.name


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
