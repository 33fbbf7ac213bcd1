import pytest
import torch
from torch import nn

from embeddings.devices import read_cpu_flags
from embeddings.eight_bits import EightBitLinear, read_peaks

pytestmark = pytest.mark.skipif(
    "avx512_vnni" not in read_cpu_flags(), reason="products in eight bits may run over here"
)
N_IN, N_OUT = 64, 48


@pytest.fixture
def states():
    """States of which some channels are far larger than the others, and lean to one side."""
    random = torch.Generator().manual_seed(3)
    states = torch.randn(2, 30, N_IN, generator=random)
    states[..., ::16] = 40 * states[..., ::16] + 25
    return states


@pytest.fixture
def linear():
    torch.manual_seed(5)
    return nn.Linear(N_IN, N_OUT).requires_grad_(False)


def error(found, exact):
    """Of the length of what is exact."""
    return float((found - exact).norm() / exact.norm())


def peaks_of(states):
    return states.abs().flatten(0, -2).amax(0)


def test_products_are_those_of_the_layer_about(linear, states):
    found = EightBitLinear(linear, peaks_of(states))(states)
    assert found.shape == (2, 30, N_OUT)
    assert found.dtype == torch.float32
    assert error(found, linear(states)) < 0.01


def test_channels_that_are_larger_cost_the_others_less_by_their_peaks(linear, states):
    by_peaks = EightBitLinear(linear, peaks_of(states))(states)
    without = EightBitLinear(linear, torch.ones(N_IN))(states)
    small = states.clone()
    small[..., ::16] = 0
    # What only the small channels say is what their large neighbours would drown.
    drop = linear(states) - linear(small)
    assert error(by_peaks - drop, linear(small)) < 0.6 * error(without - drop, linear(small))


def test_gelu_comes_behind(linear, states):
    found = EightBitLinear(linear, peaks_of(states), "gelu")(states)
    assert error(found, nn.functional.gelu(linear(states))) < 0.01


@pytest.mark.parametrize("value", [0.0, 7.0, -7.0])
def test_states_that_are_all_alike_are_no_trouble(linear, value):
    states = torch.full((1, 3, N_IN), value)
    found = EightBitLinear(linear, torch.ones(N_IN))(states)
    torch.testing.assert_close(found, linear(states), atol=0.05, rtol=0.01)


def test_peaks_are_there_for_every_layer():
    shapes = {name: tuple(rows.shape) for name, rows in read_peaks().items()}
    assert shapes == {
        "self": (12, 384),
        "attended": (12, 384),
        "intermediate": (12, 384),
        "output": (12, 1536),
    }
    assert all(bool((rows > 0).all()) for rows in read_peaks().values())
