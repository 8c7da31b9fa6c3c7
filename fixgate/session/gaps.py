"""Asking for what is missing: at once or in chunks, and again when nothing comes.

`recovery` knows what is missing and what waits; here is what is said about it. A session has one
gap at a time, so at most one request is open.

Spec: FIX 4.4 volume 2, "Resend Request": EndSeqNo(16); test cases 2.b, 10.a, 20.
"""

from __future__ import annotations

from fixgate.dictionary.version import FixVersion
from fixgate.session.core import Core
from fixgate.session.events import GapOpened, Reaction
from fixgate.session.phase import Phase
from fixgate.session.policies import RequestEnd
from fixgate.session.rules import Breach, Rule
from fixgate.wire.tags import MsgType, Tag

__all__ = ["ask_again", "ask_for", "expect_unasked", "go_on_asking", "passed_over"]


def ask_for(core: Core, begin: int, received: int) -> None:
    """Ask for what is missing below ``received``, or for the first chunk of it."""
    _request(core)
    core.tell(GapOpened(begin, received))


def expect_unasked(core: Core, begin: int, received: int) -> None:
    """Wait for what our Logon has asked for already, by NextExpectedMsgSeqNum(789)."""
    core.tell(GapOpened(begin, received))
    _wait(core)


def go_on_asking(core: Core) -> None:
    """Ask for the next chunk if all of the one before has come."""
    recovery = core.recovery
    if recovery.asked_to and core.store.next_in > recovery.asked_to and core.phase is Phase.ACTIVE:
        recovery.tries = 0
        _request(core)


def passed_over(core: Core, new_seq_num: int) -> None:
    """A GapFill has moved the expected number: see whether that ends a chunk."""
    recovery = core.recovery
    if core.dialect.gap_fill_ends_chunk and recovery.asked_to == new_seq_num:
        recovery.asked_to = new_seq_num - 1


def ask_again(core: Core) -> None:
    """Ask again when nothing has come since we asked; end the session when that does not help."""
    recovery, policy = core.recovery, core.settings.resends
    expected = core.store.next_in
    if not recovery.open:
        core.arm(retry_ns=None)
    elif expected != recovery.asked_from:
        recovery.tries = 0
        _wait(core)
    elif recovery.tries < policy.retries:
        recovery.tries += 1
        _request(core)
        core.tell(GapOpened(expected, recovery.end + 1))
    else:
        _give_up(core, expected)


def _give_up(core: Core, expected: int) -> None:
    core.arm(retry_ns=None)
    text = (
        f"MsgSeqNum(34) {expected} to {core.recovery.end} did not come, "
        f"asked for {core.recovery.tries} times again"
    )
    observes = core.settings.observe
    if not observes:
        core.send_logout(text, for_cause=True)
    reaction = Reaction.NONE if observes else Reaction.LOGOUT
    core.note(Breach(Rule.GAP_UNFILLED, text, tag=Tag.MsgSeqNum), reaction, None)


def _request(core: Core) -> None:
    recovery, policy = core.recovery, core.settings.resends
    begin, last = core.store.next_in, recovery.end
    size = policy.request_size
    if size is not None and begin + size - 1 < last:
        recovery.asked_to = begin + size - 1
        end = b"%d" % recovery.asked_to
    else:
        recovery.asked_to = 0
        end = _last_end(core, last)
    core.transmit(MsgType.ResendRequest, b"7=%d\x0116=%b\x01" % (begin, end))
    _wait(core)


def _last_end(core: Core, last: int) -> bytes:
    """Return EndSeqNo(16) of a request for everything up to ``last``.

    Without an end, whatever else is lost meanwhile is covered. FIX 4.0 and 4.1 say "all there is"
    with 999999, later versions with 0.
    """
    match core.settings.resends.request_end:
        case RequestEnd.VERSION:
            return b"999999" if core.version.order < FixVersion.FIX42.order else b"0"
        case RequestEnd.EXACT:
            return b"%d" % last
        case RequestEnd.ZERO:
            return b"0"
        case RequestEnd.NINES:
            return b"999999"


def _wait(core: Core) -> None:
    """Give the peer its time, from now on."""
    core.recovery.asked_from = core.store.next_in
    retry_ns = core.settings.resends.retry_ns
    core.arm(retry_ns=None if retry_ns is None else core.now_ns + retry_ns)
