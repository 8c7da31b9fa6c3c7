"""The command line: parse, call, render, exit code."""

# .app
from fixgate.cli.app import main

__all__ = ["main"]
