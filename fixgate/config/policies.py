"""The shape of what files say about sequence numbers, resends, heartbeats and garbled input."""

from __future__ import annotations

from pydantic import Field

from fixgate.config import fields as f
from fixgate.config.base import Strict

__all__ = ["NumberingModel"]


class NumberingModel(Strict):
    """What both sides tell each other about their sequence numbers."""

    next_expected: f.Bool = Field(
        default=False,
        description="Our Logon carries NextExpectedMsgSeqNum(789), from FIX 4.4: the other side "
        "resends what we miss without being asked.",
    )
    last_processed: f.Bool = Field(
        default=False,
        description="Every message carries LastMsgSeqNumProcessed(369), from FIX 4.2.",
    )
