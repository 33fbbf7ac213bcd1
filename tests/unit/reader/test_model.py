import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

from rag.reader.inputs import collate, make_source
from rag.reader.model import CopyingReader


@pytest.fixture
def batch(tokenizer):
    sources = [
        make_source(tokenizer, "搬迁多少户", "某县", "某县搬迁1204户5020人。"),
        make_source(tokenizer, "脱贫多少人", "", "乙县脱贫33人。"),
    ]
    return sources, collate(sources, tokenizer.pad_id)


def test_source_marks_only_the_passage_as_copyable(batch):
    sources, tensors = batch
    first = sources[0].first_copy
    assert tensors.copy_mask[0].nonzero().flatten().tolist() == list(
        range(first, first + len("某县搬迁1204户5020人。"))
    )


def test_mixture_is_a_distribution(model, batch):
    _, tensors = batch
    output = model(tensors.input_ids, tensors.attention_mask, tensors.token_type_ids)
    assert torch.allclose(output.logits.exp().sum(-1), torch.ones(2, 1), atol=1e-4)


def test_continuation_prior_prefers_the_token_after_the_run(model):
    source = torch.tensor([[0, 2, 7, 8, 9, 7, 5]])
    prior = model._continuation_prior(torch.tensor([[0, 8, 9]]), source)[0].detach()
    assert prior.argmax(-1).tolist()[1:] == [4, 5]
    assert float(prior[2, 5]) == pytest.approx(sum(model.prior_weights.tolist()[:2]))


def test_where_a_run_stands_is_guessed_from_what_was_written(model):
    source = torch.tensor([[0, 2, 7, 8, 9, 10, 7, 5]])
    written = torch.tensor([[0, 7, 8, 9]])
    states = model.encode(source, torch.ones_like(source), torch.zeros_like(source))
    copyable = torch.ones_like(source)
    known = model.decode(written, states, copyable, source, copyable, torch.tensor([[-1, 2, 3, 4]]))
    guessed = model.decode(written, states, copyable, source, copyable)
    assert torch.allclose(known[0][:, 3], guessed[0][:, 3], atol=0.05)
    assert not torch.allclose(known[0][:, 1], guessed[0][:, 1], atol=0.05)  # 7 stands twice


def test_generate_runs_with_beams_and_reads_the_source_once(model, batch, monkeypatch):
    _, tensors = batch
    calls = []
    encode = model.encode

    def counted(*given):
        calls.append(given)
        return encode(*given)

    monkeypatch.setattr(model, "encode", counted)
    written = model.generate(
        tensors.input_ids,
        tensors.attention_mask,
        tensors.token_type_ids,
        tensors.copy_mask,
        max_new_tokens=5,
        num_beams=2,
    )
    assert written.shape[0] == 2
    assert len(calls) == 1


def test_saved_model_loads_by_the_auto_class(model, batch, tmp_path):
    _, tensors = batch
    model.save_pretrained(tmp_path)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path).eval()
    assert isinstance(loaded, CopyingReader)
    given = (tensors.input_ids, tensors.attention_mask, tensors.token_type_ids)
    assert torch.allclose(loaded(*given).logits, model(*given).logits, atol=1e-5)


def test_forward_needs_a_source(model):
    with pytest.raises(ValueError, match="give input_ids"):
        model()
