"""NextExpectedMsgSeqNum(789): each Logon says what its sender has, so that nobody has to ask.

Whoever reads in the peer's Logon that messages of his are missing sends them again at once, behind
his own Logon. Where both Logons carry the field neither side sends a ResendRequest for what the
numbers of the Logons show to be missing.

Spec: FIX 4.4 volume 2, "Logon": NextExpectedMsgSeqNum(789), "Message recovery"; FIXT 1.1.
"""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.session.checks import number_in
from fixgate.session.core import Core
from fixgate.session.rules import Breach, Rule
from fixgate.session.serving import send_again
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["breach_of_expectation", "expected_by", "serve_expectation"]


def expected_by(core: Core, logon: Message) -> int | None:
    """Return the number of ours that the peer expects next, ``None`` when its Logon is silent."""
    return (number_in(logon, Tag.NextExpectedMsgSeqNum) or None) if _known(core) else None


def breach_of_expectation(core: Core, expected: int) -> Breach | None:
    """Return the breach of a peer that expects more than we have ever sent.

    It has seen messages that our store knows nothing of; no resend can mend that.
    """
    next_out = core.store.next_out
    if expected <= next_out:
        return None
    text = f"NextExpectedMsgSeqNum too high, expecting {next_out} but received {expected}"
    return Breach(Rule.NEXT_EXPECTED_TOO_HIGH, text, tag=Tag.NextExpectedMsgSeqNum)


def serve_expectation(core: Core, expected: int) -> None:
    """Send everything from ``expected`` on again, up to our Logon and what is behind it."""
    send_again(core, expected, core.store.next_out - 1)


def _known(core: Core) -> bool:
    return core.version.order >= FixVersion.FIX44.order
