import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from embeddings.bundled import load_bundled
from embeddings.devices import CPU_BATCHES, Compute
from tests.packed_model import tiny_tensors

CUTS = [
    ("人口", [0, 4, 5, 2]),
    ("query: 人口", [0, 8, 9, 4, 5, 2]),
    ("人\t\u3000 口", [0, 4, 6, 4, 7, 2]),
    ("①", [0, 4, 10, 2]),
    ("人鿿口", [0, 4, 6, 3, 7, 2]),
    ("人\u0007口", [0, 4, 5, 2]),
    ("人口\t\u3000", [0, 4, 5, 4, 2]),
    ("", [0, 2]),
]


@pytest.fixture(scope="module")
def bundled(folder):
    return load_bundled(folder, Compute("cpu", "float32", CPU_BATCHES, "cpu"))


@pytest.mark.parametrize(
    ("packed", "converted"),
    [
        ("emb.word", "embeddings.word_embeddings.weight"),
        ("emb.ln.b", "embeddings.LayerNorm.bias"),
        ("l0.fi.w", "encoder.layer.0.intermediate.dense.weight"),
        ("l0.fo.w", "encoder.layer.0.output.dense.weight"),
        ("l0.oln.w", "encoder.layer.0.output.LayerNorm.weight"),
    ],
)
def test_weights_are_named_and_shaped_for_bert(folder, packed, converted):
    found = load_file(folder / "model.safetensors")[converted]
    np.testing.assert_array_equal(found, tiny_tensors()[packed])


def test_settings_name_the_modules_and_prompts(folder):
    kinds = [each["type"].rpartition(".")[2] for each in _json(folder / "modules.json")]
    assert kinds == ["Transformer", "Pooling", "Normalize"]
    assert _json(folder / "config_sentence_transformers.json")["prompts"] == {
        "query": "query: ",
        "passage": "passage: ",
    }
    assert _json(folder / "config.json")["num_hidden_layers"] == 1


@pytest.mark.parametrize(("text", "ids"), CUTS)
def test_tokenizer_cuts_the_normalised_text(folder, text, ids):
    assert Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids == ids


@pytest.mark.parametrize(("text", "ids"), CUTS)
def test_pieces_are_those_of_the_tokenizer(bundled, text, ids):
    assert bundled[0].preprocess([text])["ids"] == [ids]


def test_pieces_of_long_texts_are_cut_at_the_models_limit(bundled):
    (ids,) = bundled[0].preprocess(["人口 " * 50])["ids"]
    assert len(ids) == 16
    assert ids[-1] == 2


def test_the_model_without_padding_gives_the_vectors_of_the_plain_one(folder, bundled):
    plain = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
    texts = ["人口", "人口 " * 5, "①人", "口"]
    np.testing.assert_allclose(
        bundled.encode(texts, prompt="query: "), plain.encode(texts, prompt="query: "), atol=1e-6
    )


def test_tokenizer_cuts_long_texts_at_the_models_limit(folder):
    encoded = Tokenizer.from_file(str(folder / "tokenizer.json")).encode("人口 " * 50)
    assert len(encoded.ids) == 16
    assert encoded.ids[-1] == 2


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))
