import pytest
import torch

from rag.reader.model import CopyingReader, CopyingReaderConfig
from rag.reader.tokenizer import SPECIAL_TOKENS, ReaderTokenizer
from training.initialise import begin_from


def reader(tokens, seed, decoder_layers=1):
    torch.manual_seed(seed)
    tokenizer = ReaderTokenizer([*SPECIAL_TOKENS, *tokens])
    config = CopyingReaderConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        encoder_layers=1,
        decoder_layers=decoder_layers,
        num_attention_heads=2,
        intermediate_size=16,
    )
    return CopyingReader(config), tokenizer


def embeddings(model):
    return model.get_input_embeddings().weight.detach().clone()


@pytest.fixture
def trained(tmp_path):
    model, tokenizer = reader("甲乙丙", 1)
    model.save_pretrained(tmp_path)
    tokenizer.save(tmp_path / "vocabulary.json")
    return model, tmp_path


def test_the_same_vocabulary_gets_the_same_weights(trained):
    model, tokenizer = reader("甲乙丙", 2)
    assert begin_from(model, tokenizer, trained[1]) == []
    theirs = trained[0].state_dict()
    assert all(torch.equal(weight, theirs[name]) for name, weight in model.state_dict().items())


def test_tokens_are_found_by_name_and_new_ones_move_along(trained):
    model, tokenizer = reader(["丙", "甲乙", "甲"], 2)
    before = embeddings(model)
    begin_from(model, tokenizer, trained[1])
    theirs, after = embeddings(trained[0]), embeddings(model)
    n = len(SPECIAL_TOKENS)
    assert torch.equal(after[n], theirs[n + 2])
    assert torch.equal(after[n + 2], theirs[n])
    shared = [*range(n), n, n + 2]
    moved = (after - before)[shared].mean(0)
    torch.testing.assert_close(after[n + 1], before[n + 1] + moved)
    assert torch.equal(
        model.state_dict()["copy_key.weight"], trained[0].state_dict()["copy_key.weight"]
    )


def test_layers_that_the_trained_reader_lacks_are_told_of(trained):
    model, tokenizer = reader("甲乙丙", 2, decoder_layers=2)
    unlike = begin_from(model, tokenizer, trained[1])
    assert unlike
    assert all(name.startswith("decoder.encoder.layer.1.") for name in unlike)
