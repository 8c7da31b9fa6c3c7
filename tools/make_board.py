"""Draw docs/board.svg: the board of one real run of the demonstration."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from fixgate import __version__
from fixgate.config import load_targets, shipped_folder
from fixgate.demo import exchange, set_stage
from fixgate.health.fleet import run_fleet
from fixgate.net.clock import Clock
from fixgate.report.terminal import print_board

ROOT = Path(__file__).parent.parent
HEADINGS = "fixgate check"


def draw() -> str:
    """Run the demonstration and return its board as SVG."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_stage(folder, shipped_folder("scenarios") / "demo", Clock().now_ns())
        with exchange(folder) as ports:
            os.environ.update(ports)
            plans, _ = load_targets([str(folder / "fleet.yaml")])
            fleet = asyncio.run(
                run_fleet(plans, clock=Clock(), host="trading-host", version=__version__)
            )
    console = Console(record=True, width=126, file=StringIO(), force_terminal=True)
    print_board(fleet, console)
    text = console.export_text(clear=False, styles=True)
    board = text[text.rindex(HEADINGS) :]
    last = Console(record=True, width=126, file=StringIO(), force_terminal=True)
    last.print(Text.from_ansi(board.rstrip()))
    svg = last.export_svg(title="make demo", theme=MONOKAI)
    # The picture must not fetch fonts from anywhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    target = ROOT / "docs" / "board.svg"
    target.write_text(draw(), encoding="utf-8")
    print(f"wrote {target.relative_to(ROOT)}", file=sys.stderr)
