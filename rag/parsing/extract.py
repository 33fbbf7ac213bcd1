"""What a parser takes from a file: text, and where its pages begin."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.cleaning import clean


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of a file.

    Attributes:
        text: Already canonical: `clean(text) == text`.
        page_starts: Offset of the first character of each page; empty where the kind of file
            has no pages.
    """

    text: str
    page_starts: tuple[int, ...] = ()


def from_blocks(blocks: Iterable[str]) -> Extract:
    """Paragraphs, headings and tables as one text, a blank line between them."""
    cleaned = (clean_block(block) for block in blocks)
    return Extract("\n\n".join(block for block in cleaned if block))


def clean_block(raw: str) -> str:
    """The canonical text of one block; half characters, which no encoding can write, go."""
    return clean(raw.encode("utf-8", errors="ignore").decode()).strip()
