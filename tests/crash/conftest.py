from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/crash/" in item.nodeid.replace("\\", "/"):
            item.add_marker(pytest.mark.crash)
