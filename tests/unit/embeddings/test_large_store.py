import numpy as np
import pytest

from embeddings.errors import StoreError
from embeddings.stores import FaissStore, LargeStore, build_store, load_store
from embeddings.stores.ivf import main_axes
from embeddings.stores.sealed import read_sealed, write_sealed

DIM = 16


@pytest.fixture(autouse=True)
def few_lists(monkeypatch):
    """A search leaves out most of the 54 lists, as it does of a thousand."""
    monkeypatch.setattr("embeddings.stores.ivf._PROBED_LISTS", 3)


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(3)
    centres = random.normal(size=(40, DIM))
    made = centres[random.integers(40, size=3000)] + 0.3 * random.normal(size=(3000, DIM))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def ids():
    return [f"文{n}" for n in range(3000)]


@pytest.fixture
def large(ids, vectors):
    return LargeStore.build(ids, vectors)


def names(hits):
    return [hit.id for hit in hits]


def test_nearly_all_of_the_nearest_are_found_and_their_scores_are_exact(large, ids, vectors):
    exact = FaissStore(DIM)
    exact.add(ids, vectors)
    queries = vectors[::100]
    shares = []
    for found, best in zip(large.search(queries, 10), exact.search(queries, 10), strict=True):
        scores = {hit.id: hit.score for hit in best}
        shares.append(sum(hit.id in scores for hit in found) / 10)
        for hit in found:
            assert hit.score == pytest.approx(scores.get(hit.id, hit.score), abs=1e-5)
    assert np.mean(shares) > 0.9


def test_so_they_are_by_codes_of_fewer_axes(ids, vectors, monkeypatch):
    monkeypatch.setattr("embeddings.stores.ivf._CODE_DIM", DIM // 2)
    turn, _ = np.linalg.qr(np.random.default_rng(4).normal(size=(DIM, DIM)))
    uneven = (vectors * np.repeat([1, 0.2], DIM // 2)) @ turn
    uneven = (uneven / np.linalg.norm(uneven, axis=1, keepdims=True)).astype(np.float32)
    assert main_axes(uneven).shape == (DIM, DIM // 2)
    few = LargeStore.build(ids, uneven)
    test_nearly_all_of_the_nearest_are_found_and_their_scores_are_exact(few, ids, uneven)


def test_few_allowed_are_all_found(large, ids, vectors):
    (hits,) = large.search(vectors[:1], 10, allowed=[ids[7], ids[2999], "unknown"])
    assert sorted(names(hits)) == sorted([ids[7], ids[2999]])


def test_what_is_added_is_found_beside_the_rest(large, ids, vectors):
    large.add(["新"], vectors[:1])
    assert names(large.search(vectors[:1], 2)[0]) == ["文0", "新"]
    assert large.ids() == (*ids, "新")
    assert large.count() == 3001


def test_what_is_deleted_is_not_found(large, vectors):
    large.add(["新"], vectors[:1])
    large.delete(["文0", "新"])
    assert not {"文0", "新"} & set(names(large.search(vectors[:1], 20)[0]))
    assert large.count() == 2999
    with pytest.raises(StoreError, match="is not stored"):
        large.delete(["文0"])


def test_an_id_of_the_inverted_file_is_in_use(large, vectors):
    with pytest.raises(StoreError, match="already stored"):
        large.add(["文5"], vectors[:1])


def test_it_comes_back_with_what_came_and_went(large, vectors, tmp_path):
    large.add(["新"], vectors[:1])
    large.delete(["文9"])
    large.save(tmp_path)
    loaded = load_store(tmp_path)
    assert loaded.ids() == large.ids()
    assert loaded.search(vectors[:9], 10) == large.search(vectors[:9], 10)


def test_files_of_another_store_are_told(large, ids, vectors, tmp_path):
    large.save(tmp_path)
    LargeStore.build(ids[:500], vectors[:500]).save(tmp_path / "other")
    (tmp_path / "other" / "settled" / "codes.faiss").replace(tmp_path / "settled" / "codes.faiss")
    with pytest.raises(StoreError, match="damaged"):
        LargeStore.load(tmp_path)


def test_a_store_from_before_there_were_axes_is_read(ids, vectors, monkeypatch, tmp_path):
    monkeypatch.setattr("embeddings.stores.ivf.main_axes", lambda _: np.eye(DIM, dtype=np.float32))
    before = LargeStore.build(ids, vectors)
    before.save(tmp_path)
    (tmp_path / "settled" / "axes.npy").unlink()
    with pytest.raises(StoreError, match=r"axes\.npy: No such file"):
        load_store(tmp_path)
    settings = read_sealed(tmp_path / "large.json", 1)
    del settings["has_axes"]
    write_sealed(tmp_path / "large.json", 1, settings)
    assert load_store(tmp_path).search(vectors[:9], 10) == before.search(vectors[:9], 10)


def test_a_store_of_a_later_version_is_told(large, tmp_path):
    large.save(tmp_path)
    write_sealed(tmp_path / "large.json", 2, {})
    with pytest.raises(StoreError, match="has format 2; expected 1"):
        load_store(tmp_path)


@pytest.mark.parametrize(("max_exact", "kind"), [(3000, FaissStore), (2999, LargeStore)])
def test_the_number_of_vectors_chooses_the_store(ids, vectors, tmp_path, max_exact, kind):
    store = build_store(ids, vectors, max_exact)
    store.save(tmp_path)
    assert type(store) is type(load_store(tmp_path)) is kind


def test_many_allowed_are_searched_in_the_lists(large, ids, vectors, monkeypatch):
    monkeypatch.setattr("embeddings.stores.ivf._FEW", 10)
    allowed = frozenset(ids[::30])
    (hits,) = large.search(vectors[:1], 5, allowed=allowed)
    best = sorted(range(0, 3000, 30), key=lambda row: -(vectors[row] @ vectors[0]))[:5]
    assert names(hits) == [ids[row] for row in best]
