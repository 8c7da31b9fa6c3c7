"""Draw docs/latency.svg: a measurement of a simulated exchange that takes its time."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from fixgate import __version__
from fixgate.config import load_targets, shipped_folder
from fixgate.latency.budget import parse_budget
from fixgate.latency.measuring import measure
from fixgate.latency.model import LatencyPlan
from fixgate.net.clock import Clock
from fixgate.report.latency.terminal import print_latency

ROOT = Path(__file__).parent.parent
BUDGETS = ("p99<5ms", "response max<200ms")
COMMAND = "fixgate latency my-session.yaml --rate 20 --duration 30s --worst 6" + "".join(
    f" --budget '{text}'" for text in BUDGETS
)
SESSION = """\
sessions:
  - name: my venue
    connect: {address}
    begin_string: FIX.4.4
    ours: MYFIRM
    theirs: VENUE
    level: order
    orders: {{allow: true, symbol: ABC, side: buy, quantity: 1, price: 1.00}}
    store: memory
"""


@contextmanager
def venue(folder: Path) -> Iterator[str]:
    """Serve the venue that takes its time; give its address."""
    text = (shipped_folder("sessions") / "venue-slow.yaml").read_text(encoding="utf-8")
    file = folder / "venue.yaml"
    file.write_text(re.sub(r"listen: \S+", "listen: 127.0.0.1:0", text), encoding="utf-8")
    command = [sys.executable, "-m", "fixgate", "serve", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as serving:
        assert serving.stderr is not None
        try:
            yield next(said.split()[1] for said in serving.stderr if said.startswith("ready "))
        finally:
            serving.terminate()
            serving.communicate()


def draw() -> str:
    """Measure, and return what the terminal shows as SVG."""
    with tempfile.TemporaryDirectory() as name, venue(Path(name)) as address:
        session = Path(name) / "my-session.yaml"
        session.write_text(SESSION.format(address=address), encoding="utf-8")
        checks, _ = load_targets([str(session)])
        budgets = tuple(parse_budget(text) for text in BUDGETS)
        plans = [
            LatencyPlan(
                check, rate=20.0, duration_ns=30_000_000_000, orders=True, budgets=budgets, worst=6
            )
            for check in checks
        ]
        report = asyncio.run(
            measure(plans, clock=Clock(), host="trading-host", version=__version__)
        )
    console = Console(record=True, width=126, file=StringIO(), force_terminal=True, highlight=False)
    print_latency(report, console, slowest=6)
    svg = console.export_svg(title=COMMAND, theme=MONOKAI)
    # The picture must not fetch fonts from anywhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    target = ROOT / "docs" / "latency.svg"
    target.write_text(draw(), encoding="utf-8")
    print(f"wrote {target.relative_to(ROOT)}", file=sys.stderr)
