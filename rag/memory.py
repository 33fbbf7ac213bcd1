"""Memory that is no longer used, given back to the system."""

import ctypes


def give_back() -> None:
    """Let the C library give its free pages back; where it cannot (not glibc), nothing happens.

    An old generation of the shelf lies between what several threads have allocated since, so that
    glibc keeps its pages: over 400 questions and 126 changes of the shelf what was in use stayed
    562 MB, what was free grew from 125 to 161 (docs/experiments.md).
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
