"""Documents and chunks as JSON lines, and back."""

import json
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.types import Chunk, Document, Section, Span

# The line of a chunk: it begins with its id and its document's, as JSON strings.
_STRING = rb'"(?:[^"\\\n]|\\.)*"'
_IDS = re.compile(rb'\{"chunk_id": (%b), "document_id": (%b)[^\n]*\n' % (_STRING, _STRING))


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


class ChunkLines(Mapping[str, Chunk]):
    """The chunks that `write_lines` wrote, by id, each read from the file when it is looked up.

    Of each chunk only its id is kept in memory, and where it stands.

    Args:
        path: The file; it may be removed meanwhile, but must not be changed.

    Raises:
        ValueError: A line does not begin with the ids of a chunk and its document.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._starts: dict[str, int] = {}
        self.ids_by_document: dict[str, list[str]] = {}
        end = 0
        for match in _IDS.finditer(self._lines):
            if match.start() != end:
                break
            chunk_id, document_id = json.loads(b"[%b,%b]" % match.groups())
            self._starts[chunk_id] = end
            self.ids_by_document.setdefault(document_id, []).append(chunk_id)
            end = match.end()
        if end != len(self._lines):
            raise ValueError(f"{path} holds at {end} what is no chunk")

    def __getitem__(self, chunk_id: str) -> Chunk:
        start = self._starts[chunk_id]
        return chunk_of(json.loads(self._lines[start : self._lines.find(b"\n", start)]))

    def __contains__(self, chunk_id: object) -> bool:
        return chunk_id in self._starts  # Mapping's own would read the chunk.

    def __iter__(self) -> Iterator[str]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


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
