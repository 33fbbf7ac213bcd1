"""An index whose vectors are in Milvus Lite."""

import logging
from dataclasses import replace

import pytest

from embeddings.errors import StoreUnavailableError
from embeddings.stores.milvus import MilvusStore
from embeddings.stores.milvus_client import MilvusAddress, connect
from rag.backup import back_up
from rag.config import RagConfig, load_config
from rag.doctor import examine
from rag.errors import BackupError, ConfigError, IndexMismatchError
from rag.index import build_index, load_index
from rag.types import Document
from tests.fakes import HashEncoder


def document(name, text):
    return Document(name, f"hash of {text}", text, f"{name}报告")


SHELF = [document("茶", "东禾县种茶800亩。" * 12), document("路", "冬河区修路20公里。" * 12)]


@pytest.mark.parametrize(
    "store", ["milvus+", "milvus+folder", "milvus+ftp://a/b.db", "faiss+x.db", "qdrant"]
)
def test_a_store_that_is_not_known_is_refused(store):
    with pytest.raises(ConfigError, match="expected faiss, milvus, milvus"):
        RagConfig(store=store)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="put user:password into RAG_STORE_TOKEN") as caught:
        RagConfig(store="milvus+http://root:secret@host:19530")
    assert "secret" not in str(caught.value)


def test_the_store_is_set_by_the_environment(monkeypatch):
    monkeypatch.setenv("RAG_STORE", "milvus+http://host:19530")
    assert load_config().store == "milvus+http://host:19530"


@pytest.fixture
def config(tmp_path):
    pytest.importorskip("pymilvus", reason="pymilvus is not installed; run: pip install -e .[dev]")
    return RagConfig(index=tmp_path / "index", chunk_chars=60, store="milvus")


def collections(config):
    return set(connect(MilvusAddress(str(config.index / "milvus.db"))).list_collections())


def test_milvus_finds_what_faiss_finds(config, tmp_path):
    encoder = HashEncoder()
    build_index(SHELF, encoder, config)
    in_milvus = load_index(config, encoder)
    in_faiss = build_index(SHELF, encoder, replace(config, index=tmp_path / "other", store="faiss"))
    assert isinstance(in_milvus.windows, MilvusStore)
    assert in_milvus.chunks == in_faiss.chunks
    for ours, theirs in ((in_milvus.store, in_faiss.store), (in_milvus.windows, in_faiss.windows)):
        assert ours.ids() == theirs.ids()
        found = [
            store.search(encoder.encode_queries(["种茶多少亩"]), 5)[0] for store in (ours, theirs)
        ]
        assert [hit.id for hit in found[0]] == [hit.id for hit in found[1]]
        assert [hit.score for hit in found[0]] == pytest.approx([hit.score for hit in found[1]])


def test_collections_of_generations_that_are_removed_go(config):
    for n in (1, 2, 1, 2):
        build_index(SHELF[:n], HashEncoder(), config)
    assert len(list(config.index.glob("gen-*"))) == 2
    assert len(collections(config)) == 4


def test_a_change_of_store_encodes_nothing(config):
    build_index(SHELF, HashEncoder(), replace(config, store="faiss"))
    encoder = HashEncoder()
    build_index(SHELF, encoder, config)
    assert encoder.encoded == []


def test_an_index_of_another_store_is_refused_with_what_to_do(config):
    build_index(SHELF, HashEncoder(), config)
    with pytest.raises(
        IndexMismatchError,
        match=r"wants 'faiss'; run: rag \.\.\. --store milvus, or: rag index PATH --index",
    ):
        load_index(replace(config, store="faiss"))


def test_a_backup_that_would_miss_the_vectors_is_refused(config, tmp_path):
    build_index(SHELF, HashEncoder(), config)
    with pytest.raises(BackupError, match=r"are in milvus, .* run: rag index PATH --store faiss"):
        back_up(config, tmp_path / "shelf.zip")
    assert not (tmp_path / "shelf.zip").exists()


def test_the_doctor_names_a_store_that_is_not_there(config):
    build_index(SHELF, HashEncoder(), config)
    away = replace(config, store="milvus+http://127.0.0.1:1")
    (finding,) = (finding for finding in examine(away) if finding.name == "index")
    assert not finding.is_ok
    assert "cannot reach Milvus at http://127.0.0.1:1 " in finding.told


def test_collections_that_are_gone_are_made_again_without_encoding(config):
    build_index(SHELF, HashEncoder(), config)
    client = connect(MilvusAddress(str(config.index / "milvus.db")))
    for name in collections(config):
        client.drop_collection(name)
    encoder = HashEncoder()
    build_index(SHELF, encoder, config)
    assert encoder.encoded == []
    assert load_index(config, encoder).store.count() > 0


def test_an_index_that_was_moved_is_read_where_it_is(config, tmp_path):
    build_index(SHELF, HashEncoder(), replace(config, store=f"milvus+{tmp_path / 'm.db'}"))
    moved = replace(config, index=tmp_path / "moved", store=f"milvus+{tmp_path / 'm.db'}")
    config.index.rename(moved.index)
    assert load_index(moved).store.count() == len(load_index(moved).chunks)


def test_server_that_is_not_there_is_told_before_anything_is_encoded(config):
    encoder = HashEncoder()
    with pytest.raises(StoreUnavailableError, match="cannot reach Milvus"):
        build_index(SHELF, encoder, replace(config, store="milvus+http://127.0.0.1:1"))
    assert encoder.encoded == []


def test_generation_whose_vectors_cannot_be_removed_is_kept_with_a_warning(
    config, monkeypatch, caplog
):
    for n in (1, 2):
        build_index(SHELF[:n], HashEncoder(), config)

    def refuse(*_):
        raise StoreUnavailableError("the server is not there")

    monkeypatch.setattr("embeddings.stores.backends.drop_saved", refuse)
    with caplog.at_level(logging.WARNING):
        build_index(SHELF[:1], HashEncoder(), config)
    assert "gen-000001 is kept, for its vectors cannot be removed: the server" in caplog.text
    assert len(list(config.index.glob("gen-*"))) == 3
