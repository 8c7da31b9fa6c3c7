from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.errors import EngineUnavailable
from fixgate.interop import Distribution, find_distribution


def test_what_is_missing_is_said_with_the_line_that_installs_it():
    with pytest.raises(EngineUnavailable, match=r"pip install 'fixgate\[quickfix\]'"):
        find_distribution("a_binding_that_nobody_has")


def test_an_installed_distribution_is_named():
    found = find_distribution("pytest")
    assert len(found.names) == 1
    assert found.names[0].startswith("pytest ")
    assert found.dictionaries is None


def test_two_are_named_both():
    assert str(Distribution(("quickfix 1.16.0", "quickfix-tls 1.16.0.1rc1"), Path())) == (
        "quickfix 1.16.0 and quickfix-tls 1.16.0.1rc1"
    )
    assert str(Distribution(())) == "an unnamed build"
