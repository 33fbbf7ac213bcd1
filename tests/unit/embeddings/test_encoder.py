import subprocess
import sys

import numpy as np
import pytest

from embeddings.encoder import (
    Prompts,
    choose_precision,
    choose_prompts,
    load_encoder,
    normalise,
    read_cpu_flags,
)
from embeddings.errors import WeightsNotFoundError


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ({"avx2", "avx512f", "avx512_bf16"}, "bfloat16"),
        ({"amx_bf16", "amx_tile"}, "bfloat16"),
        ({"avx2", "avx512f"}, "float32"),
        (set(), "float32"),
    ],
)
def test_bf16_only_where_the_processor_has_it(flags, precision):
    assert choose_precision(frozenset(flags)) == precision


def test_cpu_flags_are_read_from_the_first_processor(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(
        "processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\nflags\t: x\n", encoding="utf-8"
    )
    assert read_cpu_flags(path) == {"fpu", "avx2", "amx_bf16"}


def test_no_cpu_flags_where_the_system_lists_none(tmp_path):
    assert read_cpu_flags(tmp_path / "missing") == frozenset()


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
