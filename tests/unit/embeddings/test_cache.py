import json

import numpy as np
import pytest

from embeddings.cache import VectorCache
from embeddings.errors import EmbeddingsError


class CountingEncoder:
    """Gives each text a vector of its length, and remembers what it was asked for."""

    model_id = "counting@1"
    dim = 2

    def __init__(self):
        self.asked = []

    def encode_queries(self, texts, *, show_progress=False):
        return self.encode_passages(texts)

    def encode_passages(self, texts, *, show_progress=False):
        self.asked.extend(texts)
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


@pytest.fixture
def encoder():
    return CountingEncoder()


def test_equal_texts_are_encoded_once_and_both_given(tmp_path, encoder):
    cache = VectorCache(tmp_path, encoder.model_id)
    vectors = cache.encode_passages(encoder, ["人口", "a", "人口"])
    assert encoder.asked == ["人口", "a"]
    np.testing.assert_array_equal(vectors, [[2, 1], [1, 1], [2, 1]])


def test_a_new_cache_reads_what_was_written(tmp_path, encoder):
    VectorCache(tmp_path, encoder.model_id).encode_passages(encoder, ["abc"])
    again = VectorCache(tmp_path, encoder.model_id)
    vectors = again.encode_passages(encoder, ["abc", "de"])
    assert encoder.asked == ["abc", "de"]
    np.testing.assert_array_equal(vectors, [[3, 1], [2, 1]])
    assert len(again) == 2


def test_no_texts_give_no_rows(tmp_path, encoder):
    assert VectorCache(tmp_path, encoder.model_id).encode_passages(encoder, []).shape == (0, 2)
    assert list(tmp_path.iterdir()) == []


def test_models_do_not_share_vectors(tmp_path, encoder):
    VectorCache(tmp_path, encoder.model_id).encode_passages(encoder, ["abc"])
    assert len(VectorCache(tmp_path, "other@1")) == 0


def test_another_models_encoder_is_refused(tmp_path, encoder):
    with pytest.raises(ValueError, match=r"cache is for other@1, the encoder counting@1"):
        VectorCache(tmp_path, "other@1").encode_passages(encoder, ["abc"])


@pytest.mark.parametrize("pattern", ["*.npy", "keys.json"])
@pytest.mark.parametrize("change", ["cut", "flip", "remove"])
def test_damage_drops_the_cache_with_a_warning(tmp_path, encoder, caplog, pattern, change):
    VectorCache(tmp_path, encoder.model_id).encode_passages(encoder, ["abc", "de"])
    (path,) = tmp_path.glob(f"*/{pattern}")
    _damage(path, change)
    cache = VectorCache(tmp_path, encoder.model_id)
    assert len(cache) == 0
    assert ("damaged" in caplog.text) == (path.name != "keys.json" or change != "remove")
    np.testing.assert_array_equal(cache.encode_passages(encoder, ["abc"]), [[3, 1]])


def test_two_writers_keep_both_texts(tmp_path, encoder):
    one, two = (VectorCache(tmp_path, encoder.model_id) for _ in range(2))
    one.encode_passages(encoder, ["abc"])
    two.encode_passages(encoder, ["de"])
    assert len(VectorCache(tmp_path, encoder.model_id)) == 2


def test_old_vectors_files_are_removed(tmp_path, encoder):
    cache = VectorCache(tmp_path, encoder.model_id)
    cache.encode_passages(encoder, ["abc"])
    cache.encode_passages(encoder, ["de"])
    assert len(list(tmp_path.glob("*/*.npy"))) == 1


def test_interrupted_write_leaves_the_old_vectors(tmp_path, encoder, monkeypatch):
    VectorCache(tmp_path, encoder.model_id).encode_passages(encoder, ["abc"])

    def stop(value):
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", stop)
    cache = VectorCache(tmp_path, encoder.model_id)
    with pytest.raises(KeyboardInterrupt):
        cache.encode_passages(encoder, ["de"])
    assert len(VectorCache(tmp_path, encoder.model_id)) == 1


def test_unwritable_folder_is_named(tmp_path, encoder):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    cache = VectorCache(blocked / "cache", encoder.model_id)
    with pytest.raises(EmbeddingsError, match="cannot write the vector cache"):
        cache.encode_passages(encoder, ["abc"])


def _damage(path, change):
    data = path.read_bytes()
    if change == "remove":
        path.unlink()
    elif change == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
