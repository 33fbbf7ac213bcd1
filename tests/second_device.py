"""A second torch device for machines without one, as strict as CUDA.

Its tensors hold their values in the processor's memory, and its products are the processor's own.
But an operation with tensors of both devices fails, and so does taking a tensor of it for an array:
what runs here has put every tensor where its model is. Stricter than CUDA, which takes the
processor's tensors as indices; like CUDA, it takes those of one value.

It is torch's `PrivateUse1` backend, for tests alone: three kernels make tensors and copy them,
all else comes through the tensors' own `__torch_dispatch__`.
"""

from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "second"

_aten = torch.ops.aten
_MATH_ATTENTION = 0


class _SecondTensor(Tensor):
    """A tensor on the second device; `held` has its values."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor):
        with torch.inference_mode(held.is_inference()):
            return torch.Tensor._make_wrapper_subclass(
                cls,
                held.shape,
                strides=held.stride(),
                storage_offset=held.storage_offset(),
                dtype=held.dtype,
                device=torch.device(NAME),
            )

    def __init__(self, held: Tensor) -> None:
        self.held = held

    def tolist(self) -> Any:
        # Torch refuses it for subclasses; a tensor on CUDA gives its values.
        return self.held.tolist()

    def __repr__(self) -> str:  # type: ignore[override]
        return f"{NAME}({self.held!r})"

    @classmethod
    def __torch_dispatch__(cls, operation, types, args=(), kwargs=None):  # type: ignore[override]
        return _run(operation, *args, **(kwargs or {}))


def _run(operation, *args: Any, **kwargs: Any) -> Any:
    if operation is _aten.copy_.default:
        return _copy_from(args[1], args[0])
    if operation is _aten._fused_sdp_choice.default:
        return _MATH_ATTENTION
    parts = operation.decompose(*args, **kwargs)
    if parts is not NotImplemented:
        return parts
    tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
    second = {id(each.held): each for each in tensors if isinstance(each, _SecondTensor)}
    on_cpu = [each for each in tensors if not isinstance(each, _SecondTensor) and each.dim()]
    if second and on_cpu and operation is not _aten._to_copy.default:
        raise RuntimeError(f"{operation} was given tensors on cpu and on {NAME}")
    device = kwargs.get("device")
    if device is not None:
        kwargs = {**kwargs, "device": "cpu"}
    held_args, held_kwargs = tree_map_only(_SecondTensor, _held, (args, kwargs))
    result = operation(*held_args, **held_kwargs)
    if (torch.device(device).type != NAME) if device is not None else not second:
        return result

    def put(each: Tensor) -> Tensor:
        # What was changed in place stays the same tensor.
        return second[id(each)] if id(each) in second else _SecondTensor(each)

    return tree_map_only(Tensor, put, result)


def _held(tensor: Tensor) -> Tensor:
    return tensor.held if isinstance(tensor, _SecondTensor) else tensor


def _copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    _held(target).copy_(_held(source))
    return target


_setup_privateuseone_for_python_backend(NAME)
_kernels = torch.library.Library("aten", "IMPL")
for _operation in (_aten.empty.memory_format, _aten.empty_strided.default):
    _kernels.impl(
        _operation,
        lambda *args, operation=_operation, **kwargs: _run(operation, *args, **kwargs),
        "PrivateUse1",
    )
_kernels.impl(_aten._copy_from.default, _copy_from, "PrivateUse1")
