"""Documents and chunks as JSON lines, and back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.types import Chunk, Document, Section, Span


def write_lines(path: Path, rows: Iterable[Document | Chunk]) -> None:
    """One JSON object a line, UTF-8."""
    with path.open("wb") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False).encode() + b"\n")


def read_documents(path: Path) -> list[Document]:
    """The documents that `write_lines` wrote."""
    return [document_of(record) for record in _read_lines(path)]


def read_chunks(path: Path) -> list[Chunk]:
    """The chunks that `write_lines` wrote."""
    return [chunk_of(record) for record in _read_lines(path)]


def _read_lines(path: Path) -> list[Mapping[str, Any]]:
    # Not splitlines: that would cut at U+2028 and others, which JSON leaves inside strings.
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def document_of(record: Mapping[str, Any]) -> Document:
    """The document of a record that JSON gave back."""
    sections = tuple(Section(s["title"], s["level"], Span(**s["span"])) for s in record["sections"])
    lists = {
        "years": tuple(record["years"]),
        "sections": sections,
        "repeated": tuple(Span(**span) for span in record["repeated"]),
        "pages": tuple(Span(**span) for span in record["pages"]),
    }
    return Document(**{**record, **lists})


def chunk_of(record: Mapping[str, Any]) -> Chunk:
    """The chunk of a record that JSON gave back."""
    parts = {"span": Span(**record["span"]), "section": tuple(record["section"])}
    return Chunk(**{**record, **parts})
