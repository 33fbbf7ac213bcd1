"""The subcommands of `rag` that fill, list and mend the index."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import RagConfig
from rag.generations import repair_command
from rag.invocation import Invocation, shows_progress
from rag.output import as_json, emit, entry_record, entry_text

if TYPE_CHECKING:
    from embeddings import Encoder
    from rag.manifest import IndexManifest


def index(
    call: Invocation, paths: Sequence[Path], *, rebuild: bool, ray_address: str | None
) -> int:
    """Build or update the index over the reports in `paths`, and no others; with Ray if asked."""
    from rag.keeping import settle
    from rag.opening import open_index

    settle(call.config)
    if ray_address is not None:
        return _index_on_ray(call, paths, rebuild, ray_address)
    encoder = _encoder_for(call, paths)
    built = open_index(paths, encoder, call.config, rebuild=rebuild, show_progress=shows_progress())
    return _tell(call, built.manifest)


def add(call: Invocation, paths: Sequence[Path]) -> int:
    """Add the reports in `paths` to the index."""
    from rag.keeping import settle
    from rag.shelf import add_documents

    settle(call.config)
    encoder = _encoder_for(call, paths)
    added = add_documents(paths, encoder, call.config, show_progress=shows_progress())
    return _tell(call, added.manifest)


def remove(call: Invocation, document_ids: Sequence[str]) -> int:
    """Take reports out of the index; their files stay."""
    from rag.shelf import remove_documents

    return _tell(call, remove_documents(document_ids, call.config).manifest)


def list_documents(call: Invocation) -> int:
    """List the reports of the index, and the files that were left out."""
    from rag.shelf import list_documents

    for entry in list_documents(call.config):
        emit(as_json(entry_record(entry)) if call.as_json else entry_text(entry))
    return 0


def verify(call: Invocation) -> int:
    """Check every file of the index, and all users' conversations; name those that are damaged."""
    from rag.history import files_of_all, problem_of
    from rag.verification import verify_index

    found = verify_index(call.config.index)
    for path in found.damaged:
        emit(f"damaged or missing: {path}")
    for checked in (found.in_use, found.spare):
        if checked and checked.is_whole:
            emit(f"whole: {checked.folder}, {checked.n_files} files")
    problems = list(filter(None, map(problem_of, files_of_all(call.config.history_file).values())))
    for problem in problems:
        emit(problem)
    if found.damaged:
        emit(f"run: {repair_command(call.config.index)}")
    return 1 if found.damaged or problems else 0


def repair(call: Invocation) -> int:
    """Mend what can be mended of a damaged index, and tell what was done and what was lost."""
    from rag.repair import repair_index

    done = repair_index(call.config, lambda: _load_encoder(call.config))
    for line in (*done.told, *(f"lost: {name}" for name in done.lost)):
        emit(line)
    return 1 if done.lost else 0


def _index_on_ray(call: Invocation, paths: Sequence[Path], rebuild: bool, address: str) -> int:
    from functools import partial

    from embeddings import load_encoder
    from rag.bulk_ingest import ingest
    from rag.ray_cluster import ray_cluster

    config = call.config
    with ray_cluster(address, config.n_threads, show_progress=shows_progress()) as cluster:
        # A worker has a processor of its own, but no CUDA device.
        make_encoder = partial(load_encoder, config.encoder, device="cpu")
        built = ingest(paths, _encoder_for(call, paths), make_encoder, config, cluster, rebuild)
    return _tell(call, built.manifest)


def _encoder_for(call: Invocation, paths: Sequence[Path]) -> "Encoder":
    from rag.files import find_files
    from rag.vector_stores import open_backend

    # A missing or empty folder, or store, is told at once, before the model is loaded.
    find_files(paths)
    open_backend(call.config)
    return _load_encoder(call.config)


def _load_encoder(config: RagConfig) -> "Encoder":
    from embeddings import load_encoder

    return load_encoder(config.encoder, device=config.device)


def _tell(call: Invocation, manifest: "IndexManifest") -> int:
    n_documents, n_chunks = len(manifest.documents), manifest.n_chunks
    emit(f"{n_documents} reports in {n_chunks} chunks are indexed in {call.config.index}")
    return 0
