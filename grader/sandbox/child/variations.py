"""Numerical set-ups in which honest work may run: what tolerances are calibrated against.

The graded truth is float32, one thread, SDPA attention. Each variation changes one of these for the models that a
trusted child holds; how far the reference then moves is the spread that a tolerance must exceed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

PADDING = 3
"""Columns of padding that the padded batch adds on the right."""


def two_threads(_: Any) -> None:
    """Sums are split over two threads."""
    import torch

    torch.set_num_threads(2)


def eager_attention(model: Any) -> None:
    """Attention by matrix products and softmax instead of the fused kernel."""
    model.set_attn_implementation("eager")


def no_cache(model: Any) -> None:
    """Every step computes all keys and values anew."""
    model.config.use_cache = False
    if getattr(model, "generation_config", None) is not None:
        model.generation_config.use_cache = False


def padded_batch(model: Any) -> None:
    """Inputs of batch size 1 run as the first row of a padded batch of two; outputs are cut back to that row."""
    original = model.forward

    def forward(input_ids: Any = None, **options: Any) -> Any:
        if not _can_be_padded(input_ids, options):
            return original(input_ids=input_ids, **options)
        return _first_row(original(**_padded(input_ids, options)), input_ids.shape[1])

    model.forward = forward


def float64(model: Any) -> None:
    """Weights and activations in double precision."""
    model.double()


VARIATIONS: dict[str, Callable[[Any], None]] = {
    "two threads": two_threads,
    "eager attention": eager_attention,
    "no cache": no_cache,
    "padded batch": padded_batch,
    "float64": float64,
}


def apply(name: str, models: Iterable[Any]) -> None:
    """Put models into a set-up, in place; for the rest of this process's life.

    Raises:
        KeyError: there is no variation of that name.
    """
    change = VARIATIONS[name]
    for model in models:
        change(model)


def _can_be_padded(input_ids: Any, options: dict[str, Any]) -> bool:
    taken = {"attention_mask", "token_type_ids", "return_dict", "output_attentions", "output_hidden_states"}
    given = {name for name, value in options.items() if value is not None and value is not False}
    return input_ids is not None and tuple(input_ids.shape[:-1]) == (1,) and given <= taken


def _padded(input_ids: Any, options: dict[str, Any]) -> dict[str, Any]:
    import torch

    length = input_ids.shape[1]
    mask = options.get("attention_mask")
    mask = torch.ones_like(input_ids) if mask is None else mask
    first = torch.nn.functional.pad(input_ids, (0, PADDING))
    second = first.roll(1, dims=1)
    padded = {**options, "input_ids": torch.cat([first, second])}
    full = torch.nn.functional.pad(torch.ones_like(mask), (0, PADDING), value=1)
    padded["attention_mask"] = torch.cat([torch.nn.functional.pad(mask, (0, PADDING)), full])
    if options.get("token_type_ids") is not None:
        padded["token_type_ids"] = torch.zeros(2, length + PADDING, dtype=torch.long)
    return padded


def _first_row(output: Any, length: int) -> Any:
    """The first row of each tensor in a model output, its padded columns cut off."""
    for name, value in list(output.items()):
        if hasattr(value, "shape"):
            output[name] = _cut(value, length)
        elif isinstance(value, tuple) and value and hasattr(value[0], "shape"):
            output[name] = tuple(_cut(item, length) for item in value)
    return output


def _cut(tensor: Any, length: int) -> Any:
    """Row 0, and `length` along every dimension that was padded (positions; both for attention weights)."""
    cut = tensor[:1]
    for dimension in range(1, cut.dim()):
        if cut.shape[dimension] == length + PADDING:
            cut = cut.narrow(dimension, 0, length)
    return cut
