"""A network whose weights are spread over the processes of a fit, each holding its part of every layer (FSDP2).

What is trained is a `DTensor` then, and whole only where somebody asks for it, all processes together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from w2s.types import FloatArray

if TYPE_CHECKING:
    import torch


def spread(network: torch.nn.Module, head: torch.nn.Module, *, adapters: bool, device: str, size: int) -> None:
    """Spread all float weights of a loaded network, layer by layer, and of its head over the `size` processes of the fit.

    Beside a frozen network adapters and head are small, and every process keeps them whole. Each process loads the network
    whole before it lets the parts of the others go.
    """
    import torch
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.split(":")[0], (size,))
    whole = {each for each in network.parameters() if each.requires_grad} if adapters else set()
    layers = [layer for each in network.modules() if isinstance(each, torch.nn.ModuleList) for layer in each]
    for module in (*layers, network, *([] if whole else [head])):
        fully_shard(module, mesh=mesh, ignored_params=whole)


def is_spread(tensor: Any) -> bool:
    """Whether each process holds a part of it only."""
    return hasattr(tensor, "full_tensor")


def gathered(tensor: Any) -> FloatArray:
    """A copy of the whole tensor in the machine's memory; where it is spread, all processes ask for it together."""
    value = tensor.detach()
    found: FloatArray = (value.full_tensor() if is_spread(value) else value).cpu().numpy().copy()
    return found


def like(tensor: Any, value: FloatArray) -> torch.Tensor:
    """The array as a tensor on the device of another one, and spread as that is."""
    import torch

    made = torch.as_tensor(value.copy(), device=tensor.device)
    if not is_spread(tensor):
        return made
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(made, tensor.device_mesh, tensor.placements)
