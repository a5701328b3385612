"""What crosses the wire to and from student code: JSON values and tensors, nothing else.

A `Value` is None, bool, int, float, str, a list or a dict (string keys) of values, a `Tensor`, or an `Opaque` that
stands for an object of some other type that could not be sent (a generator, a module, a model …).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Value: TypeAlias = Any

MOST_VALUES = 200_000
"""Values in one answer, those in lists and dictionaries counted one by one; more belong into a tensor, which is one."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """An array as it came back.

    Attributes:
        dtype: torch's name of the element type the sender had, for example `float32` or `bfloat16`.
        array: the elements; `bfloat16` and `float16` arrive widened to float32, which is exact.
    """

    dtype: str
    array: np.ndarray[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the dimensions; `()` for a scalar tensor."""
        return tuple(int(n) for n in self.array.shape)


@dataclass(frozen=True)
class Opaque:
    """An object that has no place on the wire; only the name of its type came across."""

    type: str
