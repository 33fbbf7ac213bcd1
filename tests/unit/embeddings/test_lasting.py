import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest

from embeddings.lasting import import_lasting


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a module that can be imported, and undoes what its import did."""
    monkeypatch.syspath_prepend(tmp_path)
    frozen = gc.get_freeze_count()

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    yield write
    if gc.get_freeze_count() != frozen:
        gc.unfreeze()
    for name in ("made_once", "made_slowly", "made_wrong"):
        sys.modules.pop(name, None)


def test_what_a_module_makes_is_left_out_of_collections(module):
    before = gc.get_freeze_count()
    import_lasting(module("made_once", "import gc\nKEPT = [[] for _ in range(500)]"))
    assert len(sys.modules["made_once"].KEPT) == 500
    assert gc.get_freeze_count() >= before + 500


def test_garbage_of_the_caller_is_collected_before(module):
    class Ring:
        itself: "Ring"

    ring = Ring()
    ring.itself = ring
    found = weakref.ref(ring)
    del ring
    import_lasting(module("made_once", ""))
    assert found() is None


def test_collections_are_rare_only_meanwhile(module):
    before = gc.get_threshold()
    import_lasting(module("made_once", "import gc\nSEEN = gc.get_threshold()"))
    assert sys.modules["made_once"].SEEN[0] > before[0]
    assert gc.get_threshold() == before


def test_a_failed_import_leaves_the_collector_as_it_was(module):
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(ZeroDivisionError):
        import_lasting(module("made_wrong", "1 / 0"))
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, frozen)


def test_what_is_imported_already_freezes_nothing(module):
    frozen = gc.get_freeze_count()
    import_lasting("sys", "gc")
    assert gc.get_freeze_count() == frozen


def test_two_threads_restore_what_was_before_both(module, monkeypatch: pytest.MonkeyPatch):
    second_began, first_ended = threading.Event(), threading.Event()
    monkeypatch.setattr(sys, "second_began", second_began, raising=False)
    monkeypatch.setattr(sys, "first_ended", first_ended, raising=False)
    first = module("made_once", "import sys\nsys.second_began.wait(0.2)")
    second = module("made_slowly", "import sys\nsys.second_began.set()\nsys.first_ended.wait(5)")
    before = gc.get_threshold()
    threads = [threading.Thread(target=import_lasting, args=(name,)) for name in (first, second)]
    for thread in threads:
        thread.start()
    threads[0].join()
    first_ended.set()
    threads[1].join()
    assert gc.get_threshold() == before
