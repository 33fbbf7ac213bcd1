"""Sequences of different lengths through one BERT encoder, without padding.

The sequences lie one behind the other in a single row: what is done token by token is done for all
at once, and each attends to itself only, without a mask. That is the variable-length batch of
FlashAttention (Dao 2023, "FlashAttention-2"), here in plain matrix products, which were faster
than the fused kernel on a processor with heads of 32 dimensions (`docs/experiments.md`).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertSelfAttention


def encode_unpadded(
    model: BertModel, ids: Sequence[Sequence[int]], types: Sequence[Sequence[int]]
) -> tuple[Tensor, ...]:
    """The last hidden states `(tokens, hidden)` of each sequence.

    Args:
        model: An encoder, in evaluation mode or with dropout 0: none is applied to attention.
        ids: Token ids of each sequence; none is empty.
        types: Their token types.
    """
    lengths = [len(each) for each in ids]
    states: Tensor = model.embeddings(
        input_ids=_row(ids, model),
        token_type_ids=_row(types, model),
        position_ids=_row([range(length) for length in lengths], model),
    )
    layer: Any  # A BertLayer; its parts are typed as nothing that could be called.
    for layer in model.encoder.layer:
        attended = _attend(layer.attention.self, states, lengths)
        attended = layer.attention.output(attended, states)
        states = layer.output(layer.intermediate(attended), attended)
    found: tuple[Tensor, ...] = states[0].split(lengths)
    return found


def _row(sequences: Sequence[Sequence[int]], model: BertModel) -> Tensor:
    """`(1, tokens)`: the sequences one behind the other."""
    return torch.tensor([[each for one in sequences for each in one]], device=model.device)


def _attend(attention: BertSelfAttention, states: Tensor, lengths: Sequence[int]) -> Tensor:
    """What each token attends to in its own sequence, `(1, tokens, hidden)`."""
    shape = (states.shape[1], attention.num_attention_heads, attention.attention_head_size)
    parts = (
        project(states).view(shape).transpose(0, 1).split(lengths, 1)
        for project in (attention.query, attention.key, attention.value)
    )
    found = []
    for query, key, value in zip(*parts, strict=True):
        no_bias = query.new_empty(1)
        scores = torch.baddbmm(no_bias, query, key.transpose(1, 2), beta=0, alpha=attention.scaling)
        found.append(torch.bmm(scores.softmax(-1), value).transpose(0, 1).flatten(1))
    return torch.cat(found)[None]
