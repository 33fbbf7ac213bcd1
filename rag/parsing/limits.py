"""How much a file may hold, checked before it is parsed: hostile files are small and unpack."""

import io
import sys
import zipfile

from rag.errors import DocumentError

MAX_PAGES = 2_000
MAX_CELLS = 500_000
MAX_CHARS = 50_000_000
MAX_MEMORY_BYTES = 2 << 30
_MAX_MEMBERS = 2_000
_MAX_UNPACKED_BYTES = 300_000_000
_MAX_RATIO = 200
# Small files of much repeated markup may be packed well; they do no harm.
_RATIO_FREE_BYTES = 10_000_000
_BLOCK_BYTES = 1 << 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def limit_memory() -> None:
    """Hold this process to MAX_MEMORY_BYTES of address space, where the platform can do that."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def check_pages(n_pages: int, name: str) -> None:
    """Raise DocumentError if a report has too many pages."""
    if n_pages > MAX_PAGES:
        raise DocumentError(f"{name}: has {n_pages} pages, more than {MAX_PAGES}; split it")


def check_chars(n_chars: int, name: str) -> None:
    """Raise DocumentError if a report has too much text."""
    if n_chars > MAX_CHARS:
        raise DocumentError(
            f"{name}: has {n_chars} characters of text, more than {MAX_CHARS}; split it"
        )


def check_cells(n_cells: int, name: str) -> None:
    """Raise DocumentError if tables hold too many cells, merged ones counted in full."""
    if n_cells > MAX_CELLS:
        raise DocumentError(
            f"{name}: its tables have {n_cells} cells or more, more than {MAX_CELLS}; split it"
        )


def check_office_file(data: bytes, name: str) -> None:
    """Raise DocumentError unless `data` is a sound zip archive of bearable size.

    Both what the archive declares and what really comes out of it count.
    """
    if data.startswith(_OLD_OFFICE):
        raise DocumentError(
            f"{name}: is in an old Office format or has a password; save it anew without one"
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise DocumentError(
                f"{name}: packs {len(members)} parts, more than {_MAX_MEMBERS}; save it anew"
            )
        _check_unpacked(sum(member.file_size for member in members), len(data), name)
        n_bytes = 0
        for member in members:
            with archive.open(member) as part:
                while block := part.read(_BLOCK_BYTES):
                    n_bytes += len(block)
                    _check_unpacked(n_bytes, len(data), name)


def _check_unpacked(n_bytes: int, n_packed: int, name: str) -> None:
    if n_bytes > _MAX_UNPACKED_BYTES:
        raise DocumentError(
            f"{name}: unpacks to {n_bytes} bytes or more, more than {_MAX_UNPACKED_BYTES}; split it"
        )
    if n_bytes > _RATIO_FREE_BYTES and n_bytes > _MAX_RATIO * n_packed:
        raise DocumentError(
            f"{name}: unpacks to {n_bytes // n_packed} times its size or more, more than "
            f"{_MAX_RATIO} times, as no report does; save it anew"
        )
