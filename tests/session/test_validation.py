import pytest
import simplefix

from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.validation import validator_of
from fixgate.wire import Message, decode

IDENTITY = SessionId("FIX.4.4", "A", "B")


def heartbeat(*more: tuple[int, str]) -> Message:
    message = simplefix.FixMessage()
    header = ((8, "FIX.4.4"), (35, "0"), (34, "2"), (49, "B"), (52, "20260302-09:00:00"), (56, "A"))
    for tag, value in (*header, *more):
        message.append_pair(tag, value)
    found = decode(message.encode())
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(("allowed", "fine"), [(True, True), (False, False)])
def test_user_defined_fields_are_taken_where_the_settings_say_so(allowed: bool, fine: bool):
    settings = SessionSettings(IDENTITY, Role.INITIATOR, allow_user_defined=allowed)
    problem = validator_of(settings).check(heartbeat((5001, "x")))
    assert (problem is None) is fine


@pytest.mark.parametrize(("allowed", "fine"), [(True, True), (False, False)])
def test_empty_values_are_taken_where_the_settings_say_so(allowed: bool, fine: bool):
    settings = SessionSettings(IDENTITY, Role.ACCEPTOR, allow_empty_values=allowed)
    problem = validator_of(settings).check(heartbeat((112, "")))
    assert (problem is None) is fine


def test_sessions_of_one_version_share_one():
    one = validator_of(SessionSettings(IDENTITY, Role.INITIATOR))
    other = validator_of(SessionSettings(SessionId("FIX.4.4", "C", "D"), Role.ACCEPTOR))
    assert one is other
