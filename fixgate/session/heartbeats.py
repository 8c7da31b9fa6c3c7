"""Agreeing on HeartBtInt(108): taken, answered with another value, or refused.

Spec: FIX 4.4 volume 2, "Logon": HeartBtInt(108) is declared by the initiator and must be the same
in the acceptor's Logon. FIX Session Layer: an acceptor may refuse a value by a Logout.
"""

from __future__ import annotations

from fixgate.session.checks import show
from fixgate.session.core import Core
from fixgate.session.events import Reaction
from fixgate.session.logon import heartbeat_in
from fixgate.session.policies import HeartbeatAnswer
from fixgate.session.rules import Breach, Rule
from fixgate.session.settings import Role
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["agree", "agree_again"]


def agree(core: Core, logon: Message, heartbeat_s: int) -> int | Breach:
    """Return the interval in force, seconds, or why the Logon is to be refused.

    Args:
        core: The session.
        logon: The peer's Logon.
        heartbeat_s: Its HeartBtInt(108).
    """
    settings, policy = core.settings, core.settings.heartbeats
    if settings.role is Role.INITIATOR:
        same = heartbeat_s == settings.heartbeat_s
        text = f"asked for {settings.heartbeat_s} s, the answer is {heartbeat_s} s"
        refused = policy.on_mismatch is HeartbeatAnswer.REFUSE
        return heartbeat_s if same or not refused else _breach(text)
    if policy.takes(heartbeat_s):
        return heartbeat_s
    breach = _breach(f"received {heartbeat_s} s, expected {policy.wanted}")
    match policy.on_mismatch:
        case HeartbeatAnswer.REFUSE:
            return breach
        case HeartbeatAnswer.IMPOSE:
            return policy.imposed(heartbeat_s)
        case HeartbeatAnswer.ACCEPT:
            core.note(breach, Reaction.NONE, logon)
            return heartbeat_s


def agree_again(core: Core, logon: Message) -> int | Breach:
    """Return the same for a Logon in session, which nobody has judged yet."""
    heartbeat_s = heartbeat_in(logon)
    if heartbeat_s is not None:
        return agree(core, logon, heartbeat_s)
    if core.settings.observe:
        return core.settings.heartbeat_s
    received = show(logon.get(Tag.HeartBtInt))
    return _breach(f"received {received}, expected seconds from 0 to 86400")


def _breach(text: str) -> Breach:
    return Breach(Rule.HEARTBEAT, f"HeartBtInt(108): {text}", reason=5, tag=Tag.HeartBtInt)
