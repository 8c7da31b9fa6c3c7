"""Every body the venue sends is valid in its version: by a table from the specifications, and by
the dictionary, which was made independently of the venue.
"""

from __future__ import annotations

import pytest

from fixgate.dictionary import validator_for
from fixgate.dictionary.version import FixVersion
from fixgate.venue import Reply
from fixgate.venue.reports import Ids
from fixgate.wire.message import Message
from tests.venue.support import NOW_NS, Desk, fields_of, open_venue

# Required fields of ExecutionReport and OrderCancelReject, and fields of the venue's vocabulary
# that the version does not have (FIX 4.0 to 5.0 SP2, Volume 4). Symbol(55) and OrderQty(38) are
# required through Instrument and OrderQtyData of FIX 4.3 and 4.4.
SINCE_40 = {6, 14, 17, 20, 31, 32, 37, 38, 39, 54, 55}
SINCE_41 = SINCE_40 | {150, 151}
SINCE_42 = SINCE_41 - {31, 32}
SINCE_43 = SINCE_42 - {20}
REQUIRED = {
    "FIX.4.0": (SINCE_40, {11, 37}),
    "FIX.4.1": (SINCE_41, {11, 37, 39, 41}),
    "FIX.4.2": (SINCE_42, {11, 37, 39, 41, 434}),
    "FIX.4.3": (SINCE_43, {11, 37, 39, 41, 434}),
    "FIX.4.4": (SINCE_43, {11, 37, 39, 41, 434}),
    "FIX.5.0": (SINCE_43, {11, 37, 39, 41, 434}),
    "FIX.5.0SP1": (SINCE_43, {11, 37, 39, 434}),
    "FIX.5.0SP2": (SINCE_43, {11, 37, 39, 434}),
}
ABSENT = {
    "FIX.4.0": ({41, 150, 151, 790}, {39, 41, 60, 434}),
    "FIX.4.1": ({790}, {60, 434}),
    "FIX.4.2": ({790}, set()),
    "FIX.4.3": ({20, 790}, set()),
    "FIX.4.4": ({20}, set()),
    "FIX.5.0": ({20}, set()),
    "FIX.5.0SP1": ({20}, set()),
    "FIX.5.0SP2": ({20}, set()),
}


def everything_a_venue_says(version: FixVersion) -> list[Reply]:
    venue = open_venue(levels=2, quantity=50, cancel_on_disconnect=True)
    desk = Desk(venue, "ALICE", version)
    replies = [
        *desk.new("HIT", "1", "120", "100.05", time_in_force="0"),
        *desk.new("LOTS1", "5", "30", "10.75", symbol="LOTS"),
        *desk.new("LOTS2", "1", "20", None, symbol="LOTS"),
        *desk.new("IOC", "2", "500", "99.99", time_in_force="3"),
        *desk.new("FOK", "2", "500", "99.99", time_in_force="4"),
        *desk.new("MARKET", "6", "5000", None),
        *desk.new("NOPE", "1", "1", "99.99", symbol="NOPE"),
        *desk.new("NOPE", "1", "1", "99.99"),
        *desk.new("TICK", "1", "1", "99.999"),
        *desk.new("LOT", "1", "15", "10", symbol="LOTS"),
        *desk.new("HUGE", "1", "1000000000000000000", "10"),
        *desk.new("MINUS", "1", "1", "-10"),
        *desk.new("GTD", "1", "1", "10", time_in_force="6"),
        *desk.new("REST", "1", "100", "50", time_in_force="1"),
    ]
    for request in (
        "35=D|34=2|1=ACC|11=ACC|38=10|40=2|44=50|54=1|55=ABC|110=5",
        "35=D|34=2|1=ACC|11=DAY|38=10|40=2|44=50|54=1|55=ABC",
        "35=H|34=2|11=REST|54=1|55=ABC|790=Q",
        "35=H|34=2|11=UNKNOWN|54=1|55=ABC",
        "35=H|34=2|11=HIT|54=1|55=ABC",
        "35=G|34=2|11=G1|41=REST|38=50|40=2|44=50|54=1|55=ABC|59=1",
        "35=H|34=2|11=G1|54=1|55=ABC",
        "35=G|34=2|11=G2|41=REST|38=50|40=2|44=50|54=1|55=ABC",
        "35=G|34=2|11=G3|41=G1|38=50|40=2|44=50.001|54=1|55=ABC",
        "35=G|34=2|11=G4|41=G1|38=50|40=1|54=1|55=ABC",
        "35=G|34=2|11=G1|41=G1|38=50|40=2|44=50|54=1|55=ABC",
        "35=F|34=2|11=F1|41=UNKNOWN|54=1|55=ABC",
        "35=F|34=2|11=F2|41=HIT|54=1|55=ABC",
        "35=F|34=2|11=F3|41=G1|54=1|55=ABC",
        "35=8|34=2|37=id",
    ):
        replies += desk.send(request)
    return replies + venue.logged_out(desk.client, NOW_NS)


