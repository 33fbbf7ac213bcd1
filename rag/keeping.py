"""Given files in step with the index: what it does not take up is undone, also after a crash."""

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

from rag.config import RagConfig
from rag.durable import make_folder, sync
from rag.errors import (
    ConfigError,
    DocumentError,
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.files import read_content
from rag.generations import is_index, write_errors, writing
from rag.info import index_manifest
from rag.uploads import Incoming, place_of, upload_folder, waiting_folder

ABANDONED_SECONDS = 24 * 3600.0
_log = logging.getLogger(__name__)

# Beside a file that waits, these tell what is under way in its place, so that a process that
# comes after a crash can settle it. No names that `safe_name` gives.
_REPLACED = "~replaced~"  # A link to what was there.
_ADDED = "~added~"  # Nothing was there.
_REMOVED = "~removed~"  # What is there is to go.
_NOTES = "~*~*"


@contextlib.contextmanager
def kept(files: Sequence[Incoming], config: RagConfig) -> Iterator[None]:
    """The files in their places while they are put on the shelf, and afterwards if that succeeds.

    A file replaces one of its name. After an error the files are those that the index holds: as
    they were before, unless it was published already.

    Raises:
        ConfigError: The folder cannot be written.
    """
    notes: list[Path] = []
    try:
        with write_errors(upload_folder(config)):
            for file in files:
                notes.append(_note(file.path.parent, place_of(file, config)))
                file.path.replace(place_of(file, config))
            sync(upload_folder(config))
        yield
    except BaseException:
        _settle_all(notes, config)
        raise
    _drop(notes)


def _note(folder: Path, place: Path) -> Path:
    """Note in `folder` that a file will come to `place`, with what is there now."""
    note = folder / f"{_REPLACED if place.exists() else _ADDED}{place.name}"
    if place.exists():
        note.hardlink_to(place)
    else:
        note.touch()
    for each in (folder, folder.parent):
        sync(each)
    return note


@contextlib.contextmanager
def forgotten(paths: Sequence[Path], config: RagConfig) -> Iterator[None]:
    """The files that are kept among `paths` are deleted afterwards, unless there is an error.

    Files elsewhere are somebody else's and stay.

    Raises:
        ConfigError: The folder cannot be written.
    """
    folder = upload_folder(config)
    notes: list[Path] = []
    try:
        with write_errors(folder):
            for path in (path for path in paths if path.parent == folder and path.exists()):
                notes.append(_note_of_leaving(path, config))
        yield
    finally:
        _settle_all(notes, config)
        for note in notes:
            shutil.rmtree(note.parent, ignore_errors=True)


def _note_of_leaving(path: Path, config: RagConfig) -> Path:
    make_folder(waiting_folder(config))
    folder = Path(mkdtemp(dir=waiting_folder(config)))
    note = folder / f"{_REMOVED}{path.name}"
    note.touch()
    for each in (folder, folder.parent):
        sync(each)
    return note


def settle(config: RagConfig) -> None:
    """Bring the kept files in line with the index where a crash has parted them.

    What the index took up stays, all else is as it was before. Without an index nothing is
    touched, nor while another process writes it.
    """
    notes = sorted(waiting_folder(config).glob(f"*/{_NOTES}"))
    if not notes or not is_index(config.index):
        return
    try:
        with writing(config.index), write_errors(upload_folder(config)):
            _settle_all(notes, config)
            for note in notes:
                shutil.rmtree(note.parent, ignore_errors=True)
    # The shelf can be read all the same, and whoever changes it is told the same error.
    except (
        ConfigError,
        DocumentError,
        IndexCorruptError,
        IndexLockedError,
        IndexMismatchError,
    ) as exc:
        _log.warning("given files that a crash has left half done stay so for now: %s", exc)


def _settle_all(notes: Sequence[Path], config: RagConfig) -> None:
    try:
        sources = index_manifest(config).sources
    except IndexNotFoundError:  # The first report was to come.
        sources = ()
    hashes = {source.path: source.file_hash for source in sources}
    with write_errors(upload_folder(config)):
        for note in notes:
            place = upload_folder(config) / note.name.split("~", 2)[2]
            _settle(note, place, hashes.get(str(place)))
        if notes:
            sync(upload_folder(config))
    _drop(notes)


def _settle(note: Path, place: Path, indexed: str | None) -> None:
    """Undo what the index did not take up: it has the report of `place` with the hash `indexed`."""
    if note.name.startswith(_REPLACED):
        if not place.exists() or indexed != read_content(place, place.stat().st_size).hash():
            note.replace(place)
    elif indexed is None:
        place.unlink(missing_ok=True)


def _drop(notes: Sequence[Path]) -> None:
    # Those that stay are settled again, with the same outcome.
    with contextlib.suppress(OSError):
        for note in notes:
            note.unlink(missing_ok=True)


def discard_abandoned(config: RagConfig) -> None:
    """Remove files that wait since `ABANDONED_SECONDS`: who was to put them on the shelf has ended.

    Those that are still to be settled stay.
    """
    oldest = time.time() - ABANDONED_SECONDS
    for folder in waiting_folder(config).glob("*"):
        with contextlib.suppress(OSError):  # It is gone just now.
            if folder.stat().st_mtime < oldest:
                _discard(folder)


def discard(incoming: Incoming) -> None:
    """Remove what is left of a file where it waited, unless it is still to be settled."""
    _discard(incoming.path.parent)


def _discard(folder: Path) -> None:
    if not any(folder.glob(_NOTES)):
        shutil.rmtree(folder, ignore_errors=True)
