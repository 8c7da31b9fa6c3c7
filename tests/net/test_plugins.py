from __future__ import annotations

from fixgate.net.plugins import installed


def test_what_nobody_offers_is_none():
    assert installed("fixgate.nothing", "x") is None


def test_what_is_installed_is_loaded():
    """pytest-asyncio is one of the packages that offer an entry point to pytest."""
    assert installed("pytest11", "asyncio") is not None
