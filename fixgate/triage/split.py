"""Where the time of a sample went: its way in parts, in order. Values; see `split`."""

from __future__ import annotations

from dataclasses import dataclass

from fixgate.triage.model import Layer

__all__ = ["Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a sample's way.

    Attributes:
        layer: Whose time it is; ``UNATTRIBUTED`` for what nobody can tell apart.
        label: Such as ``application to kernel``.
        duration_ns: At least 0.
    """

    layer: Layer
    label: str
    duration_ns: int
