"""Where models compute, in which number format, and how much of it at once."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings.errors import DeviceNotFoundError

Device = Literal["auto", "cpu", "cuda"]
"""What can be asked for; `auto` is CUDA where there is a device for it, else the processor."""
Precision = Literal["bfloat16", "float32"]

_CPU_INFO = Path("/proc/cpuinfo")
# Without these the processor emulates bf16, up to 100 times slower than float32.
_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
# Of eight-bit products; with less than this oneDNN's may run over.
_INT8_FLAG = "avx512_vnni"
# Ampere, the first that multiplies bf16 natively.
_BF16_CAPABILITY = (8, 0)


@dataclass(frozen=True, slots=True)
class Gpu:
    """A CUDA device as torch sees it.

    Attributes:
        name: As its maker calls it.
        capability: Compute capability, major and minor.
    """

    name: str
    capability: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """How much goes through a model in one pass.

    Attributes:
        max_sequences: At most so many sequences.
        max_tokens: At most so many tokens, padding counted; but one sequence at least.
    """

    max_sequences: int
    max_tokens: int = sys.maxsize

    def size(self, longest: int) -> int:
        """How many sequences go together of which the longest has `longest` tokens."""
        return max(1, min(self.max_sequences, self.max_tokens // max(1, longest)))


@dataclass(frozen=True, slots=True)
class Batches:
    """How much the models take at once.

    Attributes:
        encoding: Texts in one pass of the encoder.
        n_texts: Texts that the encoder takes in one turn of the models' thread.
        reading: Passages in one pass of the reader's encoder.
        n_questions: Questions whose passages the reader puts together.
    """

    encoding: Batch
    n_texts: int
    reading: Batch
    n_questions: int


CPU_BATCHES = Batches(Batch(16), 64, Batch(8), 1)
"""Larger ones are no faster on two cores (`docs/performance.md`)."""
CUDA_BATCHES = Batches(Batch(256, 32_768), 1024, Batch(64, 32_768), 4)
"""Chosen by count, not measured: the bundled encoder's largest layer takes 100 MB in bf16."""


@dataclass(frozen=True, slots=True)
class Compute:
    """How the models compute.

    Attributes:
        device: As torch calls it.
        precision: Number format of weights and products.
        batches: How much at once.
        name: The device for people.
        eight_bits: Whether the bundled encoder multiplies in eight bits (`embeddings.eight_bits`).
    """

    device: str
    precision: Precision
    batches: Batches
    name: str
    eight_bits: bool = False


def compute_on(wanted: Device = "auto") -> Compute:
    """How to compute on this machine.

    Raises:
        DeviceNotFoundError: `cuda` is wanted, and there is no device for it.
    """
    return choose_compute(wanted, None if wanted == "cpu" else find_gpu(), read_cpu_flags())


def choose_compute(wanted: Device, gpu: Gpu | None, cpu_flags: frozenset[str]) -> Compute:
    """How to compute on a machine with this CUDA device, or none, and these processor flags.

    On CUDA in bf16, as on a processor that has it; the encoder in eight bits on one that has
    products of these and not of bf16. Older devices compute in float32: they emulate
    bf16, and float16 ends at 65,504, which nobody has checked these models for.

    Raises:
        DeviceNotFoundError: As `compute_on`.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device is {wanted!r}; expected auto, cpu or cuda")
    if wanted == "cuda" and gpu is None:
        raise DeviceNotFoundError(
            "device is cuda, but torch finds no CUDA device; install NVIDIA's driver and a CUDA "
            "build of torch, or set device to auto or cpu"
        )
    if wanted == "cpu" or gpu is None:
        on_cpu = choose_precision(cpu_flags)
        eight_bits = on_cpu == "float32" and _INT8_FLAG in cpu_flags
        return Compute("cpu", on_cpu, CPU_BATCHES, "the processor", eight_bits)
    precision: Precision = "bfloat16" if gpu.capability >= _BF16_CAPABILITY else "float32"
    major, minor = gpu.capability
    return Compute("cuda", precision, CUDA_BATCHES, f"{gpu.name}, capability {major}.{minor}")


def choose_precision(cpu_flags: frozenset[str]) -> Precision:
    """The number format to compute in, on a processor with these flags.

    bf16 where the processor multiplies it natively: measured with the bundled model on avx512_bf16,
    one thread, passages 2.6 times faster and cosine to float32 at least 0.9999. Else float32.
    """
    return "bfloat16" if cpu_flags & _BF16_FLAGS else "float32"


def find_gpu() -> Gpu | None:
    """The CUDA device that torch would use; None if there is none."""
    import torch

    if not torch.cuda.is_available():
        return None
    return Gpu(torch.cuda.get_device_name(), torch.cuda.get_device_capability())


def read_cpu_flags(path: Path = _CPU_INFO) -> frozenset[str]:
    """The processor's feature flags as Linux lists them; empty on other systems."""
    if not path.exists():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
