"""Report files to documents. One bad file is a problem to tell, not the end of the shelf."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from rag.config import RagConfig
from rag.decoding import decode
from rag.describing import describe_file
from rag.errors import DocumentError
from rag.files import Content, find_files, read_content
from rag.metadata import Given, parse_sidecar
from rag.parsing import parse
from rag.parsing.process import KINDS
from rag.types import Document, SourceFile, Span

# To be raised when the same file gives another text or other metadata than before: an index
# keeps both, and files that did not change are not read again.
LOADER_VERSION = "1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The documents of a shelf, and all its files with what became of each."""

    documents: tuple[Document, ...]
    sources: tuple[SourceFile, ...]

    @property
    def problems(self) -> tuple[SourceFile, ...]:
        """The files that were left out."""
        return tuple(source for source in self.sources if source.message)


@dataclass(frozen=True, slots=True)
class Known:
    """What an index holds already: a file of the same name and bytes is not read again.

    Attributes:
        documents: By document id.
        sources: By name of the file and hash.
    """

    documents: Mapping[str, Document] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], SourceFile] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Mapping[str, Document], sources: Sequence[SourceFile]) -> "Known":
        """What is known from the documents and the files of an index."""
        return cls(documents, {(Path(s.path).name, s.file_hash): s for s in sources})

    def document(self, path: Path, file_hash: str, max_parse_seconds: float) -> Document | None:
        """The document of a file; None if the file must be read.

        Raises:
            DocumentError: The file could not be used before, under the same time limit.
        """
        source = self.sources.get((path.name, file_hash))
        if source is None:
            return None
        if not source.message:
            return self.documents[source.document_id]
        if source.max_parse_seconds != max_parse_seconds:
            return None
        raise DocumentError(source.message)


def load_documents(
    paths: Sequence[Path],
    config: RagConfig,
    known: Known | None = None,
    taken: Mapping[str, str] | None = None,
) -> LoadResult:
    """Every report among `paths`: files as given, folders with all that lies in them.

    In folders, README files, hidden files, sidecars (`<stem>.meta.json`) and `.jsonl` are
    passed over. A file that cannot be used is told in `problems`.

    Args:
        paths: Files and folders.
        config: The limits on size and time.
        known: What need not be read again.
        taken: Document ids that other files have, with the path of each.

    Raises:
        DocumentError: A path is missing, or there is no report to read at all.
    """
    documents: dict[str, Document] = {}
    owners = dict(taken or {})
    sources: list[SourceFile] = []
    for path in find_files(paths):
        source, document = load_file(path, config, known or Known(), owners)
        sources.append(source)
        if document is not None:
            documents[document.document_id] = document
            owners[document.document_id] = source.path
    if not documents:
        raise DocumentError(f"no report could be read: {'; '.join(s.message for s in sources)}")
    return LoadResult(tuple(documents.values()), tuple(sources))


def load_document(path: Path, config: RagConfig) -> Document:
    """The report in one file.

    Raises:
        DocumentError: The file is missing, too large, of unknown kind, damaged, protected,
            undecodable or without text, it takes too long, or its sidecar is wrong.
    """
    return _parse(path, read_content(path, config.max_document_bytes), config)


def log_problems(result: LoadResult) -> None:
    """Warn of each file that was left out, in one line."""
    for problem in result.problems:
        _log.warning("left out: %s", problem.message)


def load_file(
    path: Path, config: RagConfig, known: Known, owners: Mapping[str, str]
) -> tuple[SourceFile, Document | None]:
    """What became of one file, and its report unless it was left out.

    Args:
        path: The file.
        config: The limits on size and time.
        known: What need not be read again.
        owners: Document ids that other files have, with the path of each.
    """
    try:
        if path.stem in owners:
            raise DocumentError(_same_name(owners[path.stem], path))
        content = read_content(path, config.max_document_bytes)
    except DocumentError as exc:
        return SourceFile(str(path), "", str(exc)), None
    file_hash, limit = content.hash(), config.max_parse_seconds
    try:
        document = known.document(path, file_hash, limit) or _parse(path, content, config)
    except DocumentError as exc:
        return SourceFile(str(path), file_hash, str(exc), limit), None
    return SourceFile(str(path), file_hash), document


def _parse(path: Path, content: Content, config: RagConfig) -> Document:
    given = Given()
    if content.sidecar is not None:
        name = content.sidecar_name
        given = parse_sidecar(decode(content.sidecar, name), name)
    limit = config.max_parse_seconds
    data, page_starts = content.data, tuple[int, ...]()
    if path.suffix.lower() in KINDS:
        extract = parse(data, path.name, limit)
        data, page_starts = extract.text.encode(), extract.page_starts
    document = describe_file(data, path.name, given, has_pages=bool(page_starts), max_seconds=limit)
    pages = _pages(page_starts, len(document.text))
    return replace(document, document_hash=content.hash(), pages=pages)


def _pages(starts: Sequence[int], n_chars: int) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairwise([*starts, n_chars])) if starts else ()


def _same_name(first: str, second: Path) -> str:
    return (
        f"{second}: has the same name as {first}, and a report is known by its name; "
        "rename one of them"
    )
