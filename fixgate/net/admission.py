"""Who comes in: which connections, and which of them may log on as whom.

Theory of operation
-------------------
A connection is looked at three times. When it is accepted: does its address stand on the port's
list, and is there room? When its first message is whole: is it a Logon of a session that is
known? And then: may this connection be that client? Whoever fails is closed without a word, and
told of in the log once a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fixgate.net.arrival import Arrival
from fixgate.net.certificate import CertificateFacts
from fixgate.net.clock import Clock
from fixgate.net.events import CloseReason
from fixgate.net.expiry import ClientExpiries
from fixgate.net.lobby import Lobby
from fixgate.net.networks import show_address
from fixgate.net.refusals import Refusal, Refusals
from fixgate.net.room import Room
from fixgate.net.roster import Counterparty, Roster
from fixgate.net.settings import GatewaySettings
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["Admission", "Entrant"]

_SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True)
class Entrant:
    """A connection that may come in as one client.

    Attributes:
        party: The client.
        waiting: The connection.
        items: What its first bytes held, the Logon first.
        framer: What read them; it may hold the beginning of the next message.
    """

    party: Counterparty
    waiting: Lobby
    items: list[Message | Garbled]
    framer: Framer


class Admission:
    """Decides who comes in to one gateway: the host of its lobby.

    Args:
        settings: The gateway's.
        roster: Who is known.
        clock: The process's clock.
        welcome: Takes a connection over; ``False`` when it cannot.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        roster: Roster,
        clock: Clock,
        welcome: Callable[[Entrant], bool],
    ) -> None:
        self.room = Room(settings.max_connections, settings.max_per_address)
        self._roster = roster
        self._clock = clock
        self._welcome = welcome
        self._refusals = Refusals()
        self._expiries = ClientExpiries()
        self._limits = Limits()
        self._to_checksum = settings.template.dialect.garbled_ends_at_checksum
        self._closed = False

    def close(self) -> None:
        """Let nobody in any more, and send away who waits."""
        self._closed = True
        for guest in self.room.waiting():
            guest.close()

    # The lobby's host.

    def arrived(self, guest: Arrival) -> bool:
        """Give a new connection a place; ``False`` when it may not come in."""
        if self._closed:
            return False
        allow = guest.listen.allow
        if allow is not None and guest.address not in allow:
            self.turned_away(guest, Refusal.ADDRESS, _local(guest))
        elif not self.room.enter(guest):
            self.turned_away(guest, Refusal.NO_ROOM, self.room.fullness(guest.origin))
        else:
            return True
        return False

    def left(self, guest: Arrival) -> None:
        """A connection waits no longer."""
        self.room.leave(guest)

    def turned_away(self, guest: Arrival, why: Refusal, text: str) -> None:
        """Tell who was not let in."""
        self._refusals.tell(why, guest.address, text, self._clock.steady_ns())

    def admit(self, waiting: Lobby, first: bytes) -> bool:
        """Let in whose Logon this is; ``False`` after turning the connection away.

        An identity that is live keeps its connection; the newcomer is told nothing. One whose
        session is over, and lingers until the peer closes as well, is free.

        Spec: test case 1S.b, "duplicate identity".
        """
        framer = Framer(self._limits, garbled_ends_at_checksum=self._to_checksum)
        items = framer.feed(first)
        logon = items[0] if items else None
        if not isinstance(logon, Message):
            waiting.turn_away(Refusal.NO_LOGON, logon.text if logon is not None else "")
        elif logon.msg_type != MsgType.Logon:
            text = f"MsgType(35) {_shown(logon.msg_type)} came first"
            waiting.turn_away(Refusal.NO_LOGON, text)
        elif (party := self._roster.find(logon, self._clock.now_ns())) is None:
            full = ", and no more that nobody listed" if self._roster.full else ""
            waiting.turn_away(Refusal.STRANGER, _identity(logon) + full)
        elif (objection := _objection(party, waiting)) is not None:
            waiting.turn_away(*objection)
        elif not party.patience.is_left(waiting.origin, self._clock.steady_ns()):
            waiting.turn_away(Refusal.LOOP, party.client.key)
        elif not self._make_way(party):
            waiting.turn_away(Refusal.TAKEN, party.client.key)
        else:
            self.room.seat(waiting)
            if self._welcome(Entrant(party, waiting, items, framer)):
                self._look_at_certificate(party, waiting)
                return True
            waiting.close()
        return False

    def _look_at_certificate(self, party: Counterparty, waiting: Lobby) -> None:
        """Say when the certificate of a client that came in has not long to go."""
        settings, shown = waiting.listen.tls, _certificate(waiting)
        if settings is not None and shown is not None:
            now_ns = self._clock.now_ns()
            self._expiries.look(party.client.key, shown, settings.warn_days, now_ns)

    def _make_way(self, party: Counterparty) -> bool:
        """Free a client of a connection that is as good as gone; ``False`` when it is not."""
        holder = party.endpoint
        if holder is None:
            return True
        dead = party.entry.replace_dead and holder.unanswered(self._clock.now_ns())
        if not (holder.over or dead):
            return False
        holder.make_way(CloseReason.OURS if holder.over else CloseReason.REPLACED)
        return party.endpoint is None


def _objection(party: Counterparty, waiting: Lobby) -> tuple[Refusal, str] | None:
    """Return why a connection may not be a client's, though it has its name."""
    name, allow, rule = party.client.key, party.entry.allow, party.entry.certificate
    if allow is not None and waiting.address not in allow:
        return Refusal.CLIENT_ADDRESS, f"{name}, allowed from {allow}"
    objection = None if rule is None else rule.objection(_certificate(waiting))
    return None if objection is None else (Refusal.CERTIFICATE, f"{name}: {objection}")


def _certificate(waiting: Lobby) -> CertificateFacts | None:
    return None if waiting.tls is None else waiting.tls.certificate()


def _local(guest: Arrival) -> str:
    """Return where a connection arrived."""
    return show_address(guest.transport.get_extra_info("sockname") if guest.transport else None)


def _identity(logon: Message) -> str:
    sender, target = logon.get(Tag.SenderCompID), logon.get(Tag.TargetCompID)
    return (
        f"BeginString(8) {_shown(logon.begin_string)}, SenderCompID(49) {_shown(sender)}, "
        f"TargetCompID(56) {_shown(target)}"
    )


def _shown(value: bytes | None) -> str:
    if value is None:
        return "missing"
    text = value.decode("latin-1")
    return f"'{text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + '...'}'"
