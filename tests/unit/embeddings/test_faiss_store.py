import json

import faiss
import numpy as np
import pytest

from embeddings.errors import StoreError
from embeddings.stores import FaissStore

ONE = np.array([[1, 0]], dtype=np.float32)


@pytest.fixture
def saved(tmp_path):
    store = FaissStore(4)
    store.add(["a", "b", "c"], np.eye(4, dtype=np.float32)[:3])
    store.save(tmp_path)
    return tmp_path


def test_files_are_as_open_to_others_as_any_new_file(saved):
    plain = saved / "plain"
    plain.touch()
    assert {path.stat().st_mode for path in saved.iterdir()} == {plain.stat().st_mode}


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_flipped_bit_in_the_vectors_is_found(saved, at):
    path = saved / "vectors.faiss"
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match=r"has SHA-256 \w+; expected \w+"):
        FaissStore.load(saved)


def test_a_file_of_another_format_is_refused(saved):
    path = saved / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}), encoding="utf-8")
    with pytest.raises(StoreError, match="format 99; expected 1"):
        FaissStore.load(saved)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}'])
def test_a_damaged_description_is_refused(saved, content):
    (saved / "store.json").write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match="is damaged"):
        FaissStore.load(saved)


def test_a_missing_id_is_found(saved):
    path = saved / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"ids": ["a"]}), encoding="utf-8")
    with pytest.raises(StoreError, match="no flat index of 1 vectors"):
        FaissStore.load(saved)


def test_ties_across_the_cut_are_broken_by_id():
    store = FaissStore(2)
    ids = [f"{n:03}" for n in range(200)]
    order = np.random.default_rng(0).permutation(200)
    store.add([ids[n] for n in order], np.tile(ONE, (200, 1)))
    (hits,) = store.search(ONE, 3)
    assert [hit.id for hit in hits] == ["000", "001", "002"]


@pytest.mark.parametrize("n_queries", [1, 9])
def test_a_search_takes_no_thread_but_its_own(n_queries):
    faiss.omp_set_num_threads(2)
    store = FaissStore(2)
    store.add(["a"], ONE)
    store.search(np.tile(ONE, (n_queries, 1)), 1)
    assert faiss.omp_get_max_threads() == 1


def test_a_dimension_below_one_is_refused():
    with pytest.raises(ValueError, match="dim is 0"):
        FaissStore(0)
