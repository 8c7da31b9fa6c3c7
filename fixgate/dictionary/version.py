"""The FIX versions, and what differs between them on the wire."""

from __future__ import annotations

from enum import Enum

__all__ = ["FixVersion"]


class FixVersion(Enum):
    """An application version; the value is its name in files and reports."""

    FIX40 = "FIX.4.0"
    FIX41 = "FIX.4.1"
    FIX42 = "FIX.4.2"
    FIX43 = "FIX.4.3"
    FIX44 = "FIX.4.4"
    FIX50 = "FIX.5.0"
    FIX50SP1 = "FIX.5.0SP1"
    FIX50SP2 = "FIX.5.0SP2"

    @property
    def is_fixt(self) -> bool:
        """``True`` when the session layer is FIXT.1.1."""
        return self.value >= "FIX.5"

    @property
    def begin_string(self) -> str:
        """BeginString(8) of sessions in this version."""
        return "FIXT.1.1" if self.is_fixt else self.value

    @property
    def appl_ver_id(self) -> str | None:
        """ApplVerID(1128) code, or ``None`` before FIXT.

        Spec: FIXT 1.1, ApplVerID(1128): 7 = FIX50, 8 = FIX50SP1, 9 = FIX50SP2.
        """
        return {"FIX.5.0": "7", "FIX.5.0SP1": "8", "FIX.5.0SP2": "9"}.get(self.value)

    @property
    def order(self) -> int:
        """Position in time, 0 for FIX 4.0."""
        return list(FixVersion).index(self)

    @classmethod
    def of_session(cls, begin_string: str, appl_ver_id: str | None = None) -> FixVersion | None:
        """Return the version of a session, or ``None`` for one that is not known here.

        Args:
            begin_string: BeginString(8).
            appl_ver_id: DefaultApplVerID(1137) for FIXT.1.1.
        """
        for version in cls:
            if version.begin_string == begin_string and version.appl_ver_id == appl_ver_id:
                return version
        return None
