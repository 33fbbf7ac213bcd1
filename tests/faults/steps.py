"""Sees every step that changes the disk before it is made, by whatever code: it may kill or fail.

A step is the opening of a file for writing, each half of a write, a sync, a truncation, a rename,
a link, a deletion, and the making or removing of a folder. SQLite's own are in `sqlite_steps`.
"""

import builtins
import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

OnStep = Callable[[str, str], None]
"""Told the kind of a step and its path, before it is made; whatever it raises ends the step."""

REMOVALS = ("unlink", "remove", "rmdir")
_BY_PATH = ("replace", "rename", "link", "mkdir", "truncate", *REMOVALS)
_BY_DESCRIPTOR = ("fsync", "fdatasync", "ftruncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_open, _write = io.open, os.write


class WatchedFile(io.BufferedIOBase):
    """A file opened for writing whose every write is two steps, so that one can be torn."""

    def __init__(self, raw: io.FileIO, path: str, on_step: OnStep) -> None:
        self._raw, self._path, self._on_step = raw, path, on_step

    def write(self, data: Any) -> int:
        data = memoryview(data).cast("B")
        middle = len(data) // 2
        for kind, part in (("write", data[:middle]), ("rest of write", data[middle:])):
            self._on_step(kind, self._path)
            self._raw.write(part)
        return len(data)

    def fileno(self) -> int:
        return self._raw.fileno()

    def read(self, size: int | None = -1) -> bytes:
        return self._raw.read(-1 if size is None else size) or b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readable(self) -> bool:
        return self._raw.readable()

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


@contextlib.contextmanager
def watched(on_step: OnStep) -> Iterator[None]:
    """Tell `on_step` of each step that this process makes in Python and its libraries."""

    def open_descriptor(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & _WRITING:
            on_step("open", os.fspath(path))
        descriptor: int = real["open"](path, flags, *more, **named)
        return descriptor

    def write(descriptor: int, data: bytes) -> int:
        on_step("write", _path_of(descriptor))
        return _write(descriptor, data)

    def step(name: str) -> Callable[..., Any]:
        def made(first: Any, *more: Any, **named: Any) -> Any:
            on_step(name, _path_of(first) if name in _BY_DESCRIPTOR else os.fspath(first))
            return real[name](first, *more, **named)

        return made

    real = {name: getattr(os, name) for name in ("open", *_BY_PATH, *_BY_DESCRIPTOR)}
    with contextlib.ExitStack() as patches:
        for module in (builtins, io):
            patches.enter_context(patch.object(module, "open", _watched_open(on_step)))
        patches.enter_context(patch.object(os, "open", open_descriptor))
        patches.enter_context(patch.object(os, "write", write))
        for name in (*_BY_PATH, *_BY_DESCRIPTOR):
            patches.enter_context(patch.object(os, name, step(name)))
        yield


def _watched_open(on_step: OnStep) -> Callable[..., Any]:
    def open_watched(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if not set(mode) & set("wax+") or isinstance(file, int):
            return _open(file, mode, *more, **named)
        on_step("open", os.fspath(file))
        raw = io.FileIO(file, mode.replace("b", "").replace("t", ""), opener=named.get("opener"))
        watched_file = WatchedFile(raw, os.fspath(file), on_step)
        if "b" in mode:
            return watched_file
        text: Any = {key: named.get(key) for key in ("encoding", "errors", "newline")}
        return io.TextIOWrapper(watched_file, **text)

    return open_watched


def _path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())
