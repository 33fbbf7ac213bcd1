"""Fusion-in-Decoder: each passage is encoded alone, one decoder attends to all of them.

Izacard and Grave (2021, "Leveraging Passage Retrieval with Generative Models for Open Domain
Question Answering", section 3). The pointer's softmax runs over the tokens of all passages, so
that they compete for the answer inside the model.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from embeddings.devices import CPU_BATCHES, Batch
from embeddings.unpadded import encode_unpadded
from rag.reader.inputs import Source, SourceBatch, collate
from rag.reader.model import CopyingReader


def encode_sources(
    model: CopyingReader, sources: Sequence[Source], batch: Batch = CPU_BATCHES.reading
) -> list[Tensor]:
    """Hidden states `(tokens, hidden)` of each source, on the model's device."""
    states: list[Tensor] = []
    at_once = batch.size(max((len(source.ids) for source in sources), default=0))
    for begin in range(0, len(sources), at_once):
        part = sources[begin : begin + at_once]
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
