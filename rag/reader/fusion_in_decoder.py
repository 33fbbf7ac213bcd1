"""Fusion-in-Decoder: each passage is encoded alone, one decoder attends to all of them.

Izacard and Grave (2021, "Leveraging Passage Retrieval with Generative Models for Open Domain
Question Answering", section 3). The pointer's softmax runs over the tokens of all passages, so
that they compete for the answer inside the model.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from embeddings.unpadded import encode_unpadded
from rag.reader.inputs import Source, SourceBatch, collate
from rag.reader.model import CopyingReader

_AT_ONCE = 8


def encode_sources(model: CopyingReader, sources: Sequence[Source]) -> list[Tensor]:
    """Hidden states `(tokens, hidden)` of each source."""
    states: list[Tensor] = []
    for begin in range(0, len(sources), _AT_ONCE):
        part = sources[begin : begin + _AT_ONCE]
        types = [[0] * each.n_question + [1] * (len(each.ids) - each.n_question) for each in part]
        states += encode_unpadded(model.encoder, [each.ids for each in part], types)
    return states


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
