"""The folder of given and taken files on their way: private, and emptied as time goes by."""

import atexit
import functools
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from rag.temporary import claim, remove_abandoned

KEEP_SECONDS = 3600.0
PREFIX = "report-qa-files-"
_LOOK_SECONDS = 300.0


@functools.cache
def use_private_folder() -> Path:
    """Let Gradio keep files in a folder of this process, which nobody else can read.

    Its own place is shared by all users of the machine. Files older than `KEEP_SECONDS` are
    deleted, which Gradio's `delete_cache` does for uploads only, not for exports; the folder goes
    when the process ends, or, if it was killed, when the next one begins. Call before the page is
    built.
    """
    remove_abandoned(Path(tempfile.gettempdir()), PREFIX)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    claim(folder)  # Until the process ends.
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    threading.Thread(target=_sweep_forever, args=(folder,), daemon=True).start()
    return folder


def sweep(folder: Path, keep_seconds: float = KEEP_SECONDS) -> int:
    """Delete what is older in the folder and below it; how many files that were."""
    oldest = time.time() - keep_seconds
    n_deleted = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # What is inside comes first.
        try:
            if path.lstat().st_mtime < oldest:
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
                    n_deleted += 1
        except OSError:  # It is gone, or a folder is not empty; next time, then.
            continue
    return n_deleted


def _sweep_forever(folder: Path) -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        sweep(folder)
