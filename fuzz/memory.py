"""How much memory something holds, by what can be reached from it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType

__all__ = ["held_bytes"]

_OF_OTHERS = (type, ModuleType, FunctionType, BuiltinFunctionType, Enum)


def held_bytes(root: object, shared: Collection[object]) -> int:
    """Return the bytes of ``root`` and of everything that it leads to.

    Args:
        root: Where to begin.
        shared: What belongs to others, with all that it alone leads to.
    """
    seen = {id(each) for each in shared}
    waiting, total = [root], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _OF_OTHERS):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total
