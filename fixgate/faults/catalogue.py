"""Every fault by the name that scenario files give it."""

from __future__ import annotations

from collections.abc import Mapping

from fixgate.faults.entries_content import CONTENT
from fixgate.faults.entries_line import LINE
from fixgate.faults.entries_session import SESSION
from fixgate.faults.model import Fault
from fixgate.faults.spec import REQUIRED, FaultSpec, Group, ParamValue

__all__ = ["CATALOGUE", "build"]

_CHAPTERS = list(Group)

CATALOGUE: Mapping[str, FaultSpec] = {
    spec.name: spec
    for spec in sorted((*SESSION, *CONTENT, *LINE), key=lambda each: _CHAPTERS.index(each.group))
}
"""By name, in the order of the chapters."""


def build(name: str, given: Mapping[str, ParamValue] | None = None) -> Fault:
    """Return a fault.

    Args:
        name: One of `CATALOGUE`.
        given: Parameters by name, as `Kind` says, within their bounds; the others have their
            defaults.

    Raises:
        KeyError: There is no such fault.
        TypeError: A parameter is not one of this fault, or one that is required is missing.
    """
    spec = CATALOGUE[name]
    values = {param.name: param.default for param in spec.params if param.default is not REQUIRED}
    return spec.build(**(values | dict(given or {})))
