from __future__ import annotations

import pytest

from fixgate.errors import EngineUnavailable
from fixgate.interop import find_distribution


def pytest_collection_modifyitems(items):
    try:
        find_distribution()
    except EngineUnavailable as error:
        for item in items:
            if "tests/interop/" in item.nodeid and item.get_closest_marker("interop"):
                item.add_marker(pytest.mark.skip(reason=str(error)))


@pytest.fixture(scope="session")
def dictionaries(tmp_path_factory):
    """QuickFIX's dictionaries of every version: it then holds our messages against them."""
    from fixgate.dictionary import FixVersion
    from fixgate.interop import write_dictionaries

    folder = tmp_path_factory.mktemp("dictionaries")
    write_dictionaries(folder, FixVersion)
    return folder
