"""A backup put in place of a shelf: all of it is checked before anything is changed."""

import contextlib
import errno
import hashlib
import json
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rag.backup import (
    FORMAT_VERSION,
    LOCAL_NAME,
    MANIFEST_NAME,
    BackupManifest,
    Entry,
)
from rag.config import RagConfig
from rag.durable import make_folder, sync
from rag.errors import BackupError, IndexCorruptError
from rag.generations import filling, is_index, publish, write_errors, writing
from rag.history import copy_file, file_of, files_of_all, problem_of
from rag.index_files import forget_by
from rag.manifest import IndexManifest, check_files, read_manifest, write_manifest
from rag.temporary import temporary_folder
from rag.uploads import safe_name, upload_folder, uploaded_files
from rag.vector_stores import open_backend

_BLOCK_BYTES = 1 << 20
_MAX_MANIFEST_BYTES = 50_000_000
_INDEX_NAME = re.compile(r"index/(?:[\w-]+/)*[\w-]+(?:\.[\w-]+)+", re.ASCII)
_HISTORY_NAME = re.compile(r"conversations/([a-z0-9_-]+)\.sqlite3")
_DOCUMENT = "documents/"
# What the zip module raises for damaged archives, and reading a manifest of other fields.
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError,
    ValueError, KeyError, TypeError, RecursionError,
)  # fmt: skip


def restore(config: RagConfig, file: Path, *, replace_shelf: bool = False) -> BackupManifest:
    """Put the shelf that `file` holds where `config` says.

    Everything is unpacked beside the index and checked there. The index is exchanged at once; an
    interruption before or after leaves given files of both, which do no harm, or the conversations
    of the backup beside the index that was there, and the same command run again ends it. The
    generation before is kept, as after each change. Conversations of users that the backup does
    not name stay.

    Raises:
        BackupError: The file cannot be read, is damaged, or names a place outside; or there is a
            shelf already and `replace_shelf` is not set.
        HistoryError: The conversations that are there cannot be replaced; nothing was changed.
        IndexMismatchError: The index in it was written in another format.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folders cannot be written.
    """
    if not replace_shelf:
        _check_nothing_there(config)
    parent = config.index.absolute().parent
    with write_errors(config.index):
        make_folder(parent)
        with temporary_folder(".restoring-", parent) as work:
            manifest = _unpack(file, work)
            index = _check(work, file)
            with writing(config.index):
                _put_in_place(work, manifest, index, config)
    return manifest


def _check_nothing_there(config: RagConfig) -> None:
    there = [path for path in (config.index,) if is_index(path)]
    there += [*uploaded_files(config)[:1], *files_of_all(config.history_file).values()]
    if there:
        raise BackupError(
            f"{there[0]} is there already; give --force to replace the shelf (rag backup "
            "keeps it), or another place by --index DIR"
        )


def _unpack(file: Path, work: Path) -> BackupManifest:
    """Unpack what the manifest names, and nothing else, if it is what was packed."""
    with _damage_told(file), _opened(file) as archive:
        manifest = _read(archive, file)
        names = [member.filename for member in archive.infolist()]
        if sorted(names) != sorted([*manifest.files, MANIFEST_NAME]):
            raise _damaged(file, "it holds other files than it names")
        _check_room(sum(entry.n_bytes for entry in manifest.files.values()), work)
        for name, entry in manifest.files.items():
            _check_name(name, file)
            _extract(archive, name, entry, work / name, file)
    return manifest


def _read(archive: zipfile.ZipFile, file: Path) -> BackupManifest:
    with _read_errors(file), archive.open(MANIFEST_NAME) as source:
        raw = source.read(_MAX_MANIFEST_BYTES)
    record = json.loads(raw)
    if record["format_version"] != FORMAT_VERSION:
        raise BackupError(
            f"{file} has format {record['format_version']}, and this program knows "
            f"{FORMAT_VERSION}; restore it with the version that made it ({record['package']})"
        )
    record["files"] = {name: Entry(**entry) for name, entry in record["files"].items()}
    manifest = BackupManifest(**record)
    # What JSON calls NaN is no more than any limit.
    if any(type(entry.n_bytes) is not int for entry in manifest.files.values()):
        raise _damaged(file, "it gives a length that is no whole number")
    return manifest


