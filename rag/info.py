"""What is installed and in force: settings with their origin, versions, models, the index."""

from collections.abc import Mapping
from dataclasses import dataclass

from rag.config import RagConfig, Setting, explain_config
from rag.errors import IndexCorruptError, IndexMismatchError, IndexNotFoundError
from rag.evaluation.provenance import code_commit, library_versions
from rag.generations import (
    build_command,
    current_generation,
    rebuild_command,
    repair_command,
)
from rag.manifest import IndexManifest, read_manifest


@dataclass(frozen=True, slots=True)
class Info:
    """What `rag info` tells.

    Attributes:
        settings: Each setting, its value and where that came from.
        versions: Of Python, the libraries and this program.
        encoder: Model id that the index was made with, or the configured name.
        reader: The configured name.
        n_documents: Reports in the index; None if it cannot be used.
        n_chunks: Chunks in the index; None if it cannot be used.
        problem: Why the index cannot be used; None if it can.
    """

    settings: tuple[Setting, ...]
    versions: Mapping[str, str]
    encoder: str
    reader: str
    n_documents: int | None
    n_chunks: int | None
    problem: str | None

    def as_record(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "settings": {
                s.name: {"value": _plain(s.value), "from": s.origin} for s in self.settings
            },
            "versions": dict(self.versions),
            "models": {"encoder": self.encoder, "reader": self.reader},
            "index": {
                "n_documents": self.n_documents,
                "n_chunks": self.n_chunks,
                "problem": self.problem,
            },
        }

    def as_text(self) -> str:
        """For people."""
        counts = self.problem or f"{self.n_documents} reports, {self.n_chunks} chunks"
        return "\n".join(
            [
                *(f"{s.name:<22} {_shown(s):<28} {s.origin}" for s in self.settings),
                "",
                *(f"{name:<22} {value}" for name, value in self.versions.items()),
                "",
                f"{'encoder model':<22} {self.encoder}",
                f"{'reader model':<22} {self.reader}",
                f"{'index in use':<22} {counts}",
            ]
        )


def collect_info(config: RagConfig, given: Mapping[str, object]) -> Info:
    """What is in force under `config`, of which the command line set `given`."""
    try:
        manifest, problem = index_manifest(config), None
    # A broken or missing index is a finding here, not a failure.
    except (IndexNotFoundError, IndexCorruptError, IndexMismatchError) as exc:
        manifest, problem = None, str(exc)
    return Info(
        settings=explain_config(config, given),
        versions=library_versions() | {"commit": code_commit() or "not in git"},
        encoder=manifest.settings.model_id if manifest else config.encoder or "bundled",
        reader=config.reader or "bundled",
        n_documents=len(manifest.documents) if manifest else None,
        n_chunks=manifest.n_chunks if manifest else None,
        problem=problem,
    )


def index_manifest(config: RagConfig) -> IndexManifest:
    """What the index in use says about itself, without loading it.

    Raises:
        IndexNotFoundError: There is none.
        IndexCorruptError: Its manifest cannot be read.
        IndexMismatchError: It was written in another format.
    """
    root = config.index
    folder = current_generation(root, build_command(root))
    return read_manifest(folder, rebuild_command(root), repair_command(root))


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float) else str(value)


def _shown(setting: Setting) -> str:
    if setting.value != "":
        return str(setting.value)
    return "(beside the index)" if setting.name in ("history", "users") else "(bundled)"
