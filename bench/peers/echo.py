"""The floor: a uvloop server that sends back what it gets. ``python echo.py PORT``."""

from __future__ import annotations

import asyncio
import sys

try:
    from uvloop import new_event_loop
except ImportError:
    from asyncio import new_event_loop


class Echo(asyncio.Protocol):
    """Writes what it reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport's own method: nothing else is done here."""
        assert isinstance(transport, asyncio.Transport)
        self.data_received = transport.write  # type: ignore[method-assign]  # no call to spare


async def main(port: int) -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    print("ready", file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
