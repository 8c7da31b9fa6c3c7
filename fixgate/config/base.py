"""What every model of a file has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Strict"]


class Strict(BaseModel):
    """A mapping whose keys are all known."""

    # Inputs are never echoed by pydantic: one of them may be a password.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
