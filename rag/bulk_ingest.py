"""Bulk ingest: a cluster reads, cuts and encodes; the index is what `rag index` makes."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from rag.chunking import chunk_document
from rag.config import RagConfig
from rag.errors import ClusterError, DocumentError
from rag.files import content_hash, find_files
from rag.index import Index, build_index, index_settings, usable_index
from rag.loading import Known, load_documents, load_file, log_problems
from rag.manifest import IndexSettings
from rag.opening import known_in
from rag.ray_cluster import RayCluster
from rag.records import chunk_of, document_of
from rag.types import Chunk, Document, SourceFile

Vectors = NDArray[np.float32]
MakeEncoder = Callable[[], Encoder]
"""Makes the encoder in each worker."""

# A few seconds of work for one processor.
_TEXTS_AT_ONCE = 256

_Loaded = tuple[SourceFile, Document | None, tuple[Chunk, ...]]


def ingest(
    paths: Sequence[Path],
    encoder: Encoder,
    make_encoder: MakeEncoder,
    config: RagConfig,
    cluster: RayCluster,
    rebuild: bool = False,
) -> Index:
    """The index over exactly `paths`, as `rag.opening.open_index` makes it, by a cluster.

    The machines of the cluster see the files under the same paths. Documents, chunks and ids are
    those of one process; so are vectors, but for the rounding of the encoder, which depends on
    the texts that share a batch.

    Args:
        paths: Files and folders.
        encoder: Tells which vectors are wanted; it encodes nothing.
        make_encoder: Makes its like.
        config: The settings.
        cluster: Where the work is done.
        rebuild: Read and encode everything again.

    Raises:
        ClusterError: The cluster fails, or its machines have other weights or another version.
        DocumentError: A path is missing, or no file can be read.
        IndexLockedError: Another process is writing this index.
        ConfigError: The folder cannot be written.
    """
    index = None if rebuild else usable_index(config, encoder)
    settings = index_settings(config, encoder)
    known, cut = _read_ahead(find_files(paths), index, config, settings, cluster)
    result = load_documents(paths, config, known)
    log_problems(result)
    if index and index.manifest.sources == result.sources:
        return index
    encoding = ClusterEncoder(encoder, make_encoder, config, cluster)
    return build_index(
        result.documents, encoding, config, sources=result.sources, chunks=cut, rebuild=rebuild
    )


class ClusterEncoder:
    """An encoder whose passages are encoded on a cluster.

    Args:
        encoder: The same encoder on this machine; it encodes queries.
        make_encoder: Makes it in each worker.
        config: The settings.
        cluster: Where passages are encoded.
    """

    def __init__(
        self, encoder: Encoder, make_encoder: MakeEncoder, config: RagConfig, cluster: RayCluster
    ) -> None:
        self._encoder = encoder
        self._arguments = (make_encoder, config, index_settings(config, encoder))
        self._cluster = cluster

    @property
    def model_id(self) -> str:
        """Name and weights hash."""
        return self._encoder.model_id

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self._encoder.dim

    def encode_queries(self, texts: Sequence[str], *, show_progress: bool = False) -> Vectors:
        """Vectors of what is searched, `(len(texts), dim)` float32, encoded here."""
        return self._encoder.encode_queries(texts, show_progress=show_progress)

    def encode_passages(self, texts: Sequence[str], *, show_progress: bool = False) -> Vectors:
        """Vectors of what is found, `(len(texts), dim)` float32.

        Raises:
            ClusterError: The cluster fails, or a worker has other weights.
        """
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        # Texts of like length go together; the longest first, so that the last turns are short.
        order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
        rows = [{"number": n, "text": texts[n]} for n in order]
        made = self._cluster.map_batches(_Encoding, self._arguments, rows, _TEXTS_AT_ONCE)
        n_made = 0
        for n_made, row in enumerate(made, 1):  # noqa: B007 (how many there were)
            vectors[row["number"]] = row["vector"]
        # The rows that are missing would be whatever stood in memory.
        if n_made != len(texts):
            raise ClusterError(
                f"the Ray cluster gave {n_made} vectors for {len(texts)} texts; run it again"
            )
        return vectors


class _Encoding:
    """A worker that encodes."""

    def __init__(
        self, make_encoder: MakeEncoder, config: RagConfig, settings: IndexSettings
    ) -> None:
        self._encoder = make_encoder()
        _check_same(index_settings(config, self._encoder), settings)

    def __call__(self, columns: Mapping[str, Any]) -> dict[str, Any]:  # Any: Ray's columns
        vectors = self._encoder.encode_passages([str(text) for text in columns["text"]])
        return {"number": columns["number"], "vector": vectors}


class _Loading:
    """What a worker does with one file: read it and cut it."""

    def __init__(self, config: RagConfig, settings: IndexSettings) -> None:
        self._config = config
        self._settings = settings

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:  # Any: Ray's row
        ours = index_settings(self._config, self._settings.model_id)
        _check_same(ours, replace(self._settings, dim=None))
        path = Path(os.fsdecode(row["path"]))
        source, document = load_file(path, self._config, Known(), {})
        chunks = chunk_document(document, self._config.chunk_chars) if document else ()
        record = {
            "source": asdict(source),
            "document": asdict(document) if document else None,
            "chunks": [asdict(chunk) for chunk in chunks],
        }
        return {"record": json.dumps(record)}


def _check_same(ours: IndexSettings, wanted: IndexSettings) -> None:
    for setting in fields(IndexSettings):
        has, wants = getattr(ours, setting.name), getattr(wanted, setting.name)
        if has != wants:
            raise ClusterError(
                f"a worker has {setting.name} {has!r}, this machine {wants!r}; "
                "install the same version with the same weights on all machines"
            )


def _read_ahead(
    files: Sequence[Path],
    index: Index | None,
    config: RagConfig,
    settings: IndexSettings,
    cluster: RayCluster,
) -> tuple[Known, dict[str, tuple[Chunk, ...]]]:
    """What `index` and the cluster know of the files, and what the cluster has cut of it."""
    before = known_in(index)
    rows = [{"path": os.fsencode(path)} for path in _unread(files, before, config)]
    made = cluster.map(_Loading(config, settings), rows) if rows else ()
    loaded = [_loaded(row["record"]) for row in made]
    new = {document.document_id: document for _, document, _ in loaded if document}
    after = Known.of(new, [source for source, _, _ in loaded])
    known = Known({**before.documents, **after.documents}, {**before.sources, **after.sources})
    return known, {source.document_id: cut for source, document, cut in loaded if document}


def _unread(files: Sequence[Path], known: Known, config: RagConfig) -> list[Path]:
    """The files that must be parsed: of each name the first, unless a report is known before it."""
    unread: list[Path] = []
    taken: set[str] = set()
    for path in files:
        try:
            file_hash = content_hash(path, config.max_document_bytes)
            is_known = known.document(path, file_hash, config.max_parse_seconds)
        except DocumentError:  # It will be told when all files are gone through.
            continue
        if path.stem not in taken and not is_known:
            unread.append(path)
        taken.add(path.stem)
    return unread


def _loaded(record: str) -> _Loaded:
    parts = json.loads(record)
    document = document_of(parts["document"]) if parts["document"] else None
    return SourceFile(**parts["source"]), document, tuple(map(chunk_of, parts["chunks"]))
