"""The highest magnitudes inside the bundled encoder, which its products in eight bits start from.

`python -m training.encoder_peaks --data DIR` encodes passages of the texts in DIR (`*.jsonl.gz`
with a `text`) in float32 and writes `embeddings.eight_bits.PEAKS_FILE`.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertModel

import embeddings.devices
from benchmarks.synthetic_shelf import read_pieces
from embeddings import load_encoder
from embeddings.eight_bits import PEAKS_FILE


def main() -> None:
    """Encode, and write what was highest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of .jsonl.gz texts")
    parser.add_argument("--passages", type=int, default=512)
    parser.add_argument("--out", type=Path, default=PEAKS_FILE)
    given = parser.parse_args()
    with patch.object(embeddings.devices, "read_cpu_flags", frozenset[str]):
        encoder = load_encoder(device="cpu")
    bert = next(each for each in encoder._model.modules() if isinstance(each, BertModel))
    peaks = _watch(bert)
    encoder.encode_passages(read_pieces(given.data)[: given.passages], show_progress=True)
    given.out.parent.mkdir(exist_ok=True)
    save_file({name: torch.stack(rows).half() for name, rows in peaks.items()}, given.out)


def _watch(bert: BertModel) -> Mapping[str, list[Tensor]]:
    """For each kind of input, a row for each layer that rises with what goes through."""
    peaks: dict[str, list[Tensor]] = {"self": [], "attended": [], "intermediate": [], "output": []}
    layer: Any
    for layer in bert.encoder.layer:
        watched = {
            "self": layer.attention.self.query,
            "attended": layer.attention.output.dense,
            "intermediate": layer.intermediate.dense,
            "output": layer.output.dense,
        }
        for name, linear in watched.items():
            row = torch.zeros(linear.in_features)
            peaks[name].append(row)
            linear.register_forward_pre_hook(_raising(row))
    return peaks


def _raising(row: Tensor) -> Any:  # noqa: ANN401 (a hook)
    def raise_row(_: nn.Module, states: tuple[Tensor]) -> None:
        torch.maximum(row, states[0].abs().flatten(0, -2).amax(0), out=row)

    return raise_row


if __name__ == "__main__":
    main()
