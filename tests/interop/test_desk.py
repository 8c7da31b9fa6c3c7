"""What the counterparty sends is valid in every version, by the version's dictionary."""

from __future__ import annotations

import pytest

from fixgate.dictionary import FixVersion, validator_for
from fixgate.interop.desk import Desk, order
from fixgate.wire.frame import decode
from fixgate.wire.limits import Limits
from fixgate.wire.message import Message
from tests.fixtext import fix

NOW = "20261122-18:00:00"
VERSIONS = pytest.mark.parametrize("version", FixVersion, ids=lambda version: version.value)


def valid(version: FixVersion, msg_type: str, fields) -> dict[int, str]:
    """Hold a body against the dictionary; return its fields with MsgType(35)."""
    header = f"35={msg_type}|34=2|49=A|52={NOW}|56=B|"
    text = header + "".join(f"{tag}={value}|" for tag, value in fields)
    message = decode(fix(text, version.begin_string), Limits())
    assert isinstance(message, Message)
    assert validator_for(version.begin_string, version.appl_ver_id).check(message) is None
    return {35: msg_type, **dict(fields)}


@VERSIONS
def test_an_order_is_acknowledged_and_cancelled_once(version):
    desk = Desk(version)
    sent = valid(version, "D", order(version, "one", NOW))
    answer = desk.answer(sent, NOW)
    report = valid(version, answer.msg_type, answer.fields)
    assert (report[35], report[11], report[39], report[38]) == ("8", "one", "0", "10")
    request = {35: "F", 11: "two", 41: "one", 55: "ABC", 54: "1", 38: "10"}
    answer = desk.answer(request, NOW)
    report = valid(version, answer.msg_type, answer.fields)
    assert (report[35], report[11], report[39]) == ("8", "two", "4")
    assert report.get(41) == (None if version is FixVersion.FIX40 else "one")
    answer = desk.answer(request | {11: "three"}, NOW)
    reject = valid(version, answer.msg_type, answer.fields)
    assert (reject[35], reject[11], reject[102]) == ("9", "three", "1")


def test_other_messages_are_not_answered():
    assert Desk(FixVersion.FIX44).answer({35: "H", 11: "one"}, NOW) is None
