"""A FIX peer of the tests' own: raw sockets, messages built by hand, nothing of fixgate."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import re

SOH = b"\x01"
_END = re.compile(rb"\x0110=\d{3}\x01")


def sending_time(digits: int = 3) -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.strftime("%Y%m%d-%H:%M:%S") + (f".{now.microsecond // 1000:03d}" if digits else "")


def build(begin_string: str, body: str) -> bytes:
    """Add BeginString, BodyLength and CheckSum to ``35=A|34=1|...|``."""
    content = body.replace("|", "\x01").encode("latin-1")
    head = f"8={begin_string}\x019={len(content)}\x01".encode() + content
    return head + b"10=%03d\x01" % (sum(head) % 256)


def fields(message: bytes) -> dict[int, str]:
    """The first value of each tag."""
    found: dict[int, str] = {}
    for part in message.split(SOH)[:-1]:
        tag, _, value = part.partition(b"=")
        found.setdefault(int(tag), value.decode("latin-1"))
    return found


class Peer:
    """One connection, talking FIX."""

    def __init__(self, reader, writer, sender: str, target: str, begin_string: str) -> None:
        self.reader = reader
        self.writer = writer
        self.sender = sender
        self.target = target
        self.begin_string = begin_string
        self.next_out = 1
        self.buffer = b""

    @classmethod
    async def connect(
        cls, address, sender="CLIENT", target="VENUE", begin_string="FIX.4.4", **kwargs
    ) -> Peer:
        reader, writer = await asyncio.open_connection(address.host, address.port, **kwargs)
        return cls(reader, writer, sender, target, begin_string)

    @classmethod
    async def log_on(cls, address, sender="CLIENT", **kwargs) -> Peer:
        peer = await cls.connect(address, sender, **kwargs)
        peer.send("A", "98=0|108=30|")
        answer = await peer.read()
        assert answer[35] == "A", answer
        return peer

    def message(self, msg_type: str, body: str = "", number: int | None = None) -> bytes:
        if number is None:
            number, self.next_out = self.next_out, self.next_out + 1
        header = f"35={msg_type}|34={number}|49={self.sender}|52={sending_time()}|56={self.target}|"
        return build(self.begin_string, header + body)

    def send(self, msg_type: str, body: str = "", number: int | None = None) -> None:
        self.writer.write(self.message(msg_type, body, number))

    def order(self, cl_ord_id: str, side: int = 1, price: str = "90", quantity: int = 10) -> None:
        self.send(
            "D",
            f"11={cl_ord_id}|55=ABC|54={side}|60={sending_time()}|38={quantity}|40=2|44={price}|",
        )

    async def read_raw(self) -> bytes:
        async with asyncio.timeout(5):
            while not (match := _END.search(self.buffer)):
                data = await self.reader.read(65536)
                if not data:
                    raise EOFError
                self.buffer += data
        message, self.buffer = self.buffer[: match.end()], self.buffer[match.end() :]
        return message

    async def read(self) -> dict[int, str]:
        return fields(await self.read_raw())

    async def read_until(self, msg_type: str) -> dict[int, str]:
        while True:
            message = await self.read()
            if message[35] == msg_type:
                return message

    async def is_closed_silently(self) -> bool:
        """Whether the connection ends without one more byte."""
        try:
            async with asyncio.timeout(5):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    async def log_out(self) -> None:
        self.send("5")
        await self.read_until("5")
        await self.close()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()
