from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.triage import VenueTimes, venue_times
from fixgate.wire import Message, decode
from tests.fixtext import fix

# 2026-11-22 10:30:00 UTC, counted by hand: 20779 days after 1970-01-01.
SECOND_NS = (20_779 * 86_400 + 10 * 3600 + 30 * 60) * 10**9
HEAD = "35=8|34=2|49=VENUE|56=DESK"


def read(body: str, begin: str = "FIX.4.4") -> VenueTimes | None:
    message = decode(fix(body, begin))
    assert isinstance(message, Message)
    return venue_times(message)


def test_a_report_with_all_three_as_cme_writes_them():
    request_ns = SECOND_NS + 123_456_789
    body = f"{HEAD}|52=20261122-10:30:00.190|11=A|60=20261122-10:30:00.143456|5979={request_ns}|"
    assert read(body) == VenueTimes(
        request_ns=request_ns,
        transact_ns=SECOND_NS + 143_456_000,
        sending_ns=SECOND_NS + 190_000_000,
        precision_ns=1_000_000,
    )


@pytest.mark.parametrize(
    ("fraction", "ns", "precision_ns"),
    [
        ("", 0, 1_000_000_000),
        (".123", 123_000_000, 1_000_000),
        (".123456", 123_456_000, 1_000),
        (".123456789", 123_456_789, 1),
        (".123456789012", 123_456_789, 1),
    ],
)
def test_the_digits_say_how_fine(fraction: str, ns: int, precision_ns: int):
    stamp = f"20261122-10:30:00{fraction}"
    whole = SECOND_NS + ns
    assert read(f"{HEAD}|52={stamp}|60={stamp}|5979={stamp}|") == VenueTimes(
        whole, whole, whole, precision_ns
    )


@pytest.mark.parametrize(
    ("digits", "precision_ns"), [(10, 10**9), (13, 10**6), (16, 1000), (19, 1)]
)
def test_a_whole_number_counts_what_its_length_says(digits: int, precision_ns: int):
    number = str(SECOND_NS + 123_456_789)[:digits]
    assert read(f"{HEAD}|52=x|5979={number}|") == VenueTimes(
        request_ns=int(number) * precision_ns, precision_ns=precision_ns
    )


def test_trd_reg_timestamps_say_when_matching_had_it_and_was_done():
    body = (
        f"{HEAD}|52=20261122-10:30:00.190123456|60=20261122-10:30:00.143|768=3"
        "|769=20261122-10:30:00.150000001|770=1"
        "|769=20261122-10:30:00.123456789|770=2"
        "|769=20261122-10:30:00.143456789|770=3|"
    )
    assert read(body, "FIXT.1.1") == VenueTimes(
        transact_ns=SECOND_NS + 143_456_789,
        sending_ns=SECOND_NS + 190_123_456,
        precision_ns=1,
        entered_ns=SECOND_NS + 123_456_789,
    )


def test_eurex_says_when_matching_had_it_in_a_field_of_its_own():
    entered_ns = SECOND_NS + 123_456_789
    assert read(f"{HEAD}|52=x|21002={entered_ns}|") == VenueTimes(
        entered_ns=entered_ns, precision_ns=1
    )
    both = f"768=1|769=20261122-10:30:00.123|770=2|21002={entered_ns}|"
    assert read(f"{HEAD}|52=x|{both}") == VenueTimes(entered_ns=entered_ns, precision_ns=1)


def test_time_out_that_is_no_finer_does_not_stand_in_for_transact_time():
    body = f"{HEAD}|52=x|60=20261122-10:30:00.143456|768=1|769=20261122-10:30:00.999|770=3|"
    assert read(body) == VenueTimes(transact_ns=SECOND_NS + 143_456_000, precision_ns=1000)


def test_of_what_is_sent_again_the_first_sending_counts():
    body = (
        "35=8|34=2|43=Y|49=VENUE|52=20261122-11:00:00.000|56=DESK"
        "|122=20261122-10:30:00.190|60=20261122-10:30:00.143|"
    )
    assert read(body) == VenueTimes(
        transact_ns=SECOND_NS + 143_000_000, sending_ns=SECOND_NS + 190_000_000
    )


def test_a_heartbeat_says_only_when_it_left():
    body = "35=0|34=2|49=VENUE|52=20261122-10:30:00.190|56=DESK|112=T|"
    assert read(body) == VenueTimes(sending_ns=SECOND_NS + 190_000_000)


@pytest.mark.parametrize(
    "garbage", ["", "-1", "12345", "20261332-10:30:00", "20261122-10:30:00.1", "1" * 400, "+1", "x"]
)
def test_garbage_is_not_there(garbage: str):
    stamps = f"768=9|769={garbage}|770=2|5979={garbage}|"
    assert read(f"{HEAD}|52={garbage}|60={garbage}|{stamps}") is None
    good = "20261122-10:30:00.190"
    assert read(f"{HEAD}|52={good}|60={garbage}|{stamps}") == VenueTimes(
        sending_ns=SECOND_NS + 190_000_000
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from((43, 52, 60, 122, 768, 769, 770, 5979, 21002, 58)),
            st.one_of(
                st.binary(max_size=24).map(lambda value: value.replace(b"\x01", b"")),
                st.from_regex(rb"[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,12})?\Z"),
                st.from_regex(rb"[0-9]{1,25}\Z"),
                st.sampled_from((b"Y", b"2", b"3")),
            ),
        ),
        max_size=12,
    )
)
def test_nothing_raises_and_what_is_read_is_an_instant(fields: list[tuple[int, bytes]]):
    head = [(8, b"FIX.4.4"), (9, b"5"), (35, b"8")]
    tags, values = zip(*head, *fields, (10, b"000"), strict=False)
    times = venue_times(Message(b"", tags, values))
    if times is not None:
        instants = (times.request_ns, times.entered_ns, times.transact_ns, times.sending_ns)
        assert any(ns is not None for ns in instants)
        assert all(isinstance(ns, int) for ns in instants if ns is not None)
        assert times.precision_ns in (1, 1000, 10**6, 10**9)
