"""The built-in dictionaries: read from the package when first asked for, then kept."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from fixgate.dictionary.model import Dictionary
from fixgate.dictionary.table import parse_table
from fixgate.dictionary.validate import ValidationOptions, Validator
from fixgate.dictionary.version import FixVersion
from fixgate.errors import DictionaryError

__all__ = ["BUILT_IN", "load_dictionary", "validator_for"]

BUILT_IN = (*(version.value for version in FixVersion), "FIXT.1.1")
"""The names of the built-in dictionaries, oldest first, the transport last."""

_DATA = Path(__file__).with_name("data")
# Spec: FIXT 1.1, ApplVerID(1128). 0 and 1 are FIX 2.7 and 3.0, which have no tables.
_APPL_VERSIONS = {str(code): version.value for code, version in enumerate(FixVersion, start=2)}


@cache
def load_dictionary(name: str) -> Dictionary:
    """Return a built-in dictionary.

    Args:
        name: One of `BUILT_IN`, such as ``FIX.4.4``.

    Raises:
        DictionaryError: There is none of that name.
    """
    if name not in BUILT_IN:
        raise DictionaryError(name, f"no such dictionary, expected one of {', '.join(BUILT_IN)}")
    return parse_table((_DATA / f"{name}.json").read_bytes())


@lru_cache(maxsize=64)
def validator_for(
    begin_string: str,
    appl_ver_id: str | None = None,
    options: ValidationOptions = ValidationOptions(),  # noqa: B008 - frozen, no state
) -> Validator:
    """Return the validator of a session, shared by all sessions that ask for the same.

    Args:
        begin_string: BeginString(8).
        appl_ver_id: DefaultApplVerID(1137), ``2`` to ``9``, for FIXT.1.1; ignored otherwise.
        options: What to let pass.

    Raises:
        DictionaryError: The version is not known, or FIXT.1.1 comes without an application
            version.
    """
    if begin_string != "FIXT.1.1":
        return Validator(load_dictionary(begin_string), options=options)
    application = _APPL_VERSIONS.get(appl_ver_id or "")
    if application is None:
        raise DictionaryError(
            begin_string,
            f"needs an application dictionary: DefaultApplVerID(1137) is {appl_ver_id!r}, "
            f"expected one of {', '.join(_APPL_VERSIONS)}",
        )
    transport = load_dictionary(begin_string)
    return Validator(load_dictionary(application), transport=transport, options=options)