def _check_name(name: str, file: Path) -> None:
    """Raise BackupError for a name that would lead elsewhere than into its folder."""
    document = name.removeprefix(_DOCUMENT)
    is_document = name.startswith(_DOCUMENT) and safe_name(document) == document
    if not (is_document or _INDEX_NAME.fullmatch(name) or _HISTORY_NAME.fullmatch(name)):
        raise _damaged(file, f"it names {name[:80]!r}, which no backup does")


def _check_room(n_bytes: int, work: Path) -> None:
    free = shutil.disk_usage(work).free
    if n_bytes > free:
        raise BackupError(f"the shelf needs {n_bytes} bytes and {free} are free; make room first")


def _extract(archive: zipfile.ZipFile, name: str, entry: Entry, target: Path, file: Path) -> None:
    """Write one file, no longer than it says it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, n_bytes = hashlib.sha256(), 0
    with target.open("xb") as written:
        for block in _blocks(archive, name, file):
            n_bytes += len(block)
            if n_bytes > entry.n_bytes:
                break
            digest.update(block)
            written.write(block)
    if n_bytes != entry.n_bytes or digest.hexdigest() != entry.sha256:
        raise _damaged(file, f"{name} is not what was packed")
    sync(target)


def _blocks(archive: zipfile.ZipFile, name: str, file: Path) -> Iterator[bytes]:
    with _read_errors(file), archive.open(name) as source:
        while block := source.read(_BLOCK_BYTES):
            yield block


def _check(work: Path, file: Path) -> IndexManifest:
    """The manifest of the unpacked index, if that is whole and all conversations can be read."""
    try:
        other = f"rag restore with another file than {file}"
        manifest = read_manifest(work / "index", other, other)
        check_files(work / "index", manifest.files, other)
    except IndexCorruptError as exc:
        raise _damaged(file, str(exc)) from exc
    for path in sorted((work / "conversations").glob("*.sqlite3")):
        if problem := problem_of(path):
            raise _damaged(file, problem)
    return manifest


def _put_in_place(
    work: Path, backup: BackupManifest, index: IndexManifest, config: RagConfig
) -> None:
    """Conversations first; given files, which an index may name; the index; leftovers last."""
    for path in sorted((work / "conversations").glob("*.sqlite3")):
        user = "" if path.stem == LOCAL_NAME else path.stem
        copy_file(path, file_of(config.history_file, user))
    folder = upload_folder(config)
    given = list((work / "documents").glob("*"))
    if given:
        make_folder(folder)
        _move_all(given, folder)
    forget = forget_by(open_backend(config))
    with filling(config.index, forget) as generation:
        _move_all((work / "index").iterdir(), generation)
        for path in generation.rglob("*"):
            sync(path)
        seal = write_manifest(generation, _moved(index, Path(backup.documents_folder), folder))
        sync(seal)
        publish(seal, forget)
    kept = {path.name for path in given}
    for path in uploaded_files(config):
        if path.name not in kept:
            path.unlink()


def _move_all(paths: Iterable[Path], folder: Path) -> None:
    for path in paths:
        shutil.move(path, folder / path.name)  # Also to another disk that is mounted there.
    sync(folder)


def _moved(index: IndexManifest, before: Path, now: Path) -> IndexManifest:
    """The manifest with the given files where they lie now; others stay where they are."""
    sources = (
        replace(source, path=str(now / Path(source.path).name))
        if Path(source.path).parent == before
        else source
        for source in index.sources
    )
    return replace(index, sources=tuple(sources))


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    with _read_errors(file):
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive


@contextlib.contextmanager
def _read_errors(file: Path) -> Iterator[None]:
    """Tell that `file` cannot be read, apart from what cannot be written while it is unpacked."""
    try:
        yield
    except FileNotFoundError as exc:
        raise BackupError(f"there is no file {file}") from exc
    except OSError as exc:
        if exc.errno == errno.EINVAL:  # The archive names a place before its own beginning.
            raise _damaged(file, f"{type(exc).__name__}: {exc}") from exc
        raise BackupError(
            f"cannot read {file} ({exc.strerror}); the shelf was not changed"
        ) from exc


@contextlib.contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    """Tell what a damaged archive or a manifest of other fields leads to."""
    try:
        yield
    except _DAMAGES as exc:
        raise _damaged(file, f"{type(exc).__name__}: {exc}") from exc
    except (NotImplementedError, RuntimeError, AttributeError) as exc:
        raise _damaged(file, f"it is packed in another way: {exc}") from exc


def _damaged(file: Path, reason: str) -> BackupError:
    return BackupError(f"{file} is damaged or no backup ({reason}); the shelf was not changed")
