"""The file that a document was read from, if it is still what it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rag.errors import DocumentError
from rag.files import read_content
from rag.types import Document, SourceFile


class OriginalState(StrEnum):
    """How a document's file stands to the document."""

    CURRENT = "current"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Original:
    """A document's file.

    Attributes:
        state: Whether it is what the document was read from.
        name: Its name, without folders; empty if there is none.
        data: Its bytes; empty unless the state is `current`.
    """

    state: OriginalState
    name: str = ""
    data: bytes = b""


def read_original(document: Document, sources: Iterable[SourceFile], max_bytes: int) -> Original:
    """The file of `document`, found among the files of the shelf.

    A path never comes from outside: only the index knows where a document's file is.

    Args:
        document: As the index holds it.
        sources: The files of the shelf.
        max_bytes: A larger file is taken for a changed one: it could not have been read.
    """
    known = (s for s in sources if not s.message and s.document_id == document.document_id)
    source = next(known, None)
    if source is None or not Path(source.path).is_file():
        return Original(OriginalState.MISSING)
    path = Path(source.path)
    try:
        content = read_content(path, max_bytes)
    except DocumentError:  # It may no longer be read, or has grown: not the file that was read.
        return Original(OriginalState.CHANGED, path.name)
    if content.hash() != document.document_hash:
        return Original(OriginalState.CHANGED, path.name)
    return Original(OriginalState.CURRENT, path.name, content.data)
