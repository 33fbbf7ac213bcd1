"""A tiny copying model with random weights, and a vocabulary for it."""

import pytest
import torch

from rag.reader.model import CopyingReader, CopyingReaderConfig
from rag.reader.tokenizer import SPECIAL_TOKENS, ReaderTokenizer

_CHARACTERS = "是否多少户人万亿元年月日的了在建成搬迁贫困脱贫县区某甲乙0123456789.,。%、“”户"


@pytest.fixture(scope="session")
def tokenizer() -> ReaderTokenizer:
    words = ("\u2581how", "\u2581many", "\u2581people", "s", "\u2581w", "t", "o")
    return ReaderTokenizer([*SPECIAL_TOKENS, *dict.fromkeys(_CHARACTERS), *words])


@pytest.fixture(scope="session")
def model(tokenizer: ReaderTokenizer) -> CopyingReader:
    torch.manual_seed(0)
    config = CopyingReaderConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        encoder_layers=2,
        decoder_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        refuse_token_id=tokenizer.refuse_id,
    )
    model = CopyingReader(config)
    for weight in (model.aligned_input.weight, model.aligned_gate.weight):
        torch.nn.init.normal_(weight, std=0.2)
    model.eval()
    return model
