"""The last sequence number: numbers have a width, at the other side if not with us.

A session whose numbers are used up ends with a Logout, which has the last of them, and nobody logs
on until they restart: a number that wraps around, or that the other side cannot read, would take
the whole session with it.

Spec: none; FIX has no bound. QuickFIX/J and Artio count in 32 bits, QuickFIX C++ in 64, some
venues stop earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixgate.session.events import NumbersRunLow
from fixgate.session.phase import Phase

if TYPE_CHECKING:
    from fixgate.session.core import Core

__all__ = ["LOW_BEFORE", "near_the_end", "used_up"]

LOW_BEFORE = 1000
"""How many numbers before the last one somebody is told; Bullish tells its clients as early."""


def near_the_end(core: Core, seq_num: int) -> None:
    """Act on a number that has just been used and is near the last one, or past it."""
    highest = core.settings.numbering.highest
    if seq_num == highest - LOW_BEFORE:
        core.tell(NumbersRunLow(LOW_BEFORE, highest))
    elif seq_num == highest - 1 and core.phase is Phase.ACTIVE:
        core.send_logout(f"MsgSeqNum(34) {highest} is the last; numbers have to restart")


def used_up(core: Core) -> str | None:
    """Return why nobody can log on with the numbers as they are, or ``None``."""
    highest, next_out = core.settings.numbering.highest, core.store.next_out
    if next_out < highest - 1:
        return None  # the Logon and the Logout have numbers
    return f"MsgSeqNum(34) {next_out - 1} was used and {highest} is the last; restart the numbers"
