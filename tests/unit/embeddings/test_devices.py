import pytest
import torch

from embeddings import DeviceNotFoundError, devices
from embeddings.devices import (
    CPU_BATCHES,
    CUDA_BATCHES,
    Batch,
    Gpu,
    choose_compute,
    choose_precision,
    compute_on,
    find_gpu,
    read_cpu_flags,
)

HOPPER, AMPERE, TURING = Gpu("H200", (9, 0)), Gpu("A100", (8, 0)), Gpu("T4", (7, 5))
BF16 = frozenset({"avx512_bf16"})


@pytest.mark.parametrize(
    ("wanted", "gpu", "flags", "expected"),
    [
        ("auto", None, BF16, ("cpu", "bfloat16", CPU_BATCHES)),
        ("auto", None, frozenset(), ("cpu", "float32", CPU_BATCHES)),
        ("auto", HOPPER, frozenset(), ("cuda", "bfloat16", CUDA_BATCHES)),
        ("auto", TURING, BF16, ("cuda", "float32", CUDA_BATCHES)),
        ("cuda", AMPERE, frozenset(), ("cuda", "bfloat16", CUDA_BATCHES)),
        ("cpu", HOPPER, frozenset(), ("cpu", "float32", CPU_BATCHES)),
    ],
)
def test_device_precision_and_batches_follow_the_wish_and_the_machine(wanted, gpu, flags, expected):
    found = choose_compute(wanted, gpu, flags)
    assert (found.device, found.precision, found.batches) == expected


@pytest.mark.parametrize(
    ("gpu", "flags", "expected"),
    [
        (None, {"avx512_vnni"}, True),
        (None, {"avx512_vnni", "avx512_bf16"}, False),
        (None, {"avx512f", "avx_vnni"}, False),
        (HOPPER, {"avx512_vnni"}, False),
    ],
)
def test_eight_bits_are_for_processors_that_have_these_and_not_bf16(gpu, flags, expected):
    assert choose_compute("auto", gpu, frozenset(flags)).eight_bits is expected


def test_cuda_without_a_device_for_it_says_what_to_do():
    with pytest.raises(DeviceNotFoundError, match="CUDA build of torch, or set device to") as found:
        choose_compute("cuda", None, BF16)
    assert "\n" not in str(found.value)


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match="device is 'mps'; expected auto, cpu or cuda"):
        choose_compute("mps", None, BF16)  # type: ignore[arg-type]  # the wrong one


def test_the_gpu_is_the_one_that_torch_reports(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "H200")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    assert find_gpu() == HOPPER
    assert compute_on().name == "H200, capability 9.0"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_gpu() is None
    assert compute_on().name == "the processor"


def test_nobody_looks_for_a_gpu_that_is_not_wanted(monkeypatch):
    monkeypatch.setattr(devices, "find_gpu", lambda: pytest.fail("it was looked for"))
    assert compute_on("cpu").device == "cpu"


def test_on_a_processor_batches_do_not_depend_on_length():
    assert {CPU_BATCHES.encoding.size(n) for n in (0, 1, 512, 100_000)} == {16}
    assert {CPU_BATCHES.reading.size(n) for n in (0, 1, 512, 100_000)} == {8}


@pytest.mark.parametrize(("longest", "n"), [(0, 8), (1, 8), (12, 8), (13, 7), (100, 1), (101, 1)])
def test_a_batch_has_no_more_tokens_than_allowed_but_one_sequence(longest, n):
    assert Batch(8, 100).size(longest) == n


def test_on_cuda_batches_are_larger():
    for longest in (1, 128, 512):
        assert CUDA_BATCHES.encoding.size(longest) > CPU_BATCHES.encoding.size(longest)
        assert CUDA_BATCHES.reading.size(longest) > CPU_BATCHES.reading.size(longest)


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ({"avx2", "avx512f", "avx512_bf16"}, "bfloat16"),
        ({"amx_bf16", "amx_tile"}, "bfloat16"),
        ({"avx2", "avx512f"}, "float32"),
        (set(), "float32"),
    ],
)
def test_bf16_only_where_the_processor_has_it(flags, precision):
    assert choose_precision(frozenset(flags)) == precision


def test_cpu_flags_are_read_from_the_first_processor(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(
        "processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\nflags\t: x\n", encoding="utf-8"
    )
    assert read_cpu_flags(path) == {"fpu", "avx2", "amx_bf16"}


def test_no_cpu_flags_where_the_system_lists_none(tmp_path):
    assert read_cpu_flags(tmp_path / "missing") == frozenset()
