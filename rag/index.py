"""Build, update and load the index of a shelf; `rag.index_files` owns what lies on disk."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from embeddings.encoder import Encoder
from rag.chunking import CHUNKER_VERSION
from rag.config import RagConfig
from rag.encoding import EncodingProgress, encode_new
from rag.errors import (
    DocumentError,
    IndexCorruptError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.generations import (
    build_command,
    current_generation,
    rebuild_command,
    repair_command,
    sealed_generations,
    writing,
)
from rag.index_files import Generation, Index, read_generation
from rag.lexical import DEFAULT_TOKENIZER
from rag.loading import LOADER_VERSION
from rag.manifest import IndexSettings, check_settings, read_manifest
from rag.segments import indexed_text, window_id, window_owner
from rag.types import Chunk, Document, SourceFile
from rag.updates import Update, apply
from rag.vector_stores import open_backend, store_kind
from rag.windows import WINDOWS_VERSION

__all__ = [
    "Generation",
    "Index",
    "Update",
    "build_index",
    "generation_in_use",
    "index_settings",
    "indexed_text",
    "load_index",
    "load_intact",
    "put_in_use",
    "usable_index",
    "window_id",
    "window_owner",
]

_log = logging.getLogger(__name__)


def index_settings(config: RagConfig, encoder: Encoder | str) -> IndexSettings:
    """What an index must be made with; `encoder` or, before it is loaded, its model id."""
    model_id, dim = (encoder, None) if isinstance(encoder, str) else (encoder.model_id, encoder.dim)
    return IndexSettings(
        model_id=model_id,
        dim=dim,
        chunker=f"{CHUNKER_VERSION}, {config.chunk_chars} characters, windows {WINDOWS_VERSION}",
        tokenizer=DEFAULT_TOKENIZER,
        loader=LOADER_VERSION,
        store=store_kind(config),
    )


def build_index(
    documents: Sequence[Document],
    encoder: Encoder,
    config: RagConfig,
    *,
    sources: tuple[SourceFile, ...] = (),
    chunks: Mapping[str, Sequence[Chunk]] | None = None,
    rebuild: bool = False,
    show_progress: bool = False,
) -> Index:
    """The index over exactly `documents`, written into `config.index` and put in use.

    Texts that the index in use holds already are not encoded again, unless `rebuild` is set or
    it was made with another model. If nothing changed, nothing is written. An interruption at
    any point leaves the old index in use.

    Args:
        documents: All that there are to be, in the order of the shelf.
        encoder: Encodes what is new.
        config: Where the index is, and the settings it is made with.
        sources: The files that the documents come from, and those that were left out.
        chunks: Of documents that are cut already, by document id.
        rebuild: Take over nothing of the index in use.
        show_progress: Draw a bar while encoding.

    Raises:
        DocumentError: There is no document, none has text to index, or two have the same id.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    update = Update(_by_id(documents), sources, chunks=chunks or {})
    with writing(config.index):
        made = put_in_use(update, encoder, config, rebuild=rebuild, show_progress=show_progress)
        return made.open()


def put_in_use(
    update: Update,
    encoder: Encoder,
    config: RagConfig,
    *,
    rebuild: bool = False,
    taken_over: Generation | None = None,
    show_progress: bool = False,
    on_encoded: EncodingProgress | None = None,
) -> Generation:
    """The index that `update` wants, as `build_index` makes it; the caller holds the folder.

    Args:
        update: What it is to hold.
        encoder: Encodes what is new.
        config: Where the index is, and the settings it is made with.
        rebuild: Take over nothing of the index in use.
        taken_over: What is taken over instead of the index in use; it was verified.
        show_progress: Draw a bar while encoding.
        on_encoded: Told of progress; the encoder is left to others, again and again, meanwhile.

    Raises:
        DocumentError: No document has text to index.
        IndexCorruptError: What stays of the index in use cannot be read.
        ConfigError: The folder cannot be written.
    """
    settings = index_settings(config, encoder)
    old = taken_over
    if old is None and not rebuild:
        old = _previous(config, settings, update)
    encode = partial(
        encode_new, encoder=encoder, show_progress=show_progress, on_encoded=on_encoded
    )
    return apply(update, old, settings, config, encode)


def load_index(config: RagConfig, encoder: Encoder | str | None = None) -> Index:
    """The index in use in `config.index`, every file verified.

    Args:
        config: Where it is, and what it must have been made with.
        encoder: What queries will be encoded with, or its model id; None for whatever it was
            made with, where nothing will be encoded.

    Raises:
        IndexNotFoundError: There is none.
        IndexCorruptError: A file is missing or is not what was written.
        IndexMismatchError: It was made with another model, dimension, chunker, tokenizer or
            format.
    """
    return generation_in_use(config, encoder).open()


def load_intact(config: RagConfig, encoder: Encoder | str | None = None) -> Index:
    """As `load_index`, for questions; if that index is damaged, the newest that is whole.

    A warning tells what is damaged and which generation answers. Nothing is to be built upon it:
    what changed since is missing.

    Errors as in `load_index`, if no other generation is whole.
    """
    try:
        return load_index(config, encoder)
    except IndexCorruptError as exc:
        for folder in sealed_generations(config.index):
            with contextlib.suppress(IndexCorruptError, IndexMismatchError):
                index = _generation(folder, config, encoder).open()
                _log.warning("%s; until then %s answers, without later changes", exc, folder.name)
                return index
        raise


def generation_in_use(config: RagConfig, encoder: Encoder | str | None = None) -> Generation:
    """The index in use, of which only the manifest is read; arguments as of `load_index`.

    Raises:
        IndexNotFoundError: There is none.
        IndexCorruptError: Its manifest is not what was written.
        IndexMismatchError: As `load_index`.
    """
    folder = current_generation(config.index, build_command(config.index))
    return _generation(folder, config, encoder)


def _generation(folder: Path, config: RagConfig, encoder: Encoder | str | None) -> Generation:
    rebuild = rebuild_command(config.index)
    manifest = read_manifest(folder, rebuild, repair_command(config.index))
    expected = index_settings(config, encoder or manifest.settings.model_id)
    check_settings(manifest.settings, expected, rebuild)
    return read_generation(folder, manifest, open_backend(config))


def usable_index(config: RagConfig, encoder: Encoder | str) -> Index | None:
    """The index in use if it can be used; None if it must be built."""
    try:
        return load_index(config, encoder)
    except (IndexNotFoundError, IndexCorruptError, IndexMismatchError) as exc:
        _log.info("the index must be built: %s", exc)
        return None


def _previous(config: RagConfig, settings: IndexSettings, update: Update) -> Generation | None:
    """What an update can take over from the index in use; None if that is nothing."""
    root = config.index
    try:
        folder = current_generation(root, build_command(root))
        manifest = read_manifest(folder, rebuild_command(root), repair_command(root))
        old = read_generation(folder, manifest, open_backend(config))
        if not update.kept:  # Whatever is damaged can be made anew.
            old.verify()
    except IndexNotFoundError:
        return None
    except (IndexCorruptError, IndexMismatchError) as exc:
        if update.kept:
            raise
        _log.warning("nothing of the old index is reused: %s", exc)
        return None
    return old


def _by_id(documents: Sequence[Document]) -> dict[str, Document]:
    if not documents:
        raise DocumentError("no documents to index; give a folder or files of reports")
    by_id = {document.document_id: document for document in documents}
    if len(by_id) != len(documents):
        raise DocumentError("two documents have the same name; rename one of the files")
    return by_id
