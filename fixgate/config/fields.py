"""Types of single values: read from text by our own rules, described to editors by a schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fixgate.config import units
from fixgate.dictionary.version import FixVersion
from fixgate.health.model import Level, Status
from fixgate.health.persistence.plan import Cut
from fixgate.net.networks import IpNetwork
from fixgate.net.settings import Address, Durability
from fixgate.session.dialect import DIALECTS, Dialect
from fixgate.session.policies import BeyondLimit, GarbledEnd, HeartbeatAnswer, RequestEnd, ResetFlag
from fixgate.venue.model import VenueMode

__all__ = [
    "ApplVersion",
    "BadSum",
    "BeginString",
    "Beyond",
    "Bool",
    "BusyPoll",
    "CompId",
    "Connect",
    "Count",
    "CutName",
    "DialectName",
    "Digits",
    "DisconnectHabit",
    "DuplicateLogon",
    "Durable",
    "Duration",
    "ExpectedStatus",
    "Fingerprint",
    "GarbledThen",
    "Heartbeat",
    "HeartbeatMismatch",
    "HeartbeatTaken",
    "LevelName",
    "Listening",
    "Method",
    "Mode",
    "Name",
    "Network",
    "PathText",
    "Pin",
    "Positive",
    "Price",
    "Reads",
    "RequestEndName",
    "ResetFlagName",
    "Resting",
    "Retry",
    "RoundTrips",
    "Secret",
    "Seed",
    "SeqNum",
    "SideCode",
    "Size",
    "UnaskedReset",
    "UserDefined",
    "choice",
    "closest",
    "trouble",
]

JsonSchema: TypeAlias = "dict[str, Any]"
"""A JSON Schema is a tree of anything by its nature."""


def trouble(message: str, hint: str = "", *, show: bool = True) -> PydanticCustomError:
    """Return the error that pydantic collects; ``show`` adds what was received to it."""
    return PydanticCustomError(
        "fixgate", "{message}", {"message": message, "hint": hint, "show": show}
    )


def closest(word: str, options: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return ``did you mean 'x'?`` for the likeliest of ``options``, or empty."""
    by_fold = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(word.casefold(), by_fold, 1, likeness)
    return f"did you mean '{by_fold[near[0]]}'?" if near else ""


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Makes an annotated type out of a function from text.

    Attributes:
        read: Takes the text; raises ``ValueError``, whose notes hold the hint.
        schema: What an editor may accept; YAML 1.2 readers see ``5`` as a number.
    """

    read: Callable[[str], object]
    schema: JsonSchema

    def _validate(self, value: object) -> object:
        if not isinstance(value, str):
            raise trouble("expected text")
        try:
            return self.read(value)
        except ValueError as error:
            raise trouble(str(error), *getattr(error, "__notes__", ())) from None

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return dict(self.schema)


def choice(options: dict[str, object]) -> Reads:
    """Return the type that takes one of the words of ``options`` for what it stands for."""

    def read(text: str) -> object:
        if text in options:
            return options[text]
        error = ValueError(f"expected {_one_of(options)}")
        if hint := closest(text, options):
            error.add_note(hint)
        raise error

    return Reads(read, {"type": "string", "enum": list(options)})


def _one_of(options: Iterable[str]) -> str:
    *others, last = options
    return f"{', '.join(others)} or {last}" if others else last


def _begin_string(text: str) -> str:
    options = dict.fromkeys((*(v.value for v in FixVersion if not v.is_fixt), "FIXT.1.1"))
    if text in options:
        return text
    error = ValueError(f"expected {_one_of(options)}")
    if re.match(r"FIX\.?5", text, re.IGNORECASE):
        version = next((v.value for v in FixVersion if v.is_fixt and v.value == text), "FIX.5.0SP2")
        error.add_note(
            f"FIX 5 runs over FIXT: begin_string FIXT.1.1, application_version {version}"
        )
    elif hint := closest(text, options):
        error.add_note(hint)
    raise error


def _path(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("expected a path")
    return text


def _positive_duration(text: str) -> int:
    if (value := units.parse_duration(text)) == 0:
        raise ValueError("expected a duration above 0")
    return value


def _heartbeat(text: str) -> int:
    seconds, rest = divmod(units.parse_duration(text), 1_000_000_000)
    if rest or seconds > 86_400:
        raise ValueError("expected whole seconds from 0s to 24h, as HeartBtInt(108) takes")
    return seconds


def _busy_poll(text: str) -> int:
    duration = units.parse_duration(text)
    if duration > 1_000_000_000:
        raise ValueError("expected a duration from 0s to 1s: a core is in use for so long")
    return duration


def _retry(text: str) -> int | None:
    if text == "never":
        return None
    try:
        found = units.parse_duration(text)
    except ValueError as error:
        error.args = (f"{error}, or never",)
        raise
    if found < 1_000_000_000:
        raise ValueError("expected at least 1s, or never")
    return found


def _above_zero(text: str) -> Decimal:
    if (value := units.parse_decimal(text)) <= 0:
        raise ValueError("expected a number above 0")
    return value


def _count_from(lowest: int, highest: int) -> Reads:
    def read(text: str) -> int:
        value = units.parse_count(text)
        if not lowest <= value <= highest:
            raise ValueError(f"expected a whole number from {lowest} to {highest}")
        return value

    return Reads(read, {"type": "integer", "minimum": lowest, "maximum": highest})


def _size(text: str) -> int:
    value = units.parse_size(text)
    if not 4096 <= value <= 1024**3:
        raise ValueError("expected a size from 4KiB to 1GiB")
    return value


_DURATION_SCHEMA: JsonSchema = {"type": "string", "pattern": r"^\d+(\.\d+)?(ns|us|ms|s|m|h)$"}
# What YAML 1.2 takes for a number is still a name to us.
_TEXT_SCHEMA: JsonSchema = {"type": ["string", "number"]}

Name = Annotated[str, Reads(units.parse_name, _TEXT_SCHEMA)]
CompId = Annotated[str, Reads(units.parse_comp_id, _TEXT_SCHEMA)]
PathText = Annotated[str, Reads(_path, {"type": "string"})]
Secret = Annotated[
    str, Reads(str, {"type": "string", "pattern": r"^\$\{(file|env|cred|keyring):[^{}]+\}$"})
]
Bool = Annotated[bool, Reads(units.parse_bool, {"type": "boolean"})]
Count = Annotated[int, _count_from(0, 1000)]
Seed = Annotated[int, _count_from(0, (1 << 63) - 1)]
RoundTrips = Annotated[int, _count_from(1, 1000)]
SeqNum = Annotated[int, _count_from(10_000, (1 << 63) - 1)]
Method = Annotated[int, _count_from(0, 65_535)]
Positive = Annotated[int, _count_from(1, 1_000_000)]
Size = Annotated[int, Reads(_size, {"type": "string", "pattern": r"^\d+(\.\d+)?(B|KiB|MiB|GiB)$"})]
Price = Annotated[
    Decimal,
    Reads(_above_zero, {"type": ["number", "string"], "exclusiveMinimum": 0}),
]
Duration = Annotated[int, Reads(_positive_duration, _DURATION_SCHEMA)]
BusyPoll = Annotated[int, Reads(_busy_poll, _DURATION_SCHEMA)]
Retry = Annotated[
    int | None,
    Reads(_retry, {"type": "string", "pattern": r"^(never|\d+(\.\d+)?(ms|s|m|h))$"}),
]
Heartbeat = Annotated[int, Reads(_heartbeat, _DURATION_SCHEMA)]
Connect = Annotated[Address, Reads(units.parse_address, {"type": "string"})]
Network = Annotated[IpNetwork, Reads(units.parse_network, {"type": "string"})]
Pin = Annotated[
    str, Reads(units.parse_pin, {"type": "string", "pattern": "^sha256/[A-Za-z0-9+/]{43}=$"})
]
Fingerprint = Annotated[
    str,
    Reads(units.parse_fingerprint, {"type": "string", "pattern": "^[0-9A-Fa-f:]{64,95}$"}),
]
Listening = Annotated[
    Address, Reads(lambda text: units.parse_address(text, listening=True), {"type": "string"})
]
BeginString = Annotated[
    str,
    Reads(
        _begin_string,
        {
            "type": "string",
            "enum": [*(v.value for v in FixVersion if not v.is_fixt), "FIXT.1.1"],
        },
    ),
]
ApplVersion = Annotated[FixVersion, choice({v.value: v for v in FixVersion if v.is_fixt})]
DialectName = Annotated[Dialect, choice(dict(DIALECTS))]
Mode = Annotated[VenueMode, choice({m.value: m for m in VenueMode})]
Durable = Annotated[Durability, choice({d.name.lower(): d for d in Durability})]
Digits = Annotated[
    int,
    choice(
        {"seconds": 0, "milliseconds": 3, "microseconds": 6, "nanoseconds": 9, "picoseconds": 12}
    ),
]
RequestEndName = Annotated[
    RequestEnd,
    choice(
        {
            "open": RequestEnd.VERSION,
            "exact": RequestEnd.EXACT,
            "zero": RequestEnd.ZERO,
            "nines": RequestEnd.NINES,
        }
    ),
]
HeartbeatMismatch = Annotated[HeartbeatAnswer, choice({a.value: a for a in HeartbeatAnswer})]
HeartbeatTaken = Annotated[
    HeartbeatAnswer,
    choice({a.value: a for a in (HeartbeatAnswer.ACCEPT, HeartbeatAnswer.REFUSE)}),
]
ResetFlagName = Annotated[
    ResetFlag,
    choice(
        {
            "allow": ResetFlag.AS_ASKED,
            "force": ResetFlag.FORCE,
            "demand": ResetFlag.DEMAND,
            "refuse": ResetFlag.REFUSE,
        }
    ),
]
UnaskedReset = Annotated[
    ResetFlag, choice({"refuse": ResetFlag.AS_ASKED, "follow": ResetFlag.FOLLOW})
]
BadSum = Annotated[bool, choice({"ignore": False, "end": True})]
GarbledThen = Annotated[GarbledEnd, choice({e.value: e for e in GarbledEnd})]
DuplicateLogon = Annotated[bool, choice({"refuse": False, "replace_dead": True})]
Beyond = Annotated[BeyondLimit, choice({b.value: b for b in BeyondLimit})]
UserDefined = Annotated[bool, choice({"reject": False, "allow": True})]
LevelName = Annotated[Level, choice({level.value: level for level in Level})]
CutName = Annotated[Cut, choice({cut.value: cut for cut in Cut})]
DisconnectHabit = Annotated[
    bool | None,
    Reads(
        choice({"true": True, "false": False, "unknown": None}).read,
        {"enum": [True, False, "unknown"]},
    ),
]
Resting = Annotated[bool, choice({"none": False, "rest": True})]
ExpectedStatus = Annotated[Status, choice({s.value: s for s in Status if s is not Status.SKIPPED})]
SideCode = Annotated[str, choice({"buy": "1", "sell": "2"})]
