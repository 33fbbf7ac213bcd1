"""The parts of a pipeline, made from a source of reports and the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings import load_encoder
from embeddings.encoder import Encoder
from rag.config import RagConfig
from rag.files import find_files
from rag.generations import is_index
from rag.index import Generation, Index, build_index, load_intact, usable_index
from rag.loading import Known, load_documents, log_problems
from rag.reader.base import Reader
from rag.retrieval import HybridRetriever


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pipeline is made of."""

    index: Index
    retriever: HybridRetriever
    reader: Reader
    config: RagConfig


def open_parts(
    source: str | Path | Sequence[str | Path] | None,
    config: RagConfig,
    rebuild: bool,
    show_progress: bool,
) -> Parts:
    """Load the models, bring the index up to date with `source`, and open it."""
    from rag.reader import load_reader

    _use_threads(config.n_threads)
    paths = _paths(source)
    if len(paths) == 1 and is_index(paths[0]):
        config, paths = replace(config, index=paths[0]), []
    if paths:
        find_files(paths)  # A missing or empty folder is told at once, before models are loaded.
    encoder = load_encoder(config.encoder, device=config.device)
    index = open_index(paths, encoder, config, rebuild=rebuild, show_progress=show_progress)
    return Parts(index, HybridRetriever(index, encoder, config), load_reader(config), config)


def open_index(
    paths: Sequence[Path],
    encoder: Encoder,
    config: RagConfig,
    *,
    rebuild: bool = False,
    show_progress: bool = False,
) -> Index:
    """The index over `paths`, built or updated unless it fits; without paths, the one there is.

    Only files that are new or changed are read. Files that cannot be used are logged as warnings,
    each time, and the rest goes on; they are tried again when they change or `rebuild` is set.
    """
    if not paths:
        return load_intact(config, encoder)
    index = None if rebuild else usable_index(config, encoder)
    result = load_documents(paths, config, known_in(index))
    log_problems(result)
    if index and index.manifest.sources == result.sources:
        return index
    return build_index(
        result.documents,
        encoder,
        config,
        sources=result.sources,
        rebuild=rebuild,
        show_progress=show_progress,
    )


def known_in(shelf: Index | Generation | None) -> Known:
    """What need not be read again, as `shelf` holds it."""
    return Known.of(shelf.documents, shelf.manifest.sources) if shelf else Known()


def _paths(source: str | Path | Sequence[str | Path] | None) -> list[Path]:
    if source is None:
        return []
    return [Path(source)] if isinstance(source, str | Path) else [Path(path) for path in source]


def _use_threads(n_threads: int) -> None:
    if n_threads:
        import torch

        torch.set_num_threads(n_threads)
