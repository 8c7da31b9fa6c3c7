"""The floor: a uvloop server that sends back what it gets. ``python echo.py PORT``."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

try:
    from uvloop import new_event_loop
except ImportError:
    from asyncio import new_event_loop


class Echo(asyncio.Protocol):
    """Writes what it reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport's method: nothing else is done here."""
        # Both event loops give stream transports here; the base class cannot say so.
        self._write = cast("asyncio.WriteTransport", transport).write

    def data_received(self, data: bytes) -> None:
        """Send it back."""
        self._write(data)


async def main(port: int) -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    print("ready", file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
