import numpy as np
import pytest

from embeddings.errors import WeightsCorruptError
from embeddings.packed import PackedModel
from tests.packed_model import NORMALISED, PIECES, tiny_tensors, write_packed_model


def test_tensors_come_back_as_they_were_packed(tmp_path):
    tensors = tiny_tensors()
    model = PackedModel(write_packed_model(tmp_path / "model.bin", tensors))
    for name, expected in tensors.items():
        found = model.tensor(name, np.float32)
        np.testing.assert_array_equal(found, expected.reshape(-1), err_msg=name)


def test_vocabulary_and_normalisation_come_back(tmp_path):
    vocabulary = PackedModel(write_packed_model(tmp_path / "m", tiny_tensors())).vocabulary
    assert vocabulary.pieces == PIECES
    assert vocabulary.normalised == NORMALISED
    assert (vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk) == (0, 1, 2, 3)


def test_shape_is_read(tmp_path):
    shape = PackedModel(write_packed_model(tmp_path / "m", tiny_tensors())).shape
    assert (shape.hidden, shape.n_layers, shape.n_heads, shape.intermediate) == (32, 1, 2, 64)
    assert shape.eps == pytest.approx(1e-12)


@pytest.mark.parametrize("content", [b"", b"E5S1", b"PK\x03\x04" * 100])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(WeightsCorruptError, match="cannot be read as a packed model"):
        PackedModel(path)


def test_a_cut_file_is_refused(tmp_path):
    path = write_packed_model(tmp_path / "model.bin", tiny_tensors())
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(WeightsCorruptError, match="cannot be read"):
        PackedModel(path)
