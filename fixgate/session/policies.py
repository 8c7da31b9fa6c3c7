"""How a session handles what FIX leaves to the two sides: plain values.

The defaults are the standard's way, or the most common one where the standard has none.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NumberingPolicy"]


@dataclass(frozen=True, slots=True)
class NumberingPolicy:
    """What both sides tell each other about their sequence numbers.

    Attributes:
        next_expected: Our Logon carries NextExpectedMsgSeqNum(789), from FIX 4.4. What the
            peer's Logon says with it is obeyed in any case.
        last_processed: Every message of ours carries LastMsgSeqNumProcessed(369) in its header,
            from FIX 4.2: the last number of the peer's that we have taken.
    """

    next_expected: bool = False
    last_processed: bool = False
