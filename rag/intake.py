"""Put files that were given to the page on the shelf, and tell how far each of them is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from embeddings.encoder import Encoder
from rag.config import RagConfig
from rag.generations import writing
from rag.index import Generation, put_in_use
from rag.info import index_manifest
from rag.keeping import forgotten, kept, settle
from rag.loading import LoadResult, load_file
from rag.opening import known_in
from rag.shelf import adding, owners, shelf_if_any, sources_by_id, write_without
from rag.types import Document, SourceFile
from rag.uploads import Incoming, place_of


class Step(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    READING = "reading"
    ENCODING = "encoding"
    DONE = "done"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    REMOVING = "removing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is, and why it was refused or what share of its batch is encoded (0 to 1)."""

    step: Step
    reason: str = ""
    share: float = 0.0


Tell = Callable[[Sequence[int], Progress], None]
"""Told of each step of some files, which are named by their places in the batch, from 0."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its place in the batch, and its report."""

    number: int
    incoming: Incoming
    source: SourceFile
    document: Document
    is_new: bool


def take_in(
    files: Sequence[Incoming], encoder: Encoder, config: RagConfig, tell: Tell
) -> Generation | None:
    """The index with the reports in `files` added, as `add_documents` adds them.

    A file that cannot be used is told and is not kept; what it was to replace stays. All others
    come on the shelf together, in one generation; after an error, none. That they are done is
    for the caller to tell, who puts the index in use.

    Returns:
        None if none could be used.

    Raises:
        IndexCorruptError: The index is damaged.
        IndexMismatchError: The index was made with another model, chunker, loader or format.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folders cannot be written.
    """
    settle(config)
    with writing(config.index):
        shelf = shelf_if_any(config, encoder)
        read = _read_all(files, shelf, config, tell)
        if not read:
            return None
        result = LoadResult(tuple(r.document for r in read), tuple(r.source for r in read))
        new = [each.number for each in read if each.is_new]
        tell([each.number for each in read if not each.is_new], Progress(Step.UNCHANGED))
        tell(new, Progress(Step.ENCODING))
        with kept([each.incoming for each in read], config):
            return put_in_use(
                adding(result, shelf),
                encoder,
                config,
                on_encoded=lambda n, n_all: tell(new, Progress(Step.ENCODING, share=n / n_all)),
            )


def take_out(document_ids: Sequence[str], config: RagConfig) -> Generation:
    """The index without these documents; files that were given to the page are deleted.

    Files elsewhere stay, as with `remove_documents`. Errors as there.
    """
    settle(config)
    gone = set(document_ids)
    index_manifest(config)  # Without an index, its folder is not made.
    # Held until the files are gone: a file of the same name may be given to another process.
    with writing(config.index):
        sources = index_manifest(config).sources
        with forgotten([Path(s.path) for s in sources if s.document_id in gone], config):
            return write_without(gone, config)


def _read_all(
    files: Sequence[Incoming], shelf: Generation | None, config: RagConfig, tell: Tell
) -> list[_Read]:
    """The files that can be used; two of one name in a batch are not."""
    taken = owners(shelf, [place_of(file, config) for file in files])
    known = known_in(shelf)
    read: list[_Read] = []
    for number, file in enumerate(files):
        tell([number], Progress(Step.READING))
        if owner := taken.get(file.path.stem):
            tell([number], Progress(Step.REFUSED, _same_name(file, owner)))
            continue
        source, document = load_file(file.path, config, known, {})
        if document is None:
            tell([number], Progress(Step.REFUSED, source.message))
            continue
        place = str(place_of(file, config))
        taken[source.document_id] = place
        is_new = not _holds(shelf, document, place)
        read.append(_Read(number, file, replace(source, path=place), document, is_new))
    return read


def _holds(shelf: Generation | None, document: Document, place: str) -> bool:
    """True if the shelf has this very report, from the same place."""
    if shelf is None:
        return False
    name = document.document_id
    return shelf.documents.get(name) == document and sources_by_id(shelf).get(name) == place


def _same_name(file: Incoming, owner: str) -> str:
    return (
        f"{file.path.name}: the shelf has a report of this name already ({owner}); "
        "rename the file, or remove that report first"
    )
