"""What every vector store must do; a new backend joins by a parameter of `kind`."""

import threading

import numpy as np
import pytest

from embeddings.errors import StoreError
from embeddings.stores import FaissStore, Hit, LargeStore, MilvusAddress, MilvusStore

DIM = 8


class Settled(LargeStore):
    """A large store of which `store` has most vectors in the inverted file."""


def milvus_lite(folder):
    """The Milvus store, made in Milvus Lite in `folder`."""
    pytest.importorskip("pymilvus", reason="pymilvus is not installed; run: pip install -e .[dev]")

    class Lite(MilvusStore):
        def __init__(self, dim):
            super().__init__(dim, MilvusAddress(str(folder / "vectors.db")))

    return Lite


@pytest.fixture(params=["faiss", "large", "settled", "milvus"])
def kind(request, monkeypatch, tmp_path_factory):
    # All lists are looked through, so that searches are exact.
    monkeypatch.setattr("embeddings.stores.ivf._PROBED_LISTS", 10**6)
    if request.param == "milvus":
        return milvus_lite(tmp_path_factory.mktemp("milvus"))
    return {"faiss": FaissStore, "large": LargeStore, "settled": Settled}[request.param]


@pytest.fixture
def vectors():
    raw = np.random.default_rng(1).normal(size=(50, DIM)).astype(np.float32)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


@pytest.fixture
def ids():
    return [f"文{n:02}" for n in range(50)]


@pytest.fixture
def store(kind, ids, vectors):
    n_settled = 40 if kind is Settled else 0
    store = kind.build(ids[:n_settled], vectors[:n_settled]) if n_settled else kind(DIM)
    store.add(ids[n_settled:], vectors[n_settled:])
    return store


def test_search_agrees_with_numpy(store, ids, vectors):
    queries = np.random.default_rng(2).normal(size=(7, DIM)).astype(np.float32)
    for query, hits in zip(queries, store.search(queries, 5), strict=True):
        scores = vectors @ query
        best = np.argsort(-scores)[:5]
        assert [hit.id for hit in hits] == [ids[n] for n in best]
        np.testing.assert_allclose([hit.score for hit in hits], scores[best], rtol=1e-4)


def test_one_query_and_many_find_the_same(store, vectors):
    together = store.search(vectors, 3)
    alone = [store.search(vector[None], 3)[0] for vector in vectors]
    assert [[h.id for h in hits] for hits in together] == [[h.id for h in hits] for hits in alone]


def test_allowed_ids_alone_are_found(store, ids, vectors):
    (hits,) = store.search(vectors[:1], 10, allowed=[ids[3], ids[9], "unknown"])
    scores = vectors @ vectors[0]
    assert [hit.id for hit in hits] == sorted([ids[3], ids[9]], key=lambda i: -scores[ids.index(i)])


def test_nothing_allowed_finds_nothing(store, vectors):
    assert store.search(vectors[:2], 5, allowed=[]) == [[], []]


def test_fewer_vectors_than_asked_are_all_found(store, vectors):
    assert len(store.search(vectors[:1], 500)[0]) == 50


def test_ties_are_broken_by_id(kind):
    store = kind(2)
    store.add(["b", "c", "a"], np.array([[1, 0], [0, 1], [1, 0]], np.float32))
    (hits,) = store.search(np.array([[1, 0]], np.float32), 2)
    assert hits == [Hit("a", 1.0), Hit("b", 1.0)]


def test_of_many_ties_at_the_cut_the_first_ids_come_in(kind):
    store = kind(2)
    store.add(list("hgfedcba"), np.array([[1, 0]] * 6 + [[0, 1]] * 2, np.float32))
    (hits,) = store.search(np.array([[1, 0]], np.float32), 2)
    assert [hit.id for hit in hits] == ["c", "d"]


def test_an_empty_store_finds_nothing(kind, vectors):
    assert kind(DIM).search(vectors[:2], 5) == [[], []]
    assert kind(DIM).count() == 0


