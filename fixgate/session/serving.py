"""What is sent again, and how much of it.

Spec: FIX 4.4 volume 2, "Resend Request"; test cases 8 and 20. Caps on one request are venues' own
(CME has 2500); the standard only advises against more than the peer can take.
"""

from __future__ import annotations

from fixgate.session.checks import number_in
from fixgate.session.core import Core
from fixgate.session.events import ResendServed
from fixgate.session.policies import BeyondLimit
from fixgate.session.rules import Breach, Rule
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag

__all__ = ["send_again", "serve_request"]


def serve_request(core: Core, message: Message) -> None:
    """Send again what the peer missed. Spec: case 8; EndSeqNo(16) 0 means all there is."""
    begin, end = number_in(message, Tag.BeginSeqNo), number_in(message, Tag.EndSeqNo)
    last = core.store.next_out - 1
    unbounded = end == 0 or end >= last
    asked = f"BeginSeqNo(7) and EndSeqNo(16): received {begin} to {end}"
    if not 1 <= begin <= last or (not unbounded and end < begin):
        text = f"{asked}, we sent 1 to {last}"
        breach = Breach(Rule.RESEND_RANGE, text, reason=5, tag=Tag.BeginSeqNo)
        core.react(breach, message, None)
        return
    policy = core.settings.resends
    wanted = (last if unbounded else end) - begin + 1
    limit = policy.serve_limit
    if limit is not None and wanted > limit and policy.beyond_limit is BeyondLimit.REFUSE:
        text = f"{asked}, {wanted} messages; at most {limit} in one request"
        breach = Breach(Rule.RESEND_RANGE, text, reason=5, tag=Tag.EndSeqNo)
        core.react(breach, message, None)
        return
    if core.outbound.is_sending_again(begin, begin + wanted - 1):
        return
    repeated = core.repeats.asked(begin, core.now_ns)
    if policy.repeats is not None and repeated > policy.repeats:
        text = f"{asked}, for the {repeated}. time since it was answered"
        core.react(Breach(Rule.RESEND_LOOP, text, tag=Tag.BeginSeqNo), message, None)
        return
    core.tell(ResendServed(begin, end))
    _resend(core, begin, begin + wanted - 1)


def send_again(core: Core, begin: int, last: int) -> None:
    """Send ``begin`` to ``last`` again, unasked; what is above the limit is gap-filled."""
    core.tell(ResendServed(begin, last))
    _resend(core, begin, last)


def _resend(core: Core, begin: int, last: int) -> None:
    limit = core.settings.resends.serve_limit
    again_to = last if limit is None else min(last, begin + limit - 1)
    if not core.settings.resend_application:
        again_to = 0
    core.outbound.resend(begin, last, core.now_ns, again_to=again_to)
