"""SQLite's own writes, seen at the place that it has for such tests: its table of system calls."""

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.faults.steps import OnStep

_INT, _LONG, _POINTER, _TEXT = ctypes.c_int, ctypes.c_long, ctypes.c_void_p, ctypes.c_char_p
_CALLS: dict[str, tuple[Any, ...]] = {
    "open": (_INT, _TEXT, _INT, _INT),
    "write": (_LONG, _INT, _POINTER, ctypes.c_size_t),
    "pwrite": (_LONG, _INT, _POINTER, ctypes.c_size_t, _LONG),
    "pwrite64": (_LONG, _INT, _POINTER, ctypes.c_size_t, _LONG),
    "ftruncate": (_INT, _INT, _LONG),
    "unlink": (_INT, _TEXT),
}
_WRITING = os.O_CREAT | os.O_TRUNC


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` of sqlite3.h, version 3."""

    _fields_ = (
        ("iVersion", _INT),
        ("szOsFile", _INT),
        ("mxPathname", _INT),
        ("pNext", _POINTER),
        ("zName", _TEXT),
        ("pAppData", _POINTER),
        ("methods", _POINTER * 13),  # xOpen to xCurrentTimeInt64
        ("xSetSystemCall", ctypes.CFUNCTYPE(_INT, _POINTER, _TEXT, _POINTER)),
        ("xGetSystemCall", ctypes.CFUNCTYPE(_POINTER, _POINTER, _TEXT)),
    )


def sqlite_library() -> ctypes.CDLL | None:
    """The library that Python's sqlite3 uses; None if it is built in and cannot be reached."""
    import sqlite3

    sqlite3.connect(":memory:").close()
    maps = Path("/proc/self/maps").read_text("utf-8").split()
    paths = [word for word in maps if "/libsqlite3" in word]
    return ctypes.CDLL(paths[0]) if paths else None


@contextlib.contextmanager
def sqlite_watched(on_step: OnStep) -> Iterator[None]:
    """Tell `on_step` of SQLite's writes; an OSError that it raises becomes the call's error.

    Raises:
        RuntimeError: SQLite is built into this Python: its calls cannot be seen.
    """
    library = sqlite_library()
    if library is None:
        raise RuntimeError("this Python has SQLite built in; its writes cannot be watched")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    pointer = library.sqlite3_vfs_find(None)
    vfs, address = pointer.contents, ctypes.cast(pointer, _POINTER)
    kept = [_replace(vfs, address, name, types, on_step) for name, types in _CALLS.items()]
    try:
        yield
    finally:
        for name in _CALLS:
            vfs.xSetSystemCall(address, name.encode(), None)
        del kept


def _replace(vfs: _Vfs, address: Any, name: str, types: tuple[Any, ...], on_step: OnStep) -> Any:
    kind = ctypes.CFUNCTYPE(*types)
    real_address = vfs.xGetSystemCall(address, name.encode())
    if not real_address:
        return None
    made = kind(_step(name, kind(real_address), on_step))
    vfs.xSetSystemCall(address, name.encode(), ctypes.cast(made, _POINTER))
    return made


def _step(name: str, real: Callable[..., int], on_step: OnStep) -> Callable[..., int]:
    def made(first: Any, *more: Any) -> int:
        if name == "open" and not more[0] & _WRITING:
            return real(first, *more)
        path = os.fsdecode(first) if isinstance(first, bytes) else f"descriptor {first}"
        try:
            on_step(f"sqlite {name}", path)
        except OSError as exc:
            _set_errno(exc.errno or errno.EIO)
            return -1
        return real(first, *more)

    return made


def _set_errno(number: int) -> None:
    location = ctypes.CDLL(None).__errno_location
    location.restype = ctypes.POINTER(_INT)
    location().contents.value = number
