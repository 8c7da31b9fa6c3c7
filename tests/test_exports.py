"""Public means exported, sorted and documented."""

import importlib
import pkgutil
import types

import pytest

import fixgate

MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(fixgate.__path__, "fixgate.")
    if not name.endswith("__main__") and "_shipped" not in name
)


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_documented_and_there(name: str):
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    exported = getattr(module, "__all__", None)
    if exported is None:
        return
    assert len(set(exported)) == len(exported)
    for public in exported:
        value = getattr(module, public)
        if isinstance(value, type | types.FunctionType):
            assert value.__doc__, f"{name}.{public} has no docstring"
