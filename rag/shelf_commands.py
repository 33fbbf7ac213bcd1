"""The subcommands of `rag` that fill the index: index, add, remove, list."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.invocation import Invocation, shows_progress
from rag.output import as_json, emit, entry_record, entry_text

if TYPE_CHECKING:
    from embeddings import Encoder
    from rag.index import Index


def index(call: Invocation, paths: Sequence[Path], *, rebuild: bool) -> int:
    """Build or update the index over the reports in `paths`, and no others."""
    from rag.opening import open_index

    encoder = _encoder_for(call, paths)
    built = open_index(paths, encoder, call.config, rebuild=rebuild, show_progress=shows_progress())
    return _tell(call, built)


def add(call: Invocation, paths: Sequence[Path]) -> int:
    """Add the reports in `paths` to the index."""
    from rag.shelf import add_documents

    encoder = _encoder_for(call, paths)
    return _tell(call, add_documents(paths, encoder, call.config, show_progress=shows_progress()))


def remove(call: Invocation, document_ids: Sequence[str]) -> int:
    """Take reports out of the index; their files stay."""
    from rag.shelf import remove_documents

    return _tell(call, remove_documents(document_ids, call.config))


def list_documents(call: Invocation) -> int:
    """List the reports of the index, and the files that were left out."""
    from rag.shelf import list_documents

    for entry in list_documents(call.config):
        emit(as_json(entry_record(entry)) if call.as_json else entry_text(entry))
    return 0


def _encoder_for(call: Invocation, paths: Sequence[Path]) -> "Encoder":
    from embeddings import load_encoder
    from rag.files import find_files

    find_files(paths)  # A missing or empty folder is told at once, before the model is loaded.
    return load_encoder(call.config.encoder)


def _tell(call: Invocation, built: "Index") -> int:
    n_chunks, folder = len(built.chunks), call.config.index
    emit(f"{len(built.documents)} reports in {n_chunks} chunks are indexed in {folder}")
    return 0
