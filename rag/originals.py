"""The file that a document was read from, if it is still what it was."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rag.errors import DocumentError
from rag.files import content_hash, read_content
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


def original_state(
    document: Document, path: str | None, max_bytes: int
) -> tuple[OriginalState, str]:
    """How the file of `document` stands to it, and why it cannot be read, if it cannot.

    A file that was not touched since it was last asked for is not read again.

    Args:
        document: As the index holds it.
        path: Where the index says that its file is; None if it did not come from one.
        max_bytes: A larger file is taken for a changed one: it could not have been read.
    """
    try:
        if path is None or not Path(path).is_file():
            return OriginalState.MISSING, ""
        file_hash = content_hash(Path(path), max_bytes)
    # It or its folder may no longer be read, or it has grown: not the file that was read.
    except (DocumentError, OSError) as exc:
        return OriginalState.CHANGED, str(exc)
    is_same = file_hash == document.document_hash
    return OriginalState.CURRENT if is_same else OriginalState.CHANGED, ""


def read_original(document: Document, path: str | None, max_bytes: int) -> Original:
    """The file of `document` with its bytes, which are those that its hash was taken of.

    Arguments as in `original_state`.
    """
    try:
        if path is None or not Path(path).is_file():
            return Original(OriginalState.MISSING)
        content = read_content(Path(path), max_bytes)
    except (DocumentError, OSError) as exc:  # As in `original_state`.
        return Original(OriginalState.CHANGED, problem=str(exc))
    if content.hash() != document.document_hash:
        return Original(OriginalState.CHANGED)
    return Original(OriginalState.CURRENT, content.data)
