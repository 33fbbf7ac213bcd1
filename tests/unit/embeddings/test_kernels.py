import os
import subprocess
import sys

import pytest

from embeddings.devices import choose_precision, read_cpu_flags
from embeddings.kernels import bound_kernel_caches

# Prints by how many MB 300 products, each of another length, have made the process larger.
GROWTH = """
from pathlib import Path
{first}
import torch

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

weights = torch.ones(384, 384, dtype=torch.bfloat16)
rows = torch.ones(900, 384, dtype=torch.bfloat16)
with torch.inference_mode():
    torch.nn.functional.linear(rows, weights)
    before = megabytes()
    for length in range(500, 800):
        torch.nn.functional.linear(rows[:length], weights)
    print(megabytes() - before)
"""
BOUND = "from embeddings.kernels import bound_kernel_caches; bound_kernel_caches()"


def growth(first: str) -> float:
    environment = {name: value for name, value in os.environ.items() if "CACHE_CAP" not in name}
    command = [sys.executable, "-c", GROWTH.format(first=first)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.skipif(
    choose_precision(read_cpu_flags()) != "bfloat16", reason="the processor has no bf16"
)
def test_lengths_that_were_seen_once_take_no_memory():
    assert growth(BOUND) < 0.5 * growth("")


def test_what_the_environment_says_is_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "500")
    bound_kernel_caches()
    assert os.environ["LRU_CACHE_CAPACITY"] == "500"
