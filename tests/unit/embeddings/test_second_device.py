"""The encoder on a device that is not the processor (`tests/second_device.py`)."""

import numpy as np
import pytest
import torch

from embeddings import SentenceTransformerEncoder, devices
from embeddings.devices import CUDA_BATCHES, Batch, Batches, Compute
from embeddings.unpadded import encode_unpadded
from tests.second_device import NAME
from tests.unit.embeddings.test_unpadded import IDS, TYPES, model

TEXTS = ["人口", "人口 " * 5, "①人", "", "口"]


@pytest.fixture
def use(monkeypatch):
    """Makes encoders compute on a device, in batches that are given."""

    def use(device: str, batches: Batches = CUDA_BATCHES):
        compute = Compute(device, "float32", batches, device)
        monkeypatch.setattr(devices, "choose_compute", lambda *_: compute)

    return use


def test_tensors_of_two_devices_do_not_meet():
    here, there = torch.ones(2), torch.ones(2, device=NAME)
    with pytest.raises(RuntimeError, match="given tensors on cpu and on second"):
        here + there
    with pytest.raises(RuntimeError, match="numpy"):
        there.numpy()
    assert (there + here.to(NAME)).cpu().tolist() == [2, 2]


@torch.inference_mode()
def test_padded_attention_is_attention_of_each_alone():
    bert = model()
    expected = torch.cat(encode_unpadded(bert, IDS, TYPES))
    torch.nn.Module.to(bert, NAME)
    found = torch.cat(encode_unpadded(bert, IDS, TYPES))
    assert found.device.type == NAME
    torch.testing.assert_close(found.cpu(), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("is_bundled", [True, False])
def test_vectors_come_back_and_are_the_processors(folder, use, is_bundled):
    use("cpu")
    expected = SentenceTransformerEncoder(folder, "tiny@1", is_bundled=is_bundled)
    use(NAME)
    found = SentenceTransformerEncoder(folder, "tiny@1", is_bundled=is_bundled)
    assert {each.device.type for each in found._model.parameters()} == {NAME}
    vectors = found.encode_passages(TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected.encode_passages(TEXTS), atol=1e-6)


def test_texts_go_through_in_batches_of_so_many_tokens(folder, use, monkeypatch):
    use(NAME, Batches(Batch(3, 34), 4, Batch(1), 1))
    encoder = SentenceTransformerEncoder(folder, "tiny@1", is_bundled=True)
    sizes: list[int] = []
    first = encoder._model[0]
    inner = first.forward

    def counting(features, **options):
        sizes.append(len(features["ids"]))
        return inner(features, **options)

    monkeypatch.setattr(first, "forward", counting)
    encoder.encode_passages(["人", "人", "人", "人" * 11, "口" * 99])
    # A turn of four, of which 34 tokens hold three, and one text.
    assert sizes == [3, 1, 1]
    sizes.clear()
    encoder.encode_passages(["人口" * 99] * 4)
    assert sizes == [2, 2], "what is cut at 16 tokens counts as 16"