def as_sent(reply: Reply, version: FixVersion) -> Message:
    body = [part.partition(b"=") for part in reply.body.split(b"\x01") if part]
    stamp = b"20260105-10:00:00"
    pairs = [
        (8, version.begin_string.encode()),
        (9, b"100"),
        (35, reply.msg_type),
        (34, b"2"),
        (49, b"VENUE"),
        (52, stamp),
        (56, b"ALICE"),
        *((int(tag), value) for tag, _, value in body),
        (10, b"000"),
    ]
    return Message(b"", [tag for tag, _ in pairs], [value for _, value in pairs])


@pytest.mark.parametrize("version", list(FixVersion), ids=lambda version: version.value)
def test_all_that_is_said_is_valid_by_the_dictionary(version):
    validator = validator_for(version.begin_string, version.appl_ver_id)
    replies = everything_a_venue_says(version)
    assert len(replies) > 30
    for reply in replies:
        assert validator.check(as_sent(reply, version)) is None, reply


@pytest.mark.parametrize("version", list(FixVersion), ids=lambda version: version.value)
def test_all_that_is_said_has_what_the_version_requires(version):
    seen = set()
    for reply in everything_a_venue_says(version):
        seen.add(reply.msg_type)
        if reply.msg_type not in (b"8", b"9"):
            continue
        found = fields_of(reply)
        which = 0 if reply.msg_type == b"8" else 1
        assert REQUIRED[version.value][which] <= set(found)
        assert not ABSENT[version.value][which] & set(found)
        assert list(found) == sorted(found)
        if 31 in found and found[31] != "0":
            assert found.get(150, "F") in ("F" if version.order > FixVersion.FIX42.order else "12F")
    assert seen == {b"8", b"9", b"3" if version.order < FixVersion.FIX42.order else b"j"}


@pytest.mark.parametrize("version", list(FixVersion), ids=lambda version: version.value)
def test_quantities_add_up_in_every_report(version):
    for reply in everything_a_venue_says(version):
        found = fields_of(reply)
        if reply.msg_type != b"8" or 151 not in found:
            continue
        if found[39] in "0125":
            assert int(found[14]) + int(found[151]) == int(found[38])
        else:
            assert found[151] == "0"


def test_identifiers_begin_with_the_first_instant():
    ids = Ids()
    ids.begin(36 * 36 * 1_000_000)
    ids.begin(99_000_000)
    assert [ids.next_order_id(), ids.next_order_id()] == [b"100-1", b"100-2"]

    before_1970 = Ids()
    before_1970.begin(-1)
    assert before_1970.next_order_id() == b"0-1"


def test_each_report_carries_the_instant_it_was_made():
    desk = Desk(open_venue(), "ALICE")
    stamps = []
    for now_ns in (NOW_NS, NOW_NS + 999_999, NOW_NS + 1_000_000, NOW_NS + 1_000_000_000):
        order = f"35=D|34=2|11={now_ns}|38=1|40=2|44=1|54=1|55=ABC"
        (ack,) = desk.send(order, now_ns=now_ns)
        stamps.append(fields_of(ack)[60])
    assert stamps == [
        "20260105-10:00:00.123",
        "20260105-10:00:00.123",
        "20260105-10:00:00.124",
        "20260105-10:00:01.123",
    ]
