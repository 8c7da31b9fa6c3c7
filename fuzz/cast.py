"""The sessions that stories are played with: a role, a version, a dialect, and what differs."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time

from fixgate.session.authentication import HmacSignature
from fixgate.session.dialect import DIALECTS
from fixgate.session.logon_options import AccountState
from fixgate.session.policies import (
    BeyondLimit,
    GarbledEnd,
    GarbledPolicy,
    HeartbeatAnswer,
    HeartbeatPolicy,
    RequestEnd,
    ResetFlag,
)
from fixgate.session.routing import Routing
from fixgate.session.schedule import Schedule, Weekday
from fixgate.session.settings import Credentials, Role, SessionId, SessionSettings
from fixgate.session.status import StatusPolicy
from fuzz.seeds import VERSIONS

__all__ = ["FEATURES", "OURS", "SECRET", "THEIRS", "any_options", "good_logon", "settings_of"]

OURS, THEIRS = "EXCH", "TRADER"
SECRET = "canary-of-ours"
"""A password of ours: in a Logon of an initiator's, and nowhere else."""

_SECOND_NS = 1_000_000_000
_HEARTBEATS = (0, 1, 30, 30, 30, 86_400)
_DAY = Schedule(time(8), time(17), weekdays=(Weekday.MONDAY, Weekday.TUESDAY))
_WEEK = Schedule(
    time(22),
    time(9, 0, 30),
    start_day=Weekday.SUNDAY,
    end_day=Weekday.FRIDAY,
    holidays=(date(2026, 3, 8),),
)

Settings = SessionSettings
Feature = Callable[[Settings], Settings]


def _numbering(**changes: object) -> Feature:
    return lambda it: replace(it, numbering=replace(it.numbering, **changes))  # type: ignore[arg-type]


def _resends(**changes: object) -> Feature:
    return lambda it: replace(it, resends=replace(it.resends, **changes))  # type: ignore[arg-type]


def _logon(**changes: object) -> Feature:
    return lambda it: replace(it, logon=replace(it.logon, **changes))  # type: ignore[arg-type]


def _heartbeats(**changes: object) -> Feature:
    policy = HeartbeatPolicy(min_s=5, max_s=60, zero=False)
    return lambda it: replace(it, heartbeats=replace(policy, **changes))  # type: ignore[arg-type]


def _places(it: Settings) -> Settings:
    return replace(it, id=replace(it.id, our_sub_id="DESK", their_sub_id="", their_location_id="L"))


FEATURES: dict[str, Feature] = {
    "observe": lambda it: replace(it, observe=True, resend_application=False),
    "reset-on-logon": lambda it: replace(it, reset_on_logon=True),
    "user-defined": lambda it: replace(it, allow_user_defined=True),
    "empty-values": lambda it: replace(it, allow_empty_values=True),
    "whole-seconds": lambda it: replace(it, timestamp_digits=0),
    "picoseconds": lambda it: replace(it, timestamp_digits=12),
    "next-expected": _numbering(next_expected=True),
    "last-processed": _numbering(last_processed=True),
    "reset-force": _numbering(reset_flag=ResetFlag.FORCE),
    "reset-demand": _numbering(reset_flag=ResetFlag.DEMAND),
    "reset-refuse": _numbering(reset_flag=ResetFlag.REFUSE),
    "reset-follow": _numbering(reset_flag=ResetFlag.FOLLOW),
    "few-numbers": _numbering(highest=1100),
    "chunks": _resends(request_size=3),
    "repeats-once": _resends(repeats=1),
    "repeats-for-ever": _resends(repeats=None),
    "exact-end": _resends(request_end=RequestEnd.EXACT),
    "zero-end": _resends(request_end=RequestEnd.ZERO),
    "nines-end": _resends(request_end=RequestEnd.NINES),
    "impatient": _resends(retry_ns=_SECOND_NS, retries=1),
    "serve-few": _resends(serve_limit=2),
    "refuse-many": _resends(serve_limit=2, beyond_limit=BeyondLimit.REFUSE),
    "heartbeat-impose": _heartbeats(on_mismatch=HeartbeatAnswer.IMPOSE),
    "heartbeat-refuse": _heartbeats(on_mismatch=HeartbeatAnswer.REFUSE),
    "garbled-few": lambda it: replace(it, garbled=GarbledPolicy(limit=2)),
    "garbled-close": lambda it: replace(
        it, garbled=GarbledPolicy(bad_sum_ends=True, then=GarbledEnd.CLOSE)
    ),
    "password": lambda it: replace(it, credentials=Credentials("us", SECRET)),
    "new-password": _logon(new_password=f"new-{SECRET}"),
    "signature": _logon(signature=HmacSignature(SECRET)),
    "locked": _logon(account=AccountState.LOCKED),
    "expired": lambda it: _logon(account=AccountState.PASSWORD_EXPIRED)(
        replace(it, credentials=Credentials("us", SECRET))
    ),
    "test-session": _logon(test_session=True),
    "status": _logon(status=StatusPolicy.ALWAYS),
    "places": _places,
    "third-parties": lambda it: replace(
        it, routing=Routing(((115, b"BROKER"),), frozenset({b"BROKER"}), frozenset())
    ),
    "day": lambda it: replace(it, schedule=_DAY),
    "week": lambda it: replace(it, schedule=_WEEK, reset_schedule=_WEEK),
    "daily-reset": lambda it: replace(it, reset_schedule=Schedule(time(9, 0, 20), time(9, 0, 20))),
}
"""What a session may be beside its role, version and dialect, by the word in a story."""


