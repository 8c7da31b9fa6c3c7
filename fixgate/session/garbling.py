"""How much garbled input a session puts up with.

Spec: FIX 4.4 volume 2, "Garbled messages"; cases 2.d, 2.m, 3.b, 3.c: ignored, and no number is
used. That a connection which brings nothing else should end is left to the two sides.
"""

from __future__ import annotations

from fixgate.session.core import Core
from fixgate.session.events import LogonRefused, Reaction
from fixgate.session.phase import Phase
from fixgate.session.policies import GarbledEnd
from fixgate.session.rules import Breach, Rule
from fixgate.wire.garbled import Garbled, GarbledReason

__all__ = ["put_up_with"]

_BAD_SUM = frozenset(
    {GarbledReason.BODY_LENGTH, GarbledReason.CHECKSUM, GarbledReason.CHECKSUM_FORMAT}
)


def put_up_with(core: Core, garbled: Garbled) -> None:
    """Count a piece of garbled input, and end the session where it is one too many."""
    policy = core.settings.garbled
    core.garbled += not garbled.continued
    if policy.bad_sum_ends and garbled.reason in _BAD_SUM:
        _end(core, f"garbled input: {garbled.text}")
    elif policy.limit is not None and core.garbled > policy.limit:
        times = f"{core.garbled} times, at most {policy.limit} put up with"
        _end(core, f"garbled input {times}; the last: {garbled.text}")


def _end(core: Core, text: str) -> None:
    if core.phase is Phase.LOGOUT_SENT:
        core.closing = True
        return
    logs_out = core.settings.garbled.then is GarbledEnd.LOGOUT
    reaction = Reaction.LOGOUT if logs_out else Reaction.CLOSED
    core.note(Breach(Rule.GARBLED, text), reaction, None)
    answered = core.phase is Phase.ACTIVE
    if not answered:
        core.tell(LogonRefused(by_peer=False, text=text))
    if logs_out:
        core.send_logout(text, for_cause=True)
    core.closing = not (logs_out and answered)
