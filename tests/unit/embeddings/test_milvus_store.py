import sys

import numpy as np
import pytest

from embeddings.errors import StoreError, StoreUnavailableError
from embeddings.stores import FaissBackend, MilvusAddress, MilvusBackend, MilvusStore
from embeddings.stores.milvus import drop_saved
from embeddings.stores.milvus_client import connect

ROWS = np.eye(3, dtype=np.float32)
IDS = ["a", "b", "c"]


def test_missing_package_is_one_line_that_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(
        StoreUnavailableError, match=r'run: pip install -c constraints.txt "\.\[milvus\]"'
    ):
        MilvusBackend(MilvusAddress(str(tmp_path / "m.db")))


def test_a_token_is_not_shown():
    assert "secret" not in repr(MilvusAddress("http://host:19530", "secret"))


@pytest.fixture
def address(tmp_path):
    pytest.importorskip("pymilvus", reason="pymilvus is not installed; run: pip install -e .[dev]")
    return MilvusAddress(str(tmp_path / "milvus" / "m.db"))


@pytest.fixture
def saved(address, tmp_path):
    store = MilvusStore(3, address)
    store.add(IDS, ROWS)
    store.save(tmp_path / "saved")
    return store


def test_no_call_waits_for_ever(saved, tmp_path, monkeypatch):
    without = []

    class Watched:
        def __init__(self, client):
            self._client = client

        def __getattr__(self, name):
            def call(*arguments, **named):
                if not named.get("timeout"):
                    without.append(name)
                return getattr(self._client, name)(*arguments, **named)

            return call

    def watched(address):
        return Watched(connect(address))

    monkeypatch.setattr("embeddings.stores.milvus.connect", watched)
    store = MilvusStore.load(tmp_path / "saved")
    store.add(["d"], ROWS[:1])
    store.search(ROWS, 2)
    store.delete(["d"])
    store.save(tmp_path / "saved")
    drop_saved(tmp_path / "saved")
    assert without == []


def test_server_that_is_not_there_is_named(address):
    with pytest.raises(StoreUnavailableError, match=r"cannot reach Milvus at http://127.0.0.1:1 "):
        MilvusBackend(MilvusAddress("http://127.0.0.1:1"))


def test_vectors_that_milvus_has_lost_are_missed(saved, address, tmp_path):
    client = connect(address)
    client.delete(client.list_collections()[0], ids=["b"])
    with pytest.raises(StoreError, match="holds 2 vectors; expected 3"):
        MilvusStore.load(tmp_path / "saved")


def test_collection_that_is_gone_is_named(saved, address, tmp_path):
    MilvusBackend(address).forget(tmp_path / "saved")
    with pytest.raises(StoreError, match="there is no collection rag_"):
        MilvusStore.load(tmp_path / "saved")


def test_a_changed_file_is_found(saved, tmp_path):
    path = tmp_path / "saved" / "milvus.json"
    path.write_text(path.read_text().replace('"b"', '"x"'))
    with pytest.raises(StoreError, match="SHA-256"):
        MilvusStore.load(tmp_path / "saved")


def test_a_store_whose_writing_broke_off_is_forgotten_too(address, tmp_path):
    backend = MilvusBackend(address)
    with pytest.raises(StoreError, match="already stored"):
        backend.write(["a", "a", "b"], ROWS, tmp_path / "begun")
    assert len(connect(address).list_collections()) == 1
    backend.forget(tmp_path / "begun")
    assert connect(address).list_collections() == []


def test_faiss_forgets_what_milvus_kept_before(saved, address, tmp_path):
    FaissBackend().forget(tmp_path / "saved")
    assert connect(address).list_collections() == []


def test_forgetting_does_not_make_a_database_that_was_deleted(saved, tmp_path):
    gone = tmp_path / "gone.db"
    drop_saved(tmp_path / "saved", MilvusAddress(str(gone)))
    assert not gone.exists()


def test_an_id_that_milvus_cannot_hold_adds_nothing(saved):
    with pytest.raises(StoreError, match="has 300 bytes; expected"):
        saved.add(["x", "文" * 100], ROWS[:2])
    assert saved.count() == 3


def test_ids_with_quotation_marks_are_found_among_allowed(saved):
    saved.add(['"d\\', "it's"], np.array([[2, 0, 0], [3, 0, 0]], np.float32))
    (hits,) = saved.search(ROWS[:1], 5, allowed=['"d\\', "a"])
    assert [hit.id for hit in hits] == ['"d\\', "a"]
