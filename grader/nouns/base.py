"""What every noun is: a frozen pydantic model that refuses unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """A frozen value; unknown keys are refused, so that a typing error in a file is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
