from __future__ import annotations

import pytest

from fixgate.dictionary import ValidationOptions, validator_for
from fixgate.dictionary.version import FixVersion
from fixgate.triage import VenueTimes, venue_times
from fixgate.venue import Client, Reply
from fixgate.venue.stamps import Course, stamp, stamp_digits
from fixgate.wire.message import Message
from tests.fixtext import soh
from tests.venue.support import NOW_NS, STAMP_S, message
from tests.venue.test_reports import as_sent, everything_a_venue_says

COURSE = Course(NOW_NS, NOW_NS + 1_000, NOW_NS + 456_789)
ORDER = message("35=D|34=2|11=A|55=ABC")


def stamped(
    reply: Reply, version: FixVersion = FixVersion.FIX44, digits: int = 3, asker: str = "ALICE"
) -> str:
    client = Client(asker, version)
    return stamp(reply, COURSE, client, ORDER, digits).body.replace(b"\x01", b"|").decode()


def report(body: str, msg_type: bytes = b"8") -> Reply:
    return Reply("ALICE", msg_type, soh(body))


@pytest.mark.parametrize(
    ("version", "sending", "digits"),
    [
        (FixVersion.FIX40, None, 0),
        (FixVersion.FIX41, None, 0),
        (FixVersion.FIX42, None, 3),
        (FixVersion.FIX44, None, 3),
        (FixVersion.FIX50SP1, None, 3),
        (FixVersion.FIX50SP2, None, 9),
        (FixVersion.FIX44, 6, 6),
        (FixVersion.FIX44, 12, 9),
        (FixVersion.FIX44, 0, 3),
        (FixVersion.FIX50SP2, 3, 9),
    ],
)
def test_transact_time_is_as_fine_as_it_may_be(
    version: FixVersion, sending: int | None, digits: int
):
    assert stamp_digits(version, sending) == digits


def test_a_report_of_fix_44():
    assert stamped(report("11=A|60=20260105-10:00:00.123|151=5|"), digits=6) == (
        f"11=A|60={STAMP_S}.123456|151=5|5979={NOW_NS}|21002={NOW_NS + 1000}|"
    )


def test_a_report_of_fix_50_says_when_matching_had_it_and_was_done():
    body = report("11=A|60=20260105-10:00:00.123|151=5|790=Q|")
    assert stamped(body, FixVersion.FIX50SP2, 9) == (
        f"11=A|60={STAMP_S}.123456789|151=5|790=Q|768=2|769={STAMP_S}.123001000|770=2"
        f"|769={STAMP_S}.123456789|770=3|5979={NOW_NS}|"
    )


def test_what_the_request_did_to_others_is_theirs():
    body = "11=A|60=20260105-10:00:00.123|151=5|"
    assert stamped(report(body), asker="BOB") == f"11=A|60={STAMP_S}.123|151=5|"


def test_what_it_did_to_an_older_order_of_the_same_client_is_not_about_it():
    body = "11=OLD|60=20260105-10:00:00.123|151=5|"
    assert stamped(report(body)) == f"11=OLD|60={STAMP_S}.123|151=5|"


def test_a_refusal_without_a_name_is_about_the_request():
    refusal = report("45=2|58=no|372=V|380=3|", b"j")
    assert stamped(refusal) == f"45=2|58=no|372=V|380=3|5979={NOW_NS}|21002={NOW_NS + 1000}|"


def test_a_refused_cancel_of_fix_50_has_no_trd_reg_timestamps():
    refusal = report("11=A|60=20260105-10:00:00.123|434=1|", b"9")
    assert stamped(refusal, FixVersion.FIX50SP2, 9) == (
        f"11=A|60={STAMP_S}.123456789|434=1|5979={NOW_NS}|21002={NOW_NS + 1000}|"
    )


def test_an_echo_is_what_it_was():
    assert stamped(report("11=A|60=x|", b"D")) == "11=A|60=x|"


@pytest.mark.parametrize("version", list(FixVersion), ids=lambda version: version.value)
def test_all_that_is_stamped_is_valid_by_the_dictionary_and_read_back(version: FixVersion):
    options = ValidationOptions(allow_user_defined=True)
    validator = validator_for(version.begin_string, version.appl_ver_id, options)
    client, digits = Client("ALICE", version), stamp_digits(version, None)
    count = 0
    for reply in everything_a_venue_says(version):
        name = as_sent(reply, version).get(11) or b""
        request = message(f"35=D|34=2|11={name.decode()}", version)
        found = as_sent(stamp(reply, COURSE, client, request, digits), version)
        assert validator.check(found) is None, reply
        if reply.msg_type == b"8":
            count += 1
            assert_read_back(found, version, 10 ** (9 - digits))
    assert count > 20


def assert_read_back(found: Message, version: FixVersion, unit_ns: int):
    times = venue_times(found)
    assert isinstance(times, VenueTimes)
    assert times.request_ns == COURSE.request_ns
    assert times.transact_ns == COURSE.transact_ns // unit_ns * unit_ns
    entered_ns = COURSE.entered_ns // (unit_ns if version.is_fixt else 1)
    entered_ns *= unit_ns if version.is_fixt else 1
    assert times.entered_ns == entered_ns
