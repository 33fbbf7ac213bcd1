"""Mend a damaged index: from its own whole files, the generation before, and the reports."""

import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings.encoder import Encoder
from rag.config import RagConfig
from rag.errors import DocumentError, IndexCorruptError
from rag.generations import (
    generations,
    point_at,
    prune,
    rebuild_command,
    remove,
    write_errors,
    write_sum,
    writing,
)
from rag.index import Generation, Update, put_in_use
from rag.index_files import document_files, forget_by, read_generation
from rag.loading import load_documents
from rag.manifest import MANIFEST_NAME, IndexManifest
from rag.records import read_documents
from rag.types import Document, SourceFile
from rag.uploads import uploaded_files
from rag.vector_stores import open_backend
from rag.verification import CheckedGeneration, check_generation, check_is_there, verify_index

_log = logging.getLogger(__name__)
_ASIDE = "damaged-"


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, a line each, and what is lost, by document id or in words."""

    told: tuple[str, ...]
    lost: tuple[str, ...] = ()


def repair_index(config: RagConfig, load_encoder: Callable[[], Encoder]) -> Repair:
    """Make the index whole again; the encoder is loaded only if vectors must be made anew.

    The texts come from what is whole of the damaged generation, else from the generation before
    it where a report's hash is the same, else from the report's file. A generation of which
    something is lost is set aside, not deleted.

    Raises:
        IndexNotFoundError: There is no index.
        IndexMismatchError: It was written in another format.
        IndexCorruptError: Nothing is left to make one of.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    check_is_there(config.index)  # Without an index, its folder is not made.
    with writing(config.index):
        found = verify_index(config.index)
        told = [f"damaged or missing: {path}" for path in found.damaged]
        if not told:
            return Repair(("nothing is damaged",))
        used = found.in_use
        if used and used.manifest and _only_its_sum(used):
            done = _use_again(used, config)
        elif used and used.manifest:
            done = _build_again(used, used.manifest, config, load_encoder)
        else:
            done = _fall_back(used, config)
        return Repair((*told, *done.told), done.lost)


def _only_its_sum(used: CheckedGeneration) -> bool:
    return all(path.name.startswith(f"{MANIFEST_NAME}.") for path in used.damaged)


def _use_again(used: CheckedGeneration, config: RagConfig) -> Repair:
    """Point at a whole generation, and remove a spare one that is damaged."""
    _point_at(used.folder, config)
    with write_errors(config.index):
        whole = [f.name for f in generations(config.index) if _is_whole(f)]
        prune(config.index, whole, forget_by(open_backend(config)))
    return Repair((f"{used.folder.name} is in use, nothing of it is lost",))


def _point_at(folder: Path, config: RagConfig) -> None:
    seal = folder / MANIFEST_NAME
    with write_errors(config.index):
        write_sum(seal)
        point_at(seal)


def _is_whole(folder: Path) -> bool:
    return check_generation(folder).is_whole


def _build_again(
    used: CheckedGeneration,
    manifest: IndexManifest,
    config: RagConfig,
    load_encoder: Callable[[], Encoder],
) -> Repair:
    """A new generation of the reports that the manifest names, as far as their text is found."""
    documents = _recovered(used, manifest, config)
    lost = tuple(name for name in manifest.documents if name not in documents)
    if not documents:
        return _fall_back(used, config)
    sources = tuple(s for s in manifest.sources if s.message or s.document_id in documents)
    sources = tuple(_as_read(source, documents) for source in sources)
    whole = _whole_segments(used, manifest, config)
    made = put_in_use(Update(documents, sources), load_encoder(), config, taken_over=whole)
    changed = [name for name, d in documents.items() if d.document_hash != manifest.documents[name]]
    told = [
        f"{made.name} is made of {len(documents)} reports",
        *(f"read anew from its changed file: {name}" for name in changed),
        *_put_away(used.folder, config, is_needed=bool(lost or changed)),
    ]
    return Repair(tuple(told), lost)


def _whole_segments(
    used: CheckedGeneration, manifest: IndexManifest, config: RagConfig
) -> Generation:
    """Of the damaged generation the segments that are whole."""
    read = read_generation(used.folder, manifest, open_backend(config))
    damaged = set(used.damaged)
    whole = (s for s in read.segments if damaged.isdisjoint(s.folder / n for n in s.files))
    return replace(read, segments=tuple(whole))


def _recovered(
    used: CheckedGeneration, manifest: IndexManifest, config: RagConfig
) -> dict[str, Document]:
    """The reports of the manifest in its order, from the first place that has them."""
    files = [f for f in document_files(used.folder, manifest) if f not in used.damaged]
    known = {d.document_id: d for file in files for d in read_documents(file)}
    for folder in generations(config.index):
        other = check_generation(folder)
        if folder != used.folder and other.manifest and other.is_whole:
            for file in document_files(folder, other.manifest):
                known = _same(read_documents(file), manifest) | known
    missing = [s for s in manifest.sources if not s.message and s.document_id not in known]
    known |= {document.document_id: document for document in _read_again(missing, config)}
    return {name: known[name] for name in manifest.documents if name in known}


def _same(documents: Iterable[Document], manifest: IndexManifest) -> dict[str, Document]:
    """Those that are what the manifest names, by id."""
    hashes = manifest.documents
    return {d.document_id: d for d in documents if d.document_hash == hashes.get(d.document_id)}


def _read_again(sources: Iterable[SourceFile], config: RagConfig) -> tuple[Document, ...]:
    paths = [Path(source.path) for source in sources if Path(source.path).is_file()]
    if not paths:
        return ()
    try:
        return load_documents(paths, config).documents
    except DocumentError as exc:
        _log.warning("%s", exc)
        return ()


def _as_read(source: SourceFile, documents: dict[str, Document]) -> SourceFile:
    """The source with the hash of what was read of it."""
    if source.message:
        return source
    return SourceFile(source.path, documents[source.document_id].document_hash)


def _fall_back(used: CheckedGeneration | None, config: RagConfig) -> Repair:
    """Use the newest whole generation instead of one whose manifest is damaged."""
    others = [folder for folder in generations(config.index) if not used or folder != used.folder]
    checked = next((c for c in map(check_generation, others) if c.is_whole), None)
    if checked is None or checked.manifest is None:
        raise IndexCorruptError(
            f"no generation in {config.index} is whole, nothing can be repaired; run: "
            f"{rebuild_command(config.index)}"
        )
    _point_at(checked.folder, config)
    aside = _put_away(used.folder, config, is_needed=True) if used else []
    held = {source.path for source in checked.manifest.sources}
    not_held = [str(path) for path in uploaded_files(config) if str(path) not in held]
    told = [
        f"{checked.folder.name} is in use, with {len(checked.manifest.documents)} reports",
        *aside,
        *(f"not in it, run: rag add {path} --index {config.index}" for path in not_held),
    ]
    lost = f"what was changed after {checked.folder.name}; add it again (rag add PATH)"
    return Repair(tuple(told), (lost,))


def _put_away(folder: Path, config: RagConfig, *, is_needed: bool) -> list[str]:
    """Remove a damaged generation, or set it aside where a person may look for what is lost."""
    aside = folder.with_name(f"{_ASIDE}{folder.name}")
    with write_errors(config.index):
        if not is_needed:
            remove(folder, forget_by(open_backend(config)))
            return []
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    return [f"set aside, delete it when it is no longer needed: {aside}"]
