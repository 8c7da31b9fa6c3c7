"""Restarting both numbers at Logon: asked for, forced, demanded, refused, followed.

Spec: FIX 4.1 and later, "Logon": ResetSeqNumFlag(141); both sides begin at 1, so the two Logons
are number 1 and each side sends number 2 next. Test case 9.
"""

from __future__ import annotations

from dataclasses import replace

from fixgate.dictionary.version import FixVersion
from fixgate.session.core import Core
from fixgate.session.events import SequenceReset
from fixgate.session.logon import Terms
from fixgate.session.policies import ResetFlag
from fixgate.session.rules import Breach, Rule
from fixgate.session.settings import Role
from fixgate.wire.tags import Tag

__all__ = ["breach_of_reset", "refuses_resets", "restart"]


def breach_of_reset(core: Core, terms: Terms) -> Breach | None:
    """Return what is wrong with the presence or absence of the flag in the peer's Logon."""
    settings, flag = core.settings, _flag(core)
    if settings.role is Role.INITIATOR:
        if not terms.reset or settings.reset_on_logon or flag is ResetFlag.FOLLOW:
            return None
        text = "ResetSeqNumFlag(141)=Y was not asked for; our numbers stay as they are"
        return Breach(Rule.RESET_UNASKED, text, tag=Tag.ResetSeqNumFlag)
    if flag is ResetFlag.DEMAND and not terms.reset:
        text = "ResetSeqNumFlag(141): expected Y; numbers restart at 1 at every Logon here"
        return Breach(Rule.RESET_DEMANDED, text, tag=Tag.ResetSeqNumFlag)
    return refuses_resets(core) if terms.reset else None


def refuses_resets(core: Core) -> Breach | None:
    """Return the breach of a peer that asks for a reset where none is taken."""
    if _flag(core) is not ResetFlag.REFUSE:
        return None
    text = "ResetSeqNumFlag(141)=Y is not taken here; sequence numbers continue"
    return Breach(Rule.RESET_REFUSED, text, tag=Tag.ResetSeqNumFlag)


def restart(core: Core, terms: Terms) -> Terms | None:
    """Restart both numbers where the peer's Logon or our settings have it.

    Returns:
        The terms as they are in force after it, or ``None`` when the numbers go on.
    """
    settings, store = core.settings, core.store
    if settings.role is Role.INITIATOR:
        if not terms.reset or settings.reset_on_logon:
            return None  # ours has restarted them already
        store.reset(core.now_ns)
        store.set_next_out(2, core.now_ns)
        core.outbound.withheld = False
    else:
        forced = _flag(core) is ResetFlag.FORCE
        if not (terms.reset or forced or settings.reset_on_logon):
            return None
        store.reset(core.now_ns)
        if forced:
            core.tell(SequenceReset(by_peer=terms.reset))
            return replace(terms, seq_num=1, reset=True)
    core.tell(SequenceReset(by_peer=terms.reset))
    return terms


def _flag(core: Core) -> ResetFlag:
    known = core.version.order >= FixVersion.FIX41.order
    return core.settings.numbering.reset_flag if known else ResetFlag.AS_ASKED
