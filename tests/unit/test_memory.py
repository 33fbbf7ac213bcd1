from pathlib import Path

import psutil
import pytest

from rag.memory import give_back

MB = 1 << 20


def resident() -> int:
    return int(psutil.Process().memory_info().rss)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="not Linux")
def test_memory_between_what_is_in_use_is_given_back():
    pieces = [bytes(3000) for _ in range(100_000)]
    full = resident()
    kept = pieces[::100]
    del pieces  # Its pages are free, but for some; glibc keeps those below the last that is used.
    before = resident()
    give_back()
    assert len(kept) == 1000
    assert full - resident() > 100 * MB
    assert before - resident() > 50 * MB