def test_no_queries_find_nothing(store):
    assert store.search(np.empty((0, DIM), np.float32), 5) == []


def test_deleted_ids_are_gone_and_the_rest_stays(store, ids, vectors):
    store.delete([ids[0], ids[20]])
    assert store.count() == 48
    assert store.ids() == tuple(each for n, each in enumerate(ids) if n not in (0, 20))
    assert store.search(vectors[30:31], 1)[0][0].id == ids[30]
    assert ids[20] not in [hit.id for hit in store.search(vectors[20:21], 48)[0]]


def test_a_deleted_id_can_be_added_again(store, ids, vectors):
    store.delete(ids[:1])
    store.add(ids[:1], -vectors[:1])
    assert store.search(-vectors[:1], 1)[0][0].id == ids[0]


def test_deleting_an_unknown_id_deletes_nothing(store, ids):
    with pytest.raises(StoreError, match="'nobody' is not stored"):
        store.delete([ids[0], "nobody"])
    assert store.count() == 50


@pytest.mark.parametrize("new", [["x", "x"], ["x", "文00"]])
def test_an_id_in_use_adds_nothing(store, vectors, new):
    with pytest.raises(StoreError, match="already stored"):
        store.add(new, vectors[:2])
    assert store.count() == 50


def test_ids_and_vectors_must_be_as_many(store, vectors):
    with pytest.raises(StoreError, match="1 ids for 2 vectors"):
        store.add(["x"], vectors[:2])


@pytest.mark.parametrize("shape", [(1, DIM + 1), (DIM,), (1, 1, DIM)])
def test_another_shape_is_refused(store, shape):
    wrong = np.zeros(shape, np.float32)
    with pytest.raises(StoreError, match=r"expected \(n, 8\)"):
        store.add(["x"], wrong)
    with pytest.raises(StoreError, match=r"expected \(n, 8\)"):
        store.search(wrong, 1)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(store, number):
    wrong = np.full((1, DIM), number, np.float32)
    with pytest.raises(StoreError, match="NaN or infinity"):
        store.add(["x"], wrong)
    with pytest.raises(StoreError, match="NaN or infinity"):
        store.search(wrong, 1)


def test_top_k_below_one_is_refused(store, vectors):
    with pytest.raises(ValueError, match="top_k is 0"):
        store.search(vectors[:1], 0)


def test_a_saved_store_comes_back(kind, store, vectors, tmp_path):
    store.save(tmp_path / "new" / "folder")
    loaded = kind.load(tmp_path / "new" / "folder")
    assert (loaded.dim, loaded.count(), loaded.ids()) == (DIM, 50, store.ids())
    assert loaded.search(vectors, 5) == store.search(vectors, 5)


def test_an_empty_store_comes_back(kind, tmp_path):
    kind(DIM).save(tmp_path)
    assert kind.load(tmp_path).count() == 0


def test_a_missing_store_is_named(kind, tmp_path):
    with pytest.raises(StoreError, match="cannot read vectors"):
        kind.load(tmp_path / "nowhere")


def test_each_cut_file_is_found(kind, store, tmp_path):
    store.save(tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for data in (b"", whole[: len(whole) // 2], whole[:-1]):
            path.write_bytes(data)
            with pytest.raises(StoreError):
                kind.load(tmp_path)
        path.write_bytes(whole)


def test_an_unwritable_folder_is_named(store, tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot write vectors"):
        store.save(tmp_path / "file" / "store")


def test_searches_during_changes_name_stored_ids_only(store, vectors):
    wrong: list[Hit] = []

    def search():
        for _ in range(50):
            for hits in store.search(vectors[:3], 5):
                wrong.extend(hit for hit in hits if not hit.id.startswith(("文", "新")))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(20):
        store.add([f"新{n}"], vectors[:1])
        store.delete([f"新{n}"])
    for thread in threads:
        thread.join()
    assert wrong == []
