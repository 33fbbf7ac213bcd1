"""The file that a document was read from, if it is still what it was."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rag.errors import DocumentError
from rag.files import read_content
from rag.types import Document


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
        data: Its bytes; empty unless the state is `current`.
        problem: Why it cannot be read now; else empty.
    """

    state: OriginalState
    data: bytes = b""
    problem: str = ""


def read_original(document: Document, path: str | None, max_bytes: int) -> Original:
    """The file of `document`.

    Args:
        document: As the index holds it.
        path: Where the index says that its file is; None if it did not come from one.
        max_bytes: A larger file is taken for a changed one: it could not have been read.
    """
    try:
        if path is None or not Path(path).is_file():
            return Original(OriginalState.MISSING)
        content = read_content(Path(path), max_bytes)
    # It or its folder may no longer be read, or it has grown: not the file that was read.
    except (DocumentError, OSError) as exc:
        return Original(OriginalState.CHANGED, problem=str(exc))
    if content.hash() != document.document_hash:
        return Original(OriginalState.CHANGED)
    return Original(OriginalState.CURRENT, content.data)
