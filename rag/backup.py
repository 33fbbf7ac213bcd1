"""A shelf as one file: index, given files, conversations and feedback, each with its hash.

A zip archive: `index/…` is the generation in use, `documents/…` the files that were given to the
page, `conversations/USER.sqlite3` what each user asked (`_local` without a login), and
`backup.json`, written last, names every file with its hash and length. Passwords are not in it.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.config import FAISS, RagConfig
from rag.durable import sync
from rag.errors import BackupError
from rag.generations import build_command, current_generation, repair_command, writing
from rag.history import copy_file, files_of_all
from rag.info import index_manifest
from rag.manifest import IndexManifest, check_files
from rag.temporary import temporary_folder
from rag.uploads import upload_folder, uploaded_files
from rag.version import package_version

FORMAT_VERSION = 1
MANIFEST_NAME = "backup.json"
LOCAL_NAME = "_local"  # No user can have this name.
_BLOCK_BYTES = 1 << 20
_FAST = 1  # Vectors hardly get smaller, whatever the level.


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup: its SHA-256 in hex, and its length."""

    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says about itself.

    Attributes:
        made: UTC time, ISO 8601.
        package: Version of the program that made it.
        documents_folder: Where the given files lay, as the index names them.
        n_documents: Reports in the index.
        files: Every other file, by its name in the archive.
        format_version: Version of this layout.
    """

    made: str
    package: str
    documents_folder: str
    n_documents: int
    files: Mapping[str, Entry]
    format_version: int = FORMAT_VERSION


def back_up(config: RagConfig, file: Path, *, replace: bool = False) -> BackupManifest:
    """Write the shelf into `file`, all of one moment: nobody changes it meanwhile.

    An interruption leaves no file of this name, or the old one.

    Raises:
        BackupError: The file is there already and `replace` is not set, or cannot be written; or
            the vectors do not lie in the index.
        IndexNotFoundError: There is no index.
        IndexCorruptError: The index is damaged; a backup of it would be of no use.
        IndexMismatchError: The index was written in another format.
        IndexLockedError: Another process is writing this index.
        HistoryError: A file of conversations cannot be read.
    """
    if file.exists() and not replace:
        raise BackupError(f"{file} is there already; give --force to replace it, or another name")
    index_manifest(config)  # Without an index, its folder is not made.
    with writing(config.index), _told(file):
        folder = current_generation(config.index, build_command(config.index))
        manifest = index_manifest(config)
        check_files(folder, manifest.files, repair_command(config.index))
        _check_complete(manifest, config)
        with temporary_folder("report-qa-backup-") as work:
            sources = dict(_sources(config, folder, work))
            return _write(file, sources, str(upload_folder(config)), len(manifest.documents))


def _check_complete(manifest: IndexManifest, config: RagConfig) -> None:
    if manifest.settings.store != FAISS:
        raise BackupError(
            f"the vectors of {config.index} are in {manifest.settings.store}, not in its folder; "
            f"back that up by its own means, or run: rag index PATH --store {FAISS}"
        )


def _sources(config: RagConfig, generation: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """The files by their names in the archive; conversations as copies in `work`."""
    for path in sorted(generation.rglob("*")):
        if path.is_file():
            yield f"index/{path.relative_to(generation).as_posix()}", path
    for path in uploaded_files(config):
        yield f"documents/{path.name}", path
    for user, path in files_of_all(config.history_file).items():
        name = f"{user or LOCAL_NAME}.sqlite3"
        copy_file(path, work / name)
        yield f"conversations/{name}", work / name


def _write(file: Path, sources: Mapping[str, Path], folder: str, n: int) -> BackupManifest:
    descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.absolute().parent)
    unfinished = Path(name)
    try:
        with (
            os.fdopen(descriptor, "wb") as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive,
        ):
            entries = {inside: _add(archive, inside, path) for inside, path in sources.items()}
            made = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = BackupManifest(made, package_version(), folder, n, entries)
            archive.writestr(MANIFEST_NAME, json.dumps(asdict(manifest), indent=1))
        sync(unfinished)
        unfinished.replace(file)
        sync(file.absolute().parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            n_bytes += len(block)
            target.write(block)
    return Entry(digest.hexdigest(), n_bytes)


@contextlib.contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise BackupError(f"cannot write {file} ({exc}); nothing was changed") from exc
