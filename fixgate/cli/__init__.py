"""The command line: parse, call, render, exit code."""

# .main
from fixgate.cli.main import main

__all__ = ["main"]
