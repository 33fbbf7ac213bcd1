import subprocess
import sys

import numpy as np
import pytest

from embeddings.encoder import (
    Prompts,
    choose_prompts,
    load_encoder,
    normalise,
)
from embeddings.errors import WeightsNotFoundError


@pytest.mark.parametrize(
    ("name", "defined", "expected"),
    [
        ("a/b", {"query": "q: ", "document": "d: "}, Prompts("q: ", "d: ")),
        ("a/b", {"query": "q: ", "document": "", "passage": "p: "}, Prompts("q: ", "p: ")),
        (
            "x/multilingual-e5-base@12",
            {"query": "", "document": ""},
            Prompts("query: ", "passage: "),
        ),
        ("x/multilingual-e5-large-instruct", {}, Prompts("", "")),
        ("x/bge-small-zh", {"query": None}, Prompts("", "")),
    ],
)
def test_prompts_are_the_models_own_or_its_familys(name, defined, expected):
    assert choose_prompts(name, defined) == expected


def test_normalise_gives_unit_rows_and_leaves_zeros():
    found = normalise(np.array([[3, 4], [0, 0]], dtype=np.float32))
    np.testing.assert_allclose(found, np.array([[0.6, 0.8], [0, 0]]), rtol=1e-6)
    assert found.dtype == np.float32


def test_unknown_model_says_that_there_is_none(tmp_path):
    with pytest.raises(WeightsNotFoundError, match="no encoder 'nobody/nothing'"):
        load_encoder("nobody/nothing", cache_dir=tmp_path)


def test_folder_without_weights_is_refused(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(WeightsNotFoundError, match=r"no \.safetensors"):
        load_encoder(str(tmp_path))


def test_import_is_light():
    code = "import sys, embeddings; print({'torch', 'faiss', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
