"""Fusion-in-Decoder: each passage is encoded alone, one decoder attends to all of them.

Izacard and Grave (2021, "Leveraging Passage Retrieval with Generative Models for Open Domain
Question Answering", section 3). The pointer's softmax runs over the tokens of all passages, so
that they compete for the answer inside the model.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rag.reader.inputs import Source, SourceBatch, collate
from rag.reader.model import CopyingReader

_MICRO_BATCH = 8


def encode_sources(model: CopyingReader, sources: Sequence[Source]) -> list[Tensor]:
    """Hidden states `(tokens, hidden)` of each source; encoded in batches of similar length."""
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i].ids))
    states: dict[int, Tensor] = {}
    for begin in range(0, len(order), _MICRO_BATCH):
        part = order[begin : begin + _MICRO_BATCH]
        batch = collate([sources[i] for i in part], model.config.pad_token_id)
        encoded = model.encode(
            batch.input_ids.to(model.device),
            batch.attention_mask.to(model.device),
            batch.token_type_ids.to(model.device),
        )
        states.update((i, encoded[row, : len(sources[i].ids)]) for row, i in enumerate(part))
    return [states[i] for i in range(len(sources))]


def fuse(states: Sequence[Tensor], groups: Sequence[Sequence[Source]]) -> Tensor:
    """The states of each group's sources one behind the other: `(groups, source, hidden)`."""
    rest = iter(states)
    return pad_sequence(
        [torch.cat([next(rest) for _ in group]) for group in groups], batch_first=True
    )


def join(groups: Sequence[Sequence[Source]], pad_id: int) -> SourceBatch:
    """The tokens of each group's sources one behind the other, padded like `fuse`."""
    parts = [collate([source], pad_id) for group in groups for source in group]

    def joined(name: str, padding: int) -> Tensor:
        rest = iter(parts)
        rows = [torch.cat([getattr(next(rest), name)[0] for _ in group]) for group in groups]
        return pad_sequence(rows, batch_first=True, padding_value=padding)

    return SourceBatch(
        joined("input_ids", pad_id),
        joined("attention_mask", 0),
        joined("token_type_ids", 0),
        joined("copy_mask", 0),
    )