def any_options(dice: random.Random) -> dict[str, str]:
    """Return the first line of a story."""
    options = {
        "role": dice.choice(tuple(Role)).value,
        "version": dice.choice(tuple(VERSIONS)),
        "dialect": dice.choice(tuple(DIALECTS)),
        "heartbeat": str(dice.choice(_HEARTBEATS)),
    }
    if dice.random() < 0.3:
        options["with"] = "observe"
    if dice.random() < 0.6:
        more = dice.sample(sorted(FEATURES), dice.randrange(1, 4))
        options["with"] = ",".join(filter(None, (options.get("with"), *more)))
    if dice.random() < 0.2:
        options["logon"] = "by-hand"
    return options


def settings_of(options: Mapping[str, str]) -> SessionSettings:
    """Return the settings that the first line of a story asks for; unknown words change nothing."""
    roles = {role.value: role for role in Role}
    begin, code = VERSIONS.get(options.get("version", ""), VERSIONS["FIX.4.4"])
    heartbeat = options.get("heartbeat", "30")
    settings = SessionSettings(
        SessionId(begin, OURS, THEIRS),
        roles.get(options.get("role", ""), Role.ACCEPTOR),
        int(heartbeat) if heartbeat in map(str, _HEARTBEATS) else 30,
        code,
        dialect=DIALECTS.get(options.get("dialect", ""), DIALECTS["standard"]),
    )
    for word in options.get("with", "").split(","):
        if (feature := FEATURES.get(word)) is not None:
            settings = feature(settings)
    return settings


def good_logon(settings: SessionSettings) -> bytes:
    """Return the fields of a Logon that the session takes, as in a story, where there is one.

    A locked account and a signature have none.
    """
    acceptor = settings.role is Role.ACCEPTOR
    demands = settings.numbering.reset_flag is ResetFlag.DEMAND
    heartbeat = 30 if settings.heartbeats.max_s == 60 else settings.heartbeat_s
    places = ("57=DESK|", "142=L|") if settings.id.our_sub_id else ("", "")
    fields = [
        f"35=A|34={'1' if acceptor and demands else '{n}'}|49={THEIRS}|52={{t}}|56={OURS}|",
        *places,
        "98=0|",
        f"108={heartbeat if acceptor else settings.heartbeat_s}|",
        "141=Y|" if (acceptor and demands) or settings.reset_on_logon else "",
    ]
    if acceptor:
        expired = settings.logon.account is AccountState.PASSWORD_EXPIRED
        fields.append("464=Y|" if settings.logon.test_session else "")
        fields.append(f"553=us|554={SECRET}|" if settings.credentials is not None else "")
        fields.append("925={t}|" if expired else "")
    if settings.default_appl_ver_id is not None:
        fields.append(f"1137={settings.default_appl_ver_id}|")
    return "".join(fields).replace("|", "\x01").encode()
