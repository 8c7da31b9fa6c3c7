"""The phase of a session: one literal table.

Theory of operation
-------------------
A session is three small machines. This is the first: how far the Logon and Logout handshakes
have come. The other two, `recovery` (which numbers are missing) and `liveness` (is the peer
there), run beside it while the phase is ``ACTIVE``; neither is a phase, so that no state such as
"active, recovering, and waiting for a Heartbeat" has to exist.

The table does not know our role. An acceptor enters by ``OPENED_AS_ACCEPTOR`` and waits for the
peer's Logon; an initiator enters by ``OPENED_AS_INITIATOR``, having sent its own. A Logon that
was accepted makes either ``ACTIVE``. A Logout of ours, for whatever reason, leads to
``LOGOUT_SENT``, where only the peer's Logout or the end of the connection is waited for. From
everywhere, ``CLOSED`` leads back to ``DISCONNECTED``.

An input that the table does not list is a fault of our own code: `step` raises
`LocalProtocolError` and the phase stays as it was. The diagram in docs/state-machine.md is
generated from this table.

Spec: FIX 4.4 volume 2, "FIX Session-level State Matrix"; FIX Session Layer 1.0, section 4.
"""

from __future__ import annotations

from enum import Enum

from fixgate.errors import LocalProtocolError

__all__ = ["TRANSITIONS", "Input", "Phase", "step"]


class Phase(Enum):
    """How far the handshakes have come."""

    DISCONNECTED = "disconnected"
    AWAITING_LOGON = "awaiting Logon"
    LOGON_SENT = "Logon sent"
    ACTIVE = "active"
    LOGOUT_SENT = "Logout sent"


class Input(Enum):
    """What moves the phase."""

    OPENED_AS_ACCEPTOR = "connection opened by the peer"
    OPENED_AS_INITIATOR = "connection opened by us, Logon sent"
    LOGON_ACCEPTED = "Logon accepted"
    LOGOUT_SENT = "our Logout sent"
    CLOSED = "connection closed"


TRANSITIONS: dict[Phase, dict[Input, Phase]] = {
    Phase.DISCONNECTED: {
        Input.OPENED_AS_ACCEPTOR: Phase.AWAITING_LOGON,
        Input.OPENED_AS_INITIATOR: Phase.LOGON_SENT,
        Input.CLOSED: Phase.DISCONNECTED,
    },
    Phase.AWAITING_LOGON: {
        Input.LOGON_ACCEPTED: Phase.ACTIVE,
        Input.LOGOUT_SENT: Phase.LOGOUT_SENT,
        Input.CLOSED: Phase.DISCONNECTED,
    },
    Phase.LOGON_SENT: {
        Input.LOGON_ACCEPTED: Phase.ACTIVE,
        Input.LOGOUT_SENT: Phase.LOGOUT_SENT,
        Input.CLOSED: Phase.DISCONNECTED,
    },
    Phase.ACTIVE: {
        Input.LOGON_ACCEPTED: Phase.ACTIVE,
        Input.LOGOUT_SENT: Phase.LOGOUT_SENT,
        Input.CLOSED: Phase.DISCONNECTED,
    },
    Phase.LOGOUT_SENT: {
        Input.CLOSED: Phase.DISCONNECTED,
    },
}


def step(phase: Phase, happened: Input) -> Phase:
    """Return the phase after ``happened``.

    Raises:
        LocalProtocolError: The table does not allow it.
    """
    try:
        return TRANSITIONS[phase][happened]
    except KeyError:
        raise LocalProtocolError(
            f"session phase '{phase.value}' has no way on from '{happened.value}'"
        ) from None
