"""The dictionary's validator: a version and the fields of a message go in.

Contract: a message is valid or has one problem, with a reason of SessionRejectReason(373) and a
text that can be printed and names no secret; the verdict is the same however often the message has
been seen before, for the way of judging it changes with that.
"""

from __future__ import annotations

import random
from functools import cache

from fixgate.dictionary import SessionRejectReason, ValidationOptions, Validator, validator_for
from fixgate.wire import Message, decode
from fuzz.clean import is_clean
from fuzz.damage import damage
from fuzz.peer import build
from fuzz.seeds import VERSIONS
from fuzz.stories import any_fields
from fuzz.watch import Watch

__all__ = ["change", "make", "run"]

_NOW_NS = 1_772_442_000_000_000_000
_OPTIONS = (
    ValidationOptions(),
    ValidationOptions(allow_user_defined=True),
    ValidationOptions(allow_empty_values=True),
    ValidationOptions(any_group_order=True),
)
_SIGHTINGS = 66  # two more than it takes to be judged by one expression
_SECRET = b"peer-password"


def make(dice: random.Random) -> bytes:
    """Return the name of a version, a number for the options, and fields."""
    version = dice.choice(tuple(VERSIONS))
    fields = any_fields(dice, version)
    return b"%b %d %b" % (version.encode(), dice.randrange(len(_OPTIONS)), fields)


def change(dice: random.Random, data: bytes) -> bytes:
    """Return the bytes damaged."""
    return damage(dice, data)


def run(data: bytes, watch: Watch) -> None:
    """Validate a message, first by a validator that has seen much and then by a new one."""
    name, _, rest = data.partition(b" ")
    number, _, fields = rest.partition(b" ")
    begin, code = VERSIONS.get(name.decode("latin-1"), VERSIONS["FIX.4.4"])
    options = _OPTIONS[int(number[:9]) % len(_OPTIONS) if number[:9].isdigit() else 0]
    raw = build(fields, begin.encode(), next_in=2, next_out=2, now_ns=_NOW_NS)
    message = decode(raw)
    watch.messages += 1
    if not isinstance(message, Message):
        return
    watch.framed += 1
    worn = validator_for(begin, code, options)
    problem = watch.time("validating", worn.check, message)
    times = _SIGHTINGS if problem is None else 1
    for _ in range(times):
        assert watch.time("validating again", worn.check, message) == problem
    fresh = _fresh(begin, code, options)
    assert fresh.check(message) == problem, "another verdict the first time"
    watch.active += problem is None
    if problem is None:
        return
    assert problem.reason in SessionRejectReason
    assert is_clean(problem.text), repr(problem.text)
    assert problem.tag is None or problem.tag in message or problem.reason == 1
    if _SECRET in (message.get(554), message.get(925), message.get(96)):
        assert raw.count(_SECRET) > 1 or _SECRET.decode() not in problem.text


def _fresh(begin: str, code: str | None, options: ValidationOptions) -> Validator:
    """Return a validator that has seen no message; its dictionary is the same."""
    known = _known(begin, code)
    transport = known.transport if known.transport is not known.dictionary else None
    return Validator(known.dictionary, transport=transport, options=options)


@cache
def _known(begin: str, code: str | None) -> Validator:
    return validator_for(begin, code)
