"""The bundled encoder as a `SentenceTransformer` whose first module reads without padding."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from torch.nn.utils.rnn import pad_sequence
from transformers import BertModel

from embeddings.devices import Compute
from embeddings.eight_bits import to_eight_bits
from embeddings.pieces import pieces_in
from embeddings.unpadded import encode_unpadded


class UnpaddedBert(InputModule):
    """Tokenizer and BERT encoder; in place of sentence-transformers' `Transformer`.

    Args:
        folder: As `embeddings.conversion.convert` wrote it.
        dtype: What to compute in.
    """

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # an untyped library method
        self._pieces = pieces_in(folder)
        self.model = BertModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=dtype
        )
        self.max_seq_length: int = self.model.config.max_position_embeddings

    def preprocess(  # type: ignore[override]  # texts only
        self,
        inputs: Sequence[str],
        prompt: str | None = None,
        **_: Any,  # noqa: ANN401 (what other kinds of models are told)
    ) -> dict[str, Any]:
        """Token ids of each text, cut at the model's limit."""
        texts = (f"{prompt or ''}{text}" for text in inputs)
        return {"ids": [self._pieces.ids(text, self.max_seq_length) for text in texts]}

    def forward(
        self,
        features: dict[str, Any],
        **_: Any,  # noqa: ANN401 (as above)
    ) -> dict[str, Any]:
        """Adds the last hidden states `(n, tokens, hidden)`, padded for pooling, and their mask."""
        ids = features["ids"]
        states = encode_unpadded(self.model, ids, [[0] * len(each) for each in ids])
        lengths = torch.tensor([len(each) for each in ids])
        mask = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
        return {
            **features,
            "token_embeddings": pad_sequence(list(states), batch_first=True),
            "attention_mask": mask.to(self.model.device),
        }

    def save(self, *_: object, **__: object) -> None:
        """Refused: the folder that it was loaded from is the saved model.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("copy the folder that the encoder was loaded from")


def load_bundled(folder: Path, compute: Compute) -> SentenceTransformer:
    """The model in `folder`, which `embeddings.weights.bundled_model` gave."""
    first = UnpaddedBert(folder, getattr(torch, compute.precision))
    if compute.eight_bits:
        to_eight_bits(first.model)
    pooling = Pooling(first.model.config.hidden_size, "mean")
    return SentenceTransformer(modules=[first, pooling, Normalize()], device=compute.device)
