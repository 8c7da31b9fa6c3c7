"""Which QuickFIX is installed. Reads metadata only; nothing is imported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path

from fixgate.errors import EngineUnavailable

__all__ = ["INSTALL", "Distribution", "find_distribution"]

INSTALL = "pip install 'fixgate[quickfix]'"
"""The line that installs QuickFIX's Python binding."""

_A_DICTIONARY = "FIX44.xml"


@dataclass(frozen=True, slots=True)
class Distribution:
    """The installed packages that bring the module ``quickfix``.

    Attributes:
        names: ``name version`` each. Several overwrite each other's files: the module is that
            of whichever was installed last.
        dictionaries: The folder of the dictionaries that one of them brings (FIX44.xml and so
            on), or ``None``: the wheels bring none.
    """

    names: tuple[str, ...]
    dictionaries: Path | None = None

    def __str__(self) -> str:
        return " and ".join(self.names) or "an unnamed build"


def find_distribution(module: str = "quickfix") -> Distribution:
    """Return what brings the module.

    Args:
        module: Its name.

    Raises:
        EngineUnavailable: Nothing does.
    """
    if find_spec(module) is None:
        raise EngineUnavailable(f"QuickFIX's Python binding is not installed: {INSTALL}")
    found = [distribution(name) for name in sorted(set(packages_distributions().get(module, [])))]
    folders = [
        Path(str(each.locate_file(path))).parent
        for each in found
        for path in each.files or ()
        if path.name == _A_DICTIONARY
    ]
    names = tuple(f"{each.metadata['Name']} {each.version}" for each in found)
    return Distribution(names, folders[0] if folders else None)
