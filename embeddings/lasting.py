"""Imports large libraries without having Python look through them again and again.

torch, transformers and sentence-transformers make some 500,000 objects that stay until the process
ends. Python's collector of cycles visits what is new after each 700 objects made, and everything
from time to time: importing takes a seventh less time when it does so seldom. What was imported is
then left out of all later collections, of which a full one would else take a third of a second.
"""

import gc
import importlib
import sys
import threading

# Objects made before the new ones are visited; what is older is not visited meanwhile.
_WHILE_IMPORTING = (100_000, 1_000, 1_000)
# The collector's settings are the process's: two at once would restore each other's.
_lock = threading.Lock()


def import_lasting(*names: str) -> None:
    """Import modules, and what they import, to be kept until the process ends.

    All objects that there are afterwards, the caller's too, count as lasting: reference counts
    still free them, but cycles of them are not found any more.
    """
    with _lock:
        if all(name in sys.modules for name in names):
            return
        gc.collect()
        thresholds = gc.get_threshold()
        gc.set_threshold(*_WHILE_IMPORTING)
        try:
            for name in names:
                importlib.import_module(name)
        finally:
            gc.set_threshold(*thresholds)
        gc.freeze()
