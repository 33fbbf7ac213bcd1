"""The bundled encoder's matrix products in eight bits, for processors that are made for them.

SmoothQuant (Xiao et al. 2023, "SmoothQuant: Accurate and Efficient Post-Training Quantization for
Large Language Models", section 4): where some channels of an input are far larger than others, as
in every layer of E5, one scale for all leaves the others too few steps. So each channel is divided
by a factor of its own, with which the weights are multiplied beforehand. Weights then have a scale
for each output, inputs one for all, found anew each time. Products are oneDNN's
(`torch.ops.onednn.qlinear_pointwise`, which torch's own compiler calls).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertModel

PEAKS_FILE = Path(__file__).parent / "assets" / "encoder_peaks.safetensors"
"""The highest magnitude in each channel of each layer's inputs, as `training.encoder_peaks` saw
it: `self`, `attended`, `intermediate` and `output`, each `(layers, channels)`."""
# How far the inputs' differences go into the weights; 0.6 and 1 keep less of the vectors.
_ALPHA = 0.75
_LEAST = 1e-5
# One step less than eight bits have, so that nothing is rounded over the edge.
_STEPS, _WEIGHT_STEPS = 254, 127


class EightBitLinear(nn.Module):
    """A linear layer in eight bits, with GELU behind it or nothing.

    Args:
        linear: The layer in float32.
        peaks: The highest magnitude to expect in each channel of its input, `(in_features,)`.
        activation: `gelu` or `none`.
    """

    def __init__(self, linear: nn.Linear, peaks: Tensor, activation: str = "none") -> None:
        super().__init__()
        weight = linear.weight.detach()
        highest = weight.abs().amax(0).clamp(min=_LEAST)
        factors = peaks.clamp(min=_LEAST) ** _ALPHA / highest ** (1 - _ALPHA)
        smoothed = weight * factors
        scales = smoothed.abs().amax(1).clamp(min=_LEAST) / _WEIGHT_STEPS
        steps = (smoothed / scales[:, None]).round().to(torch.int8)
        self._divisors = 1 / factors
        self._weight = torch.ops.onednn.qlinear_prepack(steps, None)
        self._scales, self._zeros = scales, torch.zeros(len(scales), dtype=torch.int64)
        self._bias = linear.bias.detach()
        self._activation = activation

    def forward(self, states: Tensor) -> Tensor:
        """`(..., in_features)` to `(..., out_features)`, float32."""
        rows = states.flatten(0, -2)
        lowest = min(0.0, float((rows.amin(0) * self._divisors).min()))
        highest = max(0.0, float((rows.amax(0) * self._divisors).max()))
        scale = max(highest - lowest, _LEAST) / _STEPS
        zero = round(-lowest / scale)
        # Conversion cuts off what is behind the point: with a half added, it rounds.
        steps = torch.addcmul(torch.tensor(zero + 0.5), rows, self._divisors / scale)
        products: Tensor = torch.ops.onednn.qlinear_pointwise(
            steps.to(torch.uint8), scale, zero, self._weight, self._scales, self._zeros,
            self._bias, 1.0, 0, torch.float32, self._activation, [], "none",
        )  # fmt: skip
        found: Tensor = products.unflatten(0, states.shape[:-1])
        return found


@cache
def read_peaks() -> Mapping[str, Tensor]:
    """What `PEAKS_FILE` holds."""
    return load_file(PEAKS_FILE)


def to_eight_bits(model: BertModel) -> None:
    """Put `EightBitLinear` in place of all matrix products of the layers of the bundled encoder.

    Queries, keys and values are found `together`, as `embeddings.unpadded` knows.
    """
    peaks = read_peaks()
    layer: Any  # A BertLayer; its parts are typed as nothing that could be called.
    for n, layer in enumerate(model.encoder.layer):
        attention = layer.attention.self
        parts = attention.query, attention.key, attention.value
        attention.together = EightBitLinear(_side_by_side(parts), peaks["self"][n])
        attention.query = attention.key = attention.value = None
        layer.attention.output.dense = EightBitLinear(
            layer.attention.output.dense, peaks["attended"][n]
        )
        layer.intermediate = EightBitLinear(
            layer.intermediate.dense, peaks["intermediate"][n], "gelu"
        )
        layer.output.dense = EightBitLinear(layer.output.dense, peaks["output"][n])


def _side_by_side(linears: Sequence[nn.Linear]) -> nn.Linear:
    """One layer that gives what all of them give, one behind the other."""
    joined = nn.Linear(linears[0].in_features, sum(each.out_features for each in linears))
    joined.weight = nn.Parameter(torch.cat([each.weight for each in linears]))
    joined.bias = nn.Parameter(torch.cat([each.bias for each in linears]))
    return joined
