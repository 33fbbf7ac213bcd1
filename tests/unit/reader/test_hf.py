"""A tiny T5 made here: nothing is downloaded."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from rag.errors import ReaderError
from rag.reader import ReaderInput
from rag.reader.hf import Seq2SeqReader

WORDS = ("<pad>", "</s>", "<unk>", "搬迁", "1204户", "question", "context", ":")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t5")
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    config = T5Config(
        vocab_size=len(WORDS),
        d_model=16,
        d_kv=4,
        d_ff=16,
        num_layers=1,
        num_heads=2,
        decoder_start_token_id=0,  # type: ignore[call-arg]  # taken by every configuration
        pad_token_id=0,
        eos_token_id=1,
    )
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


@pytest.fixture
def reader(folder):
    return Seq2SeqReader(str(folder))


def test_what_stands_in_the_passage_is_an_answer(reader, monkeypatch):
    monkeypatch.setattr(reader, "_generate", lambda prompt: ("1204户", 0.9))
    (reading,) = reader.read([ReaderInput("搬迁多少户", ("乙县", "某县搬迁1204户。"), ("", ""))])
    assert (reading.text, reading.passage, reading.abstained) == ("1204户", 1, False)
    assert reading.spans[0].of("某县搬迁1204户。") == "1204户"


def test_what_stands_in_no_passage_is_silence(reader, monkeypatch):
    monkeypatch.setattr(reader, "_generate", lambda prompt: ("1205户", 0.9))
    (reading,) = reader.read([ReaderInput("搬迁多少户", ("某县搬迁1204户。",), ("",))])
    assert reading.abstained
    assert reading.spans == ()


def test_generation_gives_text_and_a_probability(reader):
    text, confidence = reader._generate("question : 搬迁 context : 1204户")
    assert isinstance(text, str)
    assert 0 <= confidence <= 1


def test_missing_model_is_told(tmp_path):
    with pytest.raises(ReaderError, match="give the folder of a sequence-to-sequence model"):
        Seq2SeqReader(str(tmp_path / "none"))
