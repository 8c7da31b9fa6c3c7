from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from fixgate import __version__
from fixgate.cli import main
from fixgate.errors import ConfigError, DictionaryError, EngineUnavailable, Mistake, StoreError


def test_help_lists_every_command_without_importing_any():
    code = (
        "import sys\n"
        "from fixgate.cli import main\n"
        "try: main(['--help'], prog_name='fixgate')\n"
        "except SystemExit: pass\n"
        "slow = {'pydantic', 'yaml', 'asyncio', 'rich', 'uvloop', 'fixgate.config'}\n"
        "print(sorted(slow & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *text, imported = done.stdout.splitlines()
    assert imported == "[]"
    assert [line.split()[0] for line in text[-13:]] == [
        "serve",
        "check",
        "latency",
        "watch",
        "run",
        "scenario",
        "certify",
        "view",
        "host",
        "store",
        "faults",
        "config",
        "demo",
    ]


def test_version():
    result = CliRunner().invoke(main, ["--version"])
    assert result.output == f"fixgate, version {__version__}\n"


def test_an_unknown_command():
    result = CliRunner().invoke(main, ["vew"])
    assert result.exit_code == 2
    assert "No such command 'vew'. Did you mean 'view'?" in result.stderr
    result = CliRunner().invoke(main, ["zzz"])
    assert result.exit_code == 2
    assert "No such command 'zzz'." in result.stderr


@pytest.mark.parametrize(
    ("error", "exit_code", "text"),
    [
        (ConfigError([Mistake("f", 1, 2, "bad")]), 2, "f:1:2: bad\n"),
        (ConfigError([Mistake("f", 1, 2, "a"), Mistake("f", 3, 4, "b")]), 2,
         "f:1:2: a\nf:3:4: b\n2 mistakes\n"),
        (EngineUnavailable("pip install it"), 2, "Error: pip install it\n"),
        (DictionaryError("d.xml", "no XML", line=3), 2, "Error: d.xml:3: no XML\n"),
        (StoreError("/s", "damaged"), 3, "Error: /s: damaged\n"),
    ],
)  # fmt: skip
def test_our_exceptions_become_messages_and_exit_codes(error, exit_code, text, monkeypatch):
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(main, "get_command", lambda ctx, name: failing)
    result = CliRunner().invoke(main, ["failing"])
    assert (result.exit_code, result.stderr, result.stdout) == (exit_code, text, "")


def test_no_color(monkeypatch):
    seen = []

    @click.command()
    @click.pass_context
    def looking(ctx: click.Context) -> None:
        seen.append(ctx.color)

    monkeypatch.setattr(main, "get_command", lambda ctx, name: looking)
    CliRunner().invoke(main, ["looking"], env={"NO_COLOR": "1"})
    CliRunner().invoke(main, ["looking"], env={"NO_COLOR": ""})
    assert seen == [False, None]
