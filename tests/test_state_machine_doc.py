from pathlib import Path
from runpy import run_path

ROOT = Path(__file__).parent.parent


def test_the_diagram_is_the_table():
    render = run_path(str(ROOT / "tools" / "make_state_machine.py"))["render"]
    assert (ROOT / "docs" / "state-machine.md").read_text(encoding="utf-8") == render()
