"""Scenario files: the bytes of one go in.

Contract: scenarios or `ConfigError`; every mistake is of this file, at a line of it, or of one that
it includes, and says something; what loads is explained, and its expressions are worked out or
refused.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fixgate.config.scenarios import load_scenarios
from fixgate.config.scenarios.meanings import STEP_DOCS
from fixgate.config.scenarios.starters import template_names, template_text
from fixgate.errors import ConfigError, ExpressionError, Mistake
from fixgate.report.story import story_text
from fixgate.scenario.expressions import Expression, evaluate
from fixgate.scenario.functions import FUNCTIONS
from fuzz.clean import is_clean
from fuzz.places import ROOT
from fuzz.scratch import scratch
from fuzz.text import changed_text
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_WORDS = (
    *(b"", b"~", b"0", b"-1", b"1e9", b"9" * 30, b"10s", b"0s", b"1h", b"'", b'"', b"{", b"}"),
    *(b"[", b"]", b"- ", b": ", b"#", b"|", b">", b"$", b"$x", b"$$", b"${ours}", b"${env:X}"),
    *(
        b"absent",
        b"present",
        b"any",
        b"closed",
        b"nothing",
        b"all",
        b"connect",
        b"client",
        b"venue",
    ),
    *(
        b"send",
        b"expect",
        b"never",
        b"repeat",
        b"parallel",
        b"any_of",
        b"include",
        b"fault",
        b"ask",
    ),
    *(b"= now", b"= a.Text", b"= 1/0", b"= ((((", b"= unique('A')", b"FIX.4.0", b"FIX.5.0SP2"),
    *(b"NoPartyIDs", b"54", b"Side", b"{one_of: [1]}", b"{matches: (a+)+$}", b"{raw: }", b"\xff"),
    *(f"= {function.usage}".encode() for function in FUNCTIONS.values()),
)
_EXPRESSION = re.compile(r"= ?([^\n]{1,400})")


@cache
def _seeds() -> tuple[bytes, ...]:
    """The files to start from, the library, the bad ones of the tests, examples of the docs."""
    texts = [template_text(name).encode() for name in template_names()] * 60
    for folder in ("scenarios", "tests/data/bad-scenarios"):
        texts += [path.read_bytes() for path in sorted((ROOT / folder).rglob("*.yaml"))]
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(- .*?)```", page, re.DOTALL):
        steps = "".join(f"  {line}\n" for line in block.splitlines())
        text = (
            f"title: t\nunder_test: [client, venue]\nsteps:\n  - connect\n{steps}  - expect: any\n"
        )
        texts += [text.encode()] * 10
    return tuple(text for text in texts if 100 < len(text) < 20_000)


def make(dice: random.Random) -> bytes:
    """Return a file with something changed."""
    return changed_text(dice, dice.choice(_seeds()), _WORDS, dice.choice((1, 1, 2, 4)))


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the file with something more changed."""
    return changed_text(dice, data, _WORDS, 1)


def run(data: bytes, watch: Watch) -> None:
    """Load a file, explain what it says, and work its expressions out."""
    path = scratch() / "some.yaml"
    path.write_bytes(data)
    watch.messages += 1
    try:
        found = watch.read("loading", load_scenarios, path, environ={"HOME": "/users/me"})
    except ConfigError as error:
        assert error.mistakes
        for mistake in error.mistakes:
            _judge(mistake, str(path), data)
    else:
        watch.framed += 1
        assert found
        for scenario in found:
            assert all(map(is_clean, story_text(scenario, STEP_DOCS).splitlines()))
    for text in _expressions(data):
        _work_out(text)


def _judge(mistake: Mistake, path: str, data: bytes) -> None:
    assert mistake.message
    for text in (mistake.message, mistake.hint, mistake.source):
        assert is_clean(text), repr(text)
    if mistake.path != path:
        return
    breaks = data.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = re.split("[\n\r\x85\u2028\u2029]", breaks)
    assert 0 <= mistake.line <= len(lines), f"line {mistake.line} of {len(lines)}"


@dataclass(frozen=True, slots=True)
class _Everything:
    """A scope in which every name is known."""

    now_ns: int = 1_700_000_000_000_000_000
    serial: int = 7

    def field(self, message: str, field: str) -> bytes | None:
        return (b"12", b"-0.5", b"20231114-22:13:20", b"text", None)[len(message + field) % 5]

    def counter(self, name: str) -> int | None:
        return len(name)


def _expressions(data: bytes) -> Iterator[str]:
    for found in _EXPRESSION.finditer(data.decode("utf-8", "replace")):
        yield found[1]
        yield re.split(r"[,}\]\"]", found[1])[0].strip()


def _work_out(text: str) -> None:
    try:
        evaluate(Expression(text), _Everything())
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.reason
