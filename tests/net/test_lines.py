from __future__ import annotations

import asyncio
import logging

from fixgate.net.lines import LINES_A_MINUTE, Lines
from tests.virtual import VirtualLoop, run_virtual

LOG = logging.getLogger("fixgate.test")


def texts(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_flood_is_counted(caplog):
    caplog.set_level(logging.INFO)

    async def main(loop: VirtualLoop) -> None:
        lines = Lines(LOG, "desk")
        lines.settle()
        for number in range(LINES_A_MINUTE + 12):
            lines.tell(logging.INFO, "=", f"line {number}")
        assert texts(caplog) == [f"= desk: line {n}" for n in range(LINES_A_MINUTE)]
        caplog.clear()
        await asyncio.sleep(59)
        assert texts(caplog) == []
        await asyncio.sleep(2)
        assert texts(caplog) == ["! desk: left out 12 more lines within a minute"]
        caplog.clear()
        lines.tell(logging.WARNING, "!", "again")
        assert texts(caplog) == ["! desk: again"]
        await asyncio.sleep(120)
        assert texts(caplog) == ["! desk: again"]

    run_virtual(0, main)


def test_the_count_is_told_at_the_end_too(caplog):
    async def main(loop: VirtualLoop) -> None:
        lines = Lines(LOG, "desk")
        for _ in range(LINES_A_MINUTE + 1):
            lines.tell(logging.WARNING, "!", "x")
        caplog.clear()
        lines.settle()
        assert texts(caplog) == ["! desk: left out 1 more lines within a minute"]

    run_virtual(0, main)
