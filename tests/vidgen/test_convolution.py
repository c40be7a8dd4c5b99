"""Convolutions are torch's own, in value and in every derivative, only faster in the second."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from vidgen.nn.blocks import conv
from vidgen.nn.convolution import Conv2d, Conv3d

LAYERS = {
    "2d": (Conv2d, (3, 4, 3, 1, 1), (2, 3, 5, 6)),
    "2d of one cell": (Conv2d, (3, 4, 1), (2, 3, 3, 4)),
    "2d in strides": (Conv2d, (2, 3, 4, 2, 1), (2, 2, 7, 6)),
    "2d without bias": (Conv2d, (2, 3, 3, 1, 1, 1, 1, False), (2, 2, 4, 4)),
    "3d": (Conv3d, (2, 3, 3, 1, 1), (2, 2, 3, 4, 4)),
    "3d over time": (Conv3d, (2, 2, (3, 1, 1), 1, (1, 0, 0)), (2, 2, 4, 2, 2)),
    "3d in strides": (Conv3d, (1, 2, 4, 2, 1), (1, 1, 5, 4, 6)),
}


@pytest.fixture(params=LAYERS)
def layer_and_input(request):
    torch.manual_seed(3)
    kind, sizes, shape = LAYERS[request.param]
    return kind(*sizes).double(), torch.randn(shape, dtype=torch.float64)


def theirs(layer: nn.Module) -> nn.Module:
    """Torch's own layer of the same weights."""
    twin = copy.deepcopy(layer)
    twin.__class__ = nn.Conv2d if isinstance(layer, Conv2d) else nn.Conv3d
    return twin


def penalised(layer: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """Slopes of a gradient penalty by the weights: through first and second derivatives."""
    x = x.clone().requires_grad_(True)
    y = torch.tanh(layer(x))
    (slope,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
    penalty = slope.square().sum() + y.sum()
    return list(torch.autograd.grad(penalty, [x, *layer.parameters()]))


def test_every_derivative_is_the_one_of_finite_differences(layer_and_input):
    layer, x = layer_and_input
    inputs = [x.requires_grad_(True), *(p.requires_grad_(True) for p in layer.parameters())]

    def convolve(x, *weights):
        names = [name for name, _ in layer.named_parameters()]
        return torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (x,))

    assert torch.autograd.gradcheck(convolve, inputs)
    assert torch.autograd.gradgradcheck(convolve, inputs)


def test_a_penalty_has_the_slopes_that_torchs_own_layer_gives(layer_and_input):
    layer, x = layer_and_input
    assert torch.equal(layer(x), theirs(layer)(x))
    for ours, other in zip(penalised(layer, x), penalised(theirs(layer), x), strict=True):
        torch.testing.assert_close(ours, other)


def test_without_gradients_it_is_torchs_own_to_the_last_bit(layer_and_input):
    layer, x = layer_and_input
    with torch.no_grad():
        assert torch.equal(layer(x), theirs(layer)(x))


def test_autocast_reaches_it_and_the_slopes_come_back_in_full():
    layer, x = conv(3, 4), torch.randn(2, 3, 6, 6, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
        other = theirs(layer)(x)
    assert y.dtype == other.dtype == torch.bfloat16
    assert torch.equal(y, other)
    y.float().square().sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.dtype == torch.float32
    assert x.grad is not None and x.grad.dtype == torch.float32


def test_no_kernel_as_large_as_a_picture_is_convolved():
    """Torch's own second derivative has one, which is what makes it slow."""
    kernels = []

    class Kernels(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            if func is torch.ops.aten.convolution.default:
                kernels.append(max(args[1].shape[2:]))
            return func(*args, **(kwargs or {}))

    layer, x = conv(3, 4), torch.randn(2, 3, 16, 16)
    for which, largest in ((theirs(layer), 16), (layer, 3)):
        kernels.clear()
        with Kernels():
            penalised(which, x)
        assert max(kernels) == largest
