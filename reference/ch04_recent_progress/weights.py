"""Checks on weights that came back from a student, before they are loaded anywhere.

The same file lies beside the measures of chapters 3, 4 and 5, since a measure's process reads its own folder only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch

Fault = dict[str, dict[str, str]]
_SHOWN = 3


def fault(zh: str, en: str) -> Fault:
    """What a measure returns for work that it cannot use."""
    return {"fault": {"zh": zh, "en": en}}


def weights_fault(weights: object, expected: Mapping[str, torch.Size], optional: Collection[str] = ()) -> Fault | None:
    """Whether `weights` is a mapping with just the expected names, shapes, and finite float elements.

    Args:
        weights: what the student returned.
        expected: name of a tensor to its shape.
        optional: names that may be absent (tied to another tensor, or left as they were).

    Returns:
        None when they can be loaded, else the fault; it names at most three tensors.
    """
    if not isinstance(weights, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in weights.values()):
        return fault("weights 应是“名字 → 浮点张量”的字典", "weights must be a dictionary from names to float tensors")
    return _names_fault(weights, expected, optional) or _elements_fault(weights, expected)


def _names_fault(
    weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Size], optional: Collection[str]
) -> Fault | None:
    if strange := _few(sorted(set(weights) - set(expected))):
        return fault(f"weights 里有这个模型没有的张量：{strange}", f"weights has tensors this model has not: {strange}")
    if absent := _few(sorted(set(expected) - set(weights) - set(optional))):
        return fault(f"weights 里缺少张量：{absent}", f"weights lacks tensors: {absent}")
    return None


def _elements_fault(weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Size]) -> Fault | None:
    for name, tensor in weights.items():
        got, wanted = tuple(tensor.shape), tuple(expected[name])
        if got != wanted:
            return fault(f"{name} 的形状是 {got}，应为 {wanted}", f"{name} has shape {got}, expected was {wanted}")
        if not tensor.is_floating_point():
            return fault(f"{name} 不是浮点张量", f"{name} is not a float tensor")
        if not bool(torch.isfinite(tensor).all()):
            return fault(f"{name} 含有 NaN 或无穷大", f"{name} holds NaN or infinity")
    return None


def _few(names: Collection[str]) -> str:
    listed = [str(name)[:80] for name in names]
    more = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f" (+{more})" if more > 0 else "")


def shapes(model: Any) -> dict[str, torch.Size]:
    """Names and shapes of a model's state dictionary."""
    return {name: tensor.shape for name, tensor in model.state_dict().items()}
