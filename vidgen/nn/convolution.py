"""Convolutions whose second derivatives cost what their first ones do."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

# A convolution y = x * w is bilinear, and so are its two gradients: by x, of (slope, w), and by w,
# of (slope, x). Each one's derivatives are the other two, so three functions are closed under
# differentiation, as often as one likes. torch's own second derivative takes the gradient by w to
# be a convolution with a kernel as large as the picture, which is many times slower (LOG.md,
# 2026-12-01); gradient penalties need it in every step.

_Shape = tuple[tuple[int, ...], tuple[int, ...]]  # stride and padding
_Slopes = tuple[Tensor | None, ...]


class _Convolution(torch.autograd.Function):
    """x [B, I, ...] * w [O, I, ...] + bias [O]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, shape: _Shape) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x, w)
        ctx.shape = shape
        ones, none = (1,) * len(shape[0]), (0,) * len(shape[0])
        return torch.ops.aten.convolution(x, w, bias, *shape, ones, False, none, 1)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> _Slopes:  # noqa: ANN401
        x, w = ctx.saved_tensors
        by_x, by_w, by_bias = ctx.needs_input_grad[:3]
        if not torch.is_grad_enabled():  # nobody will ask for more: all at once
            return (*_gradients(slope, x, w, ctx.shape, by_x, by_w, by_bias), None)
        return (
            _ByInput.apply(slope, w, x, ctx.shape) if by_x else None,
            _ByWeight.apply(slope, x, w, ctx.shape) if by_w else None,
            slope.sum(dim=[0, *range(2, slope.dim())]) if by_bias else None,
            None,
        )


class _ByInput(torch.autograd.Function):
    """The gradient by x, of slope and w; of x it takes the size alone."""

    @staticmethod
    def forward(ctx: Any, slope: Tensor, w: Tensor, x: Tensor, shape: _Shape) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(slope, w)
        ctx.shape = shape
        return _gradients(slope, x, w, shape, by_x=True)[0]

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> _Slopes:  # noqa: ANN401
        first, w = ctx.saved_tensors
        by_first, by_w = ctx.needs_input_grad[:2]
        return (
            _Convolution.apply(slope, w, None, ctx.shape) if by_first else None,
            _ByWeight.apply(first, slope, w, ctx.shape) if by_w else None,
            None,
            None,
        )


class _ByWeight(torch.autograd.Function):
    """The gradient by w, of slope and x; of w it takes the size alone."""

    @staticmethod
    def forward(ctx: Any, slope: Tensor, x: Tensor, w: Tensor, shape: _Shape) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(slope, x)
        ctx.shape = shape
        return _gradients(slope, x, w, shape, by_w=True)[1]

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> _Slopes:  # noqa: ANN401
        first, x = ctx.saved_tensors
        by_first, by_x = ctx.needs_input_grad[:2]
        return (
            _Convolution.apply(x, slope, None, ctx.shape) if by_first else None,
            _ByInput.apply(first, slope, x, ctx.shape) if by_x else None,
            None,
            None,
        )


def _gradients(
    slope: Tensor,
    x: Tensor,
    w: Tensor,
    shape: _Shape,
    by_x: bool = False,
    by_w: bool = False,
    by_bias: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    ones, none = (1,) * len(shape[0]), (0,) * len(shape[0])
    wanted = [by_x, by_w, by_bias]
    return torch.ops.aten.convolution_backward(
        slope, x, w, [len(w)], *shape, ones, False, none, 1, wanted
    )


def _convolve(x: Tensor, layer: nn.Conv2d | nn.Conv3d) -> Tensor:
    inputs, kind = (x, layer.weight, layer.bias), x.device.type
    if torch.is_autocast_enabled(kind):  # which does not see into functions of one's own
        dtype = torch.get_autocast_dtype(kind)
        inputs = tuple(value if value is None else value.to(dtype) for value in inputs)
    y = _Convolution.apply(*inputs, (layer.stride, layer.padding))
    assert isinstance(y, Tensor)
    return y


class Conv2d(nn.Conv2d):
    """``nn.Conv2d`` in one group without dilation, padded with zeros; see this module's top."""

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, I, H, W] to [B, O, H', W']."""
        return _convolve(x, self) if torch.is_grad_enabled() else super().forward(x)


class Conv3d(nn.Conv3d):
    """``nn.Conv3d`` in one group without dilation, padded with zeros; see this module's top."""

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, I, T, H, W] to [B, O, T', H', W']."""
        return _convolve(x, self) if torch.is_grad_enabled() else super().forward(x)
