"""Sequences of different lengths through one BERT encoder, without padding.

The sequences lie one behind the other in a single row: what is done token by token is done for all
at once, and each attends to itself only, without a mask. That is the variable-length batch of
FlashAttention (Dao 2023, "FlashAttention-2"). On a processor it is plain matrix products, one
sequence after the other, which were faster than the fused kernel with heads of 32 dimensions
(`docs/experiments.md`). On other devices it takes longer to start so many small products than to
compute them: there the sequences are padded for attention, and for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
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
    if model.device.type == "cpu":
        attend = partial(_attend_singly, lengths=lengths)
    else:
        attend = partial(_attend_padded, padding=_Padding.of(lengths, model.device))
    layer: Any  # A BertLayer; its parts are typed as nothing that could be called.
    for layer in model.encoder.layer:
        attended = attend(layer.attention.self, states)
        attended = layer.attention.output(attended, states)
        states = layer.output(layer.intermediate(attended), attended)
    found: tuple[Tensor, ...] = states[0].split(lengths)
    return found


def _row(sequences: Sequence[Sequence[int]], model: BertModel) -> Tensor:
    """`(1, tokens)`: the sequences one behind the other."""
    return torch.tensor([[each for one in sequences for each in one]], device=model.device)


def _projected(attention: BertSelfAttention, states: Tensor) -> Sequence[Tensor]:
    """Queries, keys and values, `(1, tokens, hidden)` each."""
    together = getattr(attention, "together", None)
    if together is not None:  # In eight bits.
        found: Sequence[Tensor] = together(states).chunk(3, -1)
        return found
    return [project(states) for project in (attention.query, attention.key, attention.value)]


def _attend_singly(attention: BertSelfAttention, states: Tensor, lengths: Sequence[int]) -> Tensor:
    """What each token attends to in its own sequence, `(1, tokens, hidden)`."""
    shape = (states.shape[1], attention.num_attention_heads, attention.attention_head_size)
    parts = (
        projected.view(shape).transpose(0, 1).split(lengths, 1)
        for projected in _projected(attention, states)
    )
    found = []
    for query, key, value in zip(*parts, strict=True):
        no_bias = query.new_empty(1)
        scores = torch.baddbmm(no_bias, query, key.transpose(1, 2), beta=0, alpha=attention.scaling)
        found.append(torch.bmm(scores.softmax(-1), value).transpose(0, 1).flatten(1))
    return torch.cat(found)[None]


@dataclass(frozen=True, slots=True)
class _Padding:
    """How the tokens of a row stand when its sequences lie below each other.

    Attributes:
        places: Of each padded place the token in the row, `(n, longest)`; any where none stands.
        is_token: Where one stands, `(n, longest)`.
        tokens: Of each token its padded place, counted through, `(tokens,)`.
    """

    places: Tensor
    is_token: Tensor
    tokens: Tensor

    @classmethod
    def of(cls, lengths: Sequence[int], device: torch.device) -> "_Padding":
        # Made on the processor: the device need not be waited for.
        n_tokens = torch.tensor(lengths)
        steps = torch.arange(max(lengths))
        is_token = steps < n_tokens[:, None]
        places = (n_tokens.cumsum(0) - n_tokens)[:, None] + steps
        places = places.clamp(max=sum(lengths) - 1)
        tokens = is_token.flatten().nonzero()[:, 0]
        return cls(places.to(device), is_token.to(device), tokens.to(device))


def _attend_padded(attention: BertSelfAttention, states: Tensor, padding: _Padding) -> Tensor:
    """As `_attend_singly`."""
    shape = (attention.num_attention_heads, attention.attention_head_size)
    query, key, value = (
        projected[0][padding.places].unflatten(-1, shape).transpose(1, 2)
        for projected in _projected(attention, states)
    )
    found = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=padding.is_token[:, None, None], scale=attention.scaling
    )
    return found.transpose(1, 2).flatten(2).flatten(0, 1)[padding.tokens][None]
