import torch
from transformers import BertConfig, BertModel

from embeddings.unpadded import encode_unpadded

IDS = [[5, 6, 7, 8, 9, 6], [7], [9, 9, 5, 6]]
TYPES = [[0, 0, 1, 1, 1, 1], [1], [0, 1, 1, 1]]


def model() -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=12,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        initializer_range=0.5,
    )
    bert = BertModel(config, add_pooling_layer=False)
    bert.eval()
    return bert


def test_each_sequence_is_encoded_as_if_it_were_alone():
    bert = model()
    with torch.inference_mode():
        together = encode_unpadded(bert, IDS, TYPES)
        for ids, types, found in zip(IDS, TYPES, together, strict=True):
            alone = bert(
                input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])
            ).last_hidden_state[0]
            torch.testing.assert_close(found, alone, atol=1e-5, rtol=1e-4)


def test_gradients_reach_the_embeddings():
    # The reader is trained through it.
    bert = model()
    words = bert.embeddings.word_embeddings.weight
    found = torch.cat(encode_unpadded(bert, IDS, TYPES))
    (gradient,) = torch.autograd.grad(found.square().sum(), [words])
    seen = gradient.abs().sum(1) > 0
    assert seen.nonzero().flatten().tolist() == [5, 6, 7, 8, 9]
