"""Draw docs/latency.svg: a measurement of a venue that takes its time, as its user sees it."""

from __future__ import annotations

import os
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
from rich.text import Text

from fixgate.config import shipped_folder

ROOT = Path(__file__).parent.parent
FIXGATE = (sys.executable, "-m", "fixgate")
WIDTH = 126
COMMAND = (
    "latency", "session.yaml", "--rate", "20", "--duration", "30s", "--worst", "6",
    "--budget", "p99<5ms", "--budget", "response max<200ms",
)  # fmt: skip
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
    with subprocess.Popen(
        [*FIXGATE, "serve", str(file)], stderr=subprocess.PIPE, text=True, cwd=folder
    ) as serving:
        assert serving.stderr is not None
        try:
            yield next(said.split()[1] for said in serving.stderr if said.startswith("ready "))
        finally:
            serving.terminate()
            serving.communicate()


def draw() -> str:
    """Measure, and return what the terminal shows as SVG."""
    with tempfile.TemporaryDirectory() as name, venue(Path(name)) as address:
        session = Path(name) / "session.yaml"
        session.write_text(SESSION.format(address=address), encoding="utf-8")
        done = subprocess.run(
            [*FIXGATE, *COMMAND],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            cwd=name,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)},
        )
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(done.stdout.rstrip()))
    svg = console.export_svg(title=f"fixgate {' '.join(COMMAND)}", theme=MONOKAI)
    # The picture must not fetch fonts from anywhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    target = ROOT / "docs" / "latency.svg"
    target.write_text(draw(), encoding="utf-8")
    print(f"wrote {target.relative_to(ROOT)}", file=sys.stderr)
