"""A client that forgets nothing: what every number of the venue's has ever stood for.

It is the oracle of the crash tests, and shares no code with what it watches.
"""

from __future__ import annotations

from tests.live.peer import Peer, build, fields, sending_time

__all__ = ["VENUE", "Notes", "Witness"]

VENUE = """
venue:
  listen: 127.0.0.1:0
  comp_id: VENUE
  store: {path: %s, durability: %s}
  sessions:
    - {begin_string: FIX.4.4, theirs: WITNESS}
    - {begin_string: FIX.4.4, theirs: OTHER}
"""
"""A venue file; the store's folder and durability are to be filled in."""

_VOLATILE = (b"9=", b"10=", b"43=", b"52=", b"122=")


def _kept(message: bytes) -> tuple[bytes, ...]:
    """What of a message must never change however often it is sent."""
    return tuple(f for f in message.split(b"\x01") if f and not f.startswith(_VOLATILE))


class Notes:
    """What every number of the other side's has stood for.

    Attributes:
        seen: Application messages by number.
        administrative: Numbers that stood for something else, or were passed over.
        complete_to: All numbers up to this one are known.
    """

    def __init__(self) -> None:
        self.seen: dict[int, tuple[bytes, ...]] = {}
        self.administrative: set[int] = set()
        self.complete_to = 0

    @property
    def used(self) -> int:
        return max([*self.seen, *self.administrative], default=0)

    def missing(self, below: int) -> bool:
        """Whether there is a gap below a number."""
        while self.complete_to + 1 in self.seen or self.complete_to + 1 in self.administrative:
            self.complete_to += 1
        return self.complete_to < below - 1

    def note(self, message: bytes) -> dict[int, str]:
        values = fields(message)
        number = int(values[34])
        if values[35] == "4":
            for passed in range(number, int(values[36])):
                assert passed not in self.seen, f"{passed} was a message and is passed over"
                self.administrative.add(passed)
        elif values[35] in "0123A5":
            assert values.get(43) != "Y", f"administrative message {number} sent again"
            assert number not in self.seen, f"{number} used twice"
            assert number not in self.administrative, f"{number} used twice"
            self.administrative.add(number)
        else:
            assert number not in self.administrative, f"{number} used twice"
            again = values.get(43) == "Y"
            assert again or number not in self.seen, f"{number} used twice"
            before = self.seen.setdefault(number, _kept(message))
            assert before == _kept(message), f"{number} has changed"
        return values

    async def drain(self, peer: Peer) -> None:
        """Read until the connection ends, and close it."""
        try:
            while True:
                self.note(await peer.read_raw())
        except (EOFError, ConnectionError):
            await peer.close()


class Witness(Notes):
    """The client."""

    def __init__(self, name: str = "WITNESS") -> None:
        super().__init__()
        self.name = name
        self.next_out = 1
        self.orders = 0

    async def connect(self, address) -> Peer:
        peer = await Peer.connect(address, self.name)
        peer.next_out = self.next_out
        return peer

    async def log_on(self, address, *, ask_from: int = 0) -> Peer:
        """Log on, and get everything that was missed; by default from where it is missed."""
        used = self.used
        peer = await self.connect(address)
        peer.send("A", "98=0|108=0|")
        logon = self.note(await peer.read_raw())
        assert logon[35] == "A", logon
        number = int(logon[34])
        assert number > used, f"{number} after {used} was used"
        self.missing(number)
        await self._catch_up(peer, number, ask_from or self.complete_to + 1)
        return peer

    async def _catch_up(self, peer: Peer, logon_number: int, begin: int) -> None:
        """Ask for what was missed; pass over what the venue missed, up to our Logon."""
        peer.send("2", f"7={begin}|16=0|")
        peer.send("1", "112=caught up|")
        while True:
            raw = await peer.read_raw()
            values = self.note(raw)
            if values[35] == "2":
                fill = (
                    f"35=4|34={values[7]}|43=Y|49={self.name}|52={sending_time()}|56=VENUE|"
                    f"122={sending_time()}|36={self.next_out + 1}|123=Y|"
                )
                peer.writer.write(build("FIX.4.4", fill))
            elif values.get(112) == "caught up":
                break
        # Live and old come interleaved: read until nothing below the Logon is missing.
        while self.missing(logon_number):
            self.note(await peer.read_raw())

    def order(self, peer: Peer) -> str:
        self.orders += 1
        name = f"{self.name}-{self.orders}"
        peer.order(name)
        self.next_out = peer.next_out
        return name
