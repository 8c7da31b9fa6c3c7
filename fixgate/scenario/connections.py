"""The connections of one actor that fixgate plays: listened to, and with its faults in them."""

from __future__ import annotations

import asyncio

from fixgate.faults import ArmedFault, Dice, FieldTest, Trigger
from fixgate.faults.injector import Injector
from fixgate.faults.model import SetFields
from fixgate.faults.record import FaultApplied
from fixgate.net.clock import Clock
from fixgate.net.endpoint import Endpoint
from fixgate.net.fault_line import FaultLine, FaultLines
from fixgate.scenario.crafted import Fields, of_body, of_header
from fixgate.scenario.records import Faulted
from fixgate.scenario.steps import HowClosed
from fixgate.scenario.tap import Record, Tap
from fixgate.scenario.unmet import NotPossibleError
from fixgate.session.session import Session
from fixgate.wire.tags import Tag

__all__ = ["Connections"]

_THE_SESSIONS_OWN = frozenset({Tag.BeginString, Tag.SendingTime})


class Connections:
    """The connections of one actor that are open now, the newest last, with its faults.

    Args:
        actor: Whose.
        clock: The world's.
        record: Gets what happens.
        dice: Of its faults.
    """

    def __init__(self, actor: str, clock: Clock, record: Record, dice: Dice) -> None:
        self._actor = actor
        self._record = record
        self.faults = FaultLines(Injector(dice), clock, self._fault_acted)
        self._open: list[tuple[Tap, FaultLine]] = []
        self._forgotten: list[Tap] = []

    def _fault_acted(self, applied: FaultApplied) -> None:
        self._record("!", Faulted(self._actor, applied.name, applied.did))

    def wrap(self, above: asyncio.Protocol) -> asyncio.Protocol:
        """Return what a new connection has for its protocol: it listens in, and faults act."""
        line = self.faults.wrap(above)

        def lost(tap: Tap) -> None:
            self._open = [each for each in self._open if each[0] is not tap]

        return Tap(
            self._actor, line, self._record, lambda tap: self._open.append((tap, line)), lost
        )

    @property
    def _newest(self) -> tuple[Tap, FaultLine]:
        if not self._open:
            raise NotPossibleError(f"{self._actor} has no connection")
        return self._open[-1]

    @property
    def ended(self) -> bool:
        """Whether all of them have ended, though not everybody may have been told."""
        return all(tap.ended for tap, _ in self._open)

    def write(self, data: bytes) -> None:
        """Write bytes on the newest connection; faults act on them.

        Raises:
            NotPossibleError: There is none.
        """
        self._newest[1].write(data)

    def send(
        self,
        session: Session,
        endpoint: Endpoint | None,
        now_ns: int,
        msg_type: bytes,
        fields: Fields,
    ) -> bytes:
        """Send through a session; return the message as the session has made it.

        What the session itself writes into every header is changed on the way, as by a fault.
        """
        header = of_header(fields)
        changed = tuple(field for field in header if field[0] in _THE_SESSIONS_OWN)
        given = tuple(field for field in header if field[0] not in _THE_SESSIONS_OWN)
        name = f"header of {session.store.next_out}"
        if changed:
            only = Trigger(fields=(FieldTest(Tag.MsgSeqNum, b"%d" % session.store.next_out),))
            self.faults.arm(ArmedFault(name, SetFields(changed), trigger=only))
        seq_num = session.send(msg_type, of_body(fields), now_ns, given)
        if endpoint is not None:
            endpoint.pump(now_ns)
        if changed:
            self.faults.clear(name)
        for _, message in session.store.messages(seq_num, seq_num):
            return message
        return b""

    def arm(self, armed: ArmedFault) -> None:
        """Let something go wrong."""
        try:
            self.faults.arm(armed)
        except ValueError as error:
            raise NotPossibleError(str(error)) from error

    def disconnect(self, how: HowClosed) -> None:
        """End the newest connection.

        Raises:
            NotPossibleError: There is none.
        """
        tap, _ = self._newest
        match how:
            case HowClosed.FIN:
                tap.close()
            case HowClosed.RST:
                tap.reset()
            case HowClosed.SILENT:
                self._open.pop()
                self._forgotten.append(tap)
                tap.forget()

    def close(self) -> None:
        """End all of them in order, as a kernel does for a process that is killed."""
        for tap, _ in self._open:
            tap.close()

    def abort(self) -> None:
        """End all of them at once, and those that were forgotten."""
        for tap in (*(tap for tap, _ in self._open), *self._forgotten):
            tap.abort()
        self.faults.close()
