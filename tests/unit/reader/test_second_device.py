"""The readers on a device that is not the processor (`tests/second_device.py`)."""

import copy

import pytest
import torch

from embeddings import devices
from embeddings.devices import CUDA_BATCHES, Batch, Batches, Compute
from embeddings.unpadded import encode_unpadded
from rag.reader import ReaderInput, decoding, fusion_in_decoder
from rag.reader.abstention import UNCALIBRATED
from rag.reader.copying import CopyReader
from rag.reader.decoding import decode_groups
from rag.reader.hf import Seq2SeqReader
from rag.reader.inputs import make_source
from rag.types import Span
from tests.second_device import NAME
from tests.unit.reader.test_hf import folder  # noqa: F401 (a fixture)

PASSAGES = ("某县搬迁1204户5020人。", "乙县脱贫33人。")
ASKED = [
    ReaderInput("搬迁多少户", PASSAGES, ("某县", "")),
    ReaderInput("脱贫多少人", (), ()),
    ReaderInput("脱贫多少人", ("乙县脱贫33人。",), ("",)),
    ReaderInput("脱贫了吗", PASSAGES[1:], ("",), ((Span(0, 3),),)),
]


@pytest.fixture
def talkative(model, tokenizer, monkeypatch):
    """The model, made to like separators and the words yes and no."""
    changed = copy.deepcopy(model)
    for token in (tokenizer.sep_id, *tokenizer.encode("是否").ids):
        changed.output_bias.data[token] += 8.0
    monkeypatch.setattr(decoding, "_LEAST_WORD", -30.0)
    monkeypatch.setattr(decoding, "_FEW_TOKENS", 3)
    monkeypatch.setattr(decoding, "N_STARTS", 2)
    return changed


def there(model):
    return copy.deepcopy(model).to(NAME)


@pytest.mark.parametrize("name", ["model", "talkative"])
def test_the_search_finds_what_it_finds_on_the_processor(request, tokenizer, name):
    model = request.getfixturevalue(name)
    groups = [[make_source(tokenizer, "脱贫多少人", "某县", text) for text in ("", "33人。")]]
    (here,), (found,) = (decode_groups(each, tokenizer, groups) for each in (model, there(model)))
    assert found.refusal == pytest.approx(here.refusal, abs=1e-4)
    assert [(c.source, c.spans, c.word) for c in found.candidates] == [
        (c.source, c.spans, c.word) for c in here.candidates
    ]
    assert [c.log_probability for c in found.candidates] == pytest.approx(
        [c.log_probability for c in here.candidates], abs=1e-4
    )


def test_what_is_searched_through_is_on_the_processor(model, tokenizer, monkeypatch):
    seen: set[str] = set()
    spans = decoding._Spans

    def noting(*parts):
        seen.update(part.device.type for part in parts)
        return spans(*parts)

    monkeypatch.setattr(decoding, "_Spans", noting)
    decode_groups(there(model), tokenizer, [[make_source(tokenizer, "多少", "", "33人")]])
    assert seen == {"cpu"}


@pytest.mark.parametrize("fused", [True, False])
def test_several_questions_at_once_get_the_readings_of_each(model, tokenizer, fused):
    here = CopyReader(model, tokenizer, UNCALIBRATED, "tiny", fused=fused)
    batches = Batches(Batch(1), 1, Batch(64, 100), 3)
    found = CopyReader(
        there(model), tokenizer, UNCALIBRATED, "tiny", fused=fused, batches=batches
    ).read(ASKED)
    expected = here.read(ASKED)
    assert [(r.text, r.passage, r.spans) for r in found] == [
        (r.text, r.passage, r.spans) for r in expected
    ]
    assert [r.confidence for r in found] == pytest.approx(
        [r.confidence for r in expected], abs=1e-4
    )


def test_passages_of_several_questions_are_encoded_in_one_pass(model, tokenizer, monkeypatch):
    sizes: list[int] = []

    def counting(encoder, ids, types):
        sizes.append(len(ids))
        return encode_unpadded(encoder, ids, types)

    monkeypatch.setattr(fusion_in_decoder, "encode_unpadded", counting)
    asked = [ReaderInput("搬迁多少户", PASSAGES, ("", ""))] * 5
    CopyReader(model, tokenizer, UNCALIBRATED, "tiny").read(asked)
    assert sizes == [2, 2, 2, 2, 2]
    sizes.clear()
    batches = Batches(Batch(1), 1, Batch(64, 4096), 5)
    CopyReader(model, tokenizer, UNCALIBRATED, "tiny", batches=batches).read(asked)
    assert sizes == [10]


def test_any_sequence_to_sequence_model_writes_there_too(folder, monkeypatch):  # noqa: F811
    here = Seq2SeqReader(str(folder))
    compute = Compute(NAME, "bfloat16", CUDA_BATCHES, NAME)
    monkeypatch.setattr(devices, "choose_compute", lambda *_: compute)
    found = Seq2SeqReader(str(folder))
    assert {(p.device.type, p.dtype) for p in found._model.parameters()} == {(NAME, torch.bfloat16)}
    text, confidence = found._generate("question : 搬迁 context : 1204户")
    expected = here._generate("question : 搬迁 context : 1204户")
    assert text == expected[0]
    assert confidence == pytest.approx(expected[1], rel=0.05)
