"""Is the index on disk what was written? Every file is checked by its hash."""

from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexCorruptError, IndexMismatchError, IndexNotFoundError
from rag.generations import (
    CURRENT_NAME,
    SUM_SUFFIX,
    build_command,
    generations,
    is_index,
    is_sealed,
    read_pointer,
    rebuild_command,
    repair_command,
)
from rag.manifest import (
    MANIFEST_NAME,
    IndexManifest,
    damaged_files,
    hash_file,
    read_manifest,
)


@dataclass(frozen=True, slots=True)
class CheckedGeneration:
    """One generation and what is wrong with it.

    Attributes:
        folder: Where it lies.
        manifest: None if that is damaged, too, or of another format.
        damaged: Its files that are missing or not what was written.
    """

    folder: Path
    manifest: IndexManifest | None
    damaged: tuple[Path, ...]

    @property
    def n_files(self) -> int:
        """How many files it has, as far as that is known."""
        return 1 + (len(self.manifest.files) if self.manifest else 0)

    @property
    def is_whole(self) -> bool:
        """True if all its files are what was written."""
        return self.manifest is not None and not self.damaged


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Attributes:
        pointer: The file that names the generation in use, if it is damaged; else None.
        in_use: The generation in use; None if no complete one is left.
        spare: The one kept beside it, which a damaged index falls back to; None if there is none.
    """

    pointer: Path | None
    in_use: CheckedGeneration | None
    spare: CheckedGeneration | None

    @property
    def damaged(self) -> tuple[Path, ...]:
        """All files that are missing or not what was written."""
        both = [checked for checked in (self.in_use, self.spare) if checked]
        pointer = [self.pointer] if self.pointer else []
        return (*pointer, *(path for checked in both for path in checked.damaged))


def verify_index(root: Path) -> Verification:
    """Check the pointer and every file of the generations in `root`; nothing is changed.

    Raises:
        IndexNotFoundError: There is no index in `root`.
        IndexMismatchError: It was written in another format.
    """
    check_is_there(root)
    pointer = root / CURRENT_NAME
    newest_first = generations(root)
    used: Path | None
    expected: str | None
    try:
        used, expected = _pointed_at(pointer)
    except (OSError, ValueError):
        sealed = [folder for folder in newest_first if is_sealed(folder)]
        used, expected = (sealed[0] if sealed else None), None
    # One above the generation in use was never used: a crash has ended its writer.
    older = newest_first[newest_first.index(used) + 1 :] if used else newest_first
    spares = [folder for folder in older if (folder / MANIFEST_NAME).is_file()]
    in_use = check_generation(used, expected) if used else None
    if in_use and in_use.manifest is None and not in_use.damaged:
        rebuild = rebuild_command(root)
        raise IndexMismatchError(f"{used} was made with another format; run: {rebuild}")
    return Verification(
        None if expected else pointer,
        in_use,
        check_generation(spares[0]) if spares else None,
    )


def check_is_there(root: Path) -> None:
    """Raise IndexNotFoundError if there is no index in `root`, in whatever state."""
    if not is_index(root):
        raise IndexNotFoundError(f"no index in {root}; run: {build_command(root)}")


def check_generation(folder: Path, expected: str | None = None) -> CheckedGeneration:
    """Every file of a generation by its hash; `expected` is the manifest's, if it is known."""
    seal, total = folder / MANIFEST_NAME, folder / f"{MANIFEST_NAME}{SUM_SUFFIX}"
    # A generation that an earlier version wrote has no sum.
    unsealed = [] if is_sealed(folder) or not total.exists() else [total]
    repair = repair_command(folder.parent)
    try:
        if unsealed and (expected is None or hash_file(seal) != expected):
            return CheckedGeneration(folder, None, (seal,))
        manifest = read_manifest(folder, repair, repair)
    except IndexMismatchError:
        return CheckedGeneration(folder, None, ())
    except (IndexCorruptError, OSError):
        return CheckedGeneration(folder, None, (seal,))
    return CheckedGeneration(folder, manifest, (*unsealed, *damaged_files(folder, manifest.files)))


def _pointed_at(pointer: Path) -> tuple[Path, str]:
    """The generation in use, and the hash of its manifest.

    Where pointer and manifest disagree, the manifest's own sum tells which of them is damaged.

    Raises:
        ValueError: The pointer is damaged.
        OSError: It is missing.
    """
    name, seal, expected = read_pointer(pointer)
    folder = pointer.with_name(name)
    if not folder.is_dir():
        raise ValueError(f"{pointer} names {name}, which is not there")
    if is_sealed(folder) and hash_file(folder / seal) != expected:
        raise ValueError(f"{pointer} is damaged")
    return folder, expected
