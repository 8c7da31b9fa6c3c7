"""The breaker of rules, on a small project whose test notices one fault and not the other."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

TOOL = run_path(str(Path(__file__).parents[2] / "tools" / "mutate_session.py"))


def test_a_rule_that_nobody_notices_is_told(tmp_path, capsys):
    (tmp_path / "fixgate").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "fixgate" / "__init__.py").touch()
    source = tmp_path / "fixgate" / "sum.py"
    source.write_text("def total(a, b):\n    return a + b\n")
    (tmp_path / "tests" / "test_sum.py").write_text(
        "from fixgate.sum import total\n\ndef test_it():\n    assert total(2, 2) == 4\n"
    )

    def noticed(broken: str) -> bool:
        made = TOOL["Mutation"](("1",), "sums", "sum.py", "a + b", broken, "test_sum.py::test_it")
        return TOOL["play"](tmp_path, made)

    assert noticed("a - b")
    assert not noticed("a * b")
    assert not noticed("a +* b"), "code that cannot be read proves nothing"
    assert not noticed("a + c"), "nor does code that cannot run"
    assert source.read_text() == "def total(a, b):\n    return a + b\n"
    assert "MISSED" in capsys.readouterr().out
