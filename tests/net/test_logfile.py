from __future__ import annotations

import gzip
import io

import pytest
import simplefix
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.logfile import LogEntry, Unreadable, read_log
from fixgate.net.unpacked import open_unpacked


def message(*fields: tuple[int, object], begin: str = "FIX.4.4") -> bytes:
    built = simplefix.FixMessage()
    built.append_pair(8, begin)
    for tag, value in fields:
        built.append_pair(tag, value)
    return built.encode()


ORDER = message(
    (35, "D"), (34, 2), (49, "CLIENT"), (56, "VENUE"), (52, "20260101-08:00:00.123"), (11, "a"),
    (54, 1), (55, "ABC"),
)  # fmt: skip
REPORT = message((35, "8"), (34, 3), (49, "VENUE"), (56, "CLIENT"), (37, "o|1=2"), (39, 0))


def read(data: bytes) -> list[LogEntry | Unreadable]:
    return list(read_log(io.BytesIO(data)))


def entries(data: bytes) -> list[LogEntry]:
    found = read(data)
    assert all(isinstance(entry, LogEntry) for entry in found), found
    return [entry for entry in found if isinstance(entry, LogEntry)]


@pytest.mark.parametrize(
    "separator",
    ["\x01", "|", "^A", "^", r"\x01", r"\u0001", r"\001", "<SOH>", "[SOH]", ";", "␁", "||",
     " | ", "\t", " "],
)  # fmt: skip
def test_separators(separator):
    (entry,) = entries(ORDER.replace(b"\x01", separator.encode()) + b"\n")
    assert entry.flaw == ""
    assert entry.fields[:3] == ((8, b"FIX.4.4"), (9, entry.get(9)), (35, b"D"))
    assert entry.get(55) == b"ABC"
    assert entry.fields[-1][0] == 10


@pytest.mark.parametrize("separator", [b"|", b"^A", b"\x01"])
def test_the_last_separator_may_be_missing(separator):
    (entry,) = entries(ORDER[:-1].replace(b"\x01", separator))
    assert entry.flaw == ""
    assert entry.get(55) == b"ABC"


def test_a_separator_inside_a_value_stays():
    text = message((35, "B"), (34, 1), (148, "a|b|c"), (58, "x^y;z"))
    (entry,) = entries(text.replace(b"\x01", b"|"))
    assert (entry.flaw, entry.get(148), entry.get(58)) == ("", b"a|b|c", b"x^y;z")
    (entry,) = entries(REPORT)
    assert entry.get(37) == b"o|1=2"


@pytest.mark.parametrize(
    ("before", "after", "time", "direction"),
    [
        (b"20260101-00:00:00.000 : ", b"", "20260101-00:00:00.000", ""),
        (b"20260101-00:00:00: ", b"", "20260101-00:00:00", ""),
        (b"2026-01-01T00:00:00.123456789Z < ", b"", "2026-01-01T00:00:00.123456789Z", "<"),
        (b"2026/01/01 00:00:00.123456 -> ", b"", "2026/01/01 00:00:00.123456", ">"),
        (b"<20260101-00:00:01, FIX.4.4:A->B, incoming> (", b")", "20260101-00:00:01", "<"),
        (b"<20260101-00:00:01, FIX.4.4:A->B, outgoing>\n  (", b")", "20260101-00:00:01", ">"),
        (b"12:00:00,123 INFO [main] Sent: ", b" ok", "12:00:00,123", ">"),
        (b"RX ", b"", "20260101-08:00:00.123", "<"),
        (b'[out] "', b'"', "20260101-08:00:00.123", ">"),
        (b"error in message, sent back what was received: ", b"", "20260101-08:00:00.123", ""),
        (b"in the morning ", b"", "20260101-08:00:00.123", ""),
        (b"", b"\r", "20260101-08:00:00.123", ""),
    ],
)
@pytest.mark.parametrize("separator", [b"\x01", b"|"])
def test_what_loggers_write_round_a_message(before, after, time, direction, separator):
    (entry,) = entries(before + ORDER.replace(b"\x01", separator) + after + b"\n")
    assert (entry.time, entry.direction, entry.flaw) == (time, direction, "")
    assert entry.fields[-1][0] == 10


def test_the_header_of_a_screen_log_is_for_the_next_line_only():
    data = b"<20260101-00:00:01, FIX.4.4:A->B, event>\n  (Created session)\n" + ORDER + b"\n"
    (entry,) = entries(data)
    assert (entry.line, entry.direction) == (3, "")


def test_lines_are_counted():
    found = entries(b"a line\r\n\r\n" + ORDER + b"\n\n" + REPORT + b"\r\n")
    assert [entry.line for entry in found] == [3, 5]


def test_messages_without_lines_between_them():
    found = entries(ORDER + REPORT + ORDER)
    assert [entry.get(35) for entry in found] == [b"D", b"8", b"D"]
    assert {entry.line for entry in found} == {1}
    text = (ORDER + REPORT).replace(b"\x01", b"|")
    assert [entry.get(35) for entry in entries(text)] == [b"D", b"8"]


def test_a_garbled_message_is_shown_as_far_as_it_can_be_read():
    (entry,) = entries(ORDER.replace(b"55=ABC", b"55=XYZ"))
    assert entry.get(55) == b"XYZ"
    assert "CheckSum(10)" in entry.flaw
    (entry,) = entries(ORDER[:60])
    assert entry.get(35) == b"D"
    assert entry.flaw


def test_data_may_hold_separators_and_what_looks_like_an_end():
    data = message((35, "A"), (34, 1), (95, 11), (96, "a\x0110=000\x01bc"))
    (entry,) = entries(data + b"\n")
    assert (entry.flaw, entry.get(96)) == ("", b"a\x0110=000\x01bc")


def test_what_is_no_field_belongs_to_the_value_before_it():
    (entry,) = entries(b"8=FIX.4.4\x019=5\x0135=B\x0158=two\x01parts\x0155=ABC\x0110=000\x01")
    assert entry.flaw
    assert entry.get(58) == b"two\x01parts"
    assert entry.get(55) == b"ABC"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"35=D|34=1|49=A|56=B", "no BeginString(8), expected 8=FIX"),
        (b"8=FIX.4.4|9=5|34=1|10=000|", "MsgType(35)"),
        (b"8=FIX.4.4|9=5", None),
        (b"8=FIX", None),
        (b"an event", None),
        (b"", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_lines_that_hold_no_message(line, reason):
    found = read(line + b"\n" + ORDER + b"\n")
    assert isinstance(found[-1], LogEntry)
    if reason is None:
        assert len(found) <= 2
    else:
        (unreadable, _) = found
        assert isinstance(unreadable, Unreadable)
        assert unreadable.line == 1
        assert reason in unreadable.reason


def test_a_line_without_end_is_given_up():
    found = read(b"x" * (5 * 1024 * 1024) + b"\n" + ORDER + b"\n")
    assert isinstance(found[0], Unreadable)
    assert found[0].reason == "longer than 4 MiB"
    assert isinstance(found[-1], LogEntry)


def test_a_line_without_end_is_told_once():
    found = read(b"x" * (20 * 1024 * 1024) + b"\n" + ORDER + b"\n")
    assert [type(each) for each in found] == [Unreadable, LogEntry]
    assert found[1].line == 2


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_however_a_log_comes_in_its_lines_are_the_same(sizes):
    data = ORDER + REPORT + ORDER + b"\r\n" + REPORT + b"\nan event\r\n" + ORDER
    whole = read(data)
    assert [each.line for each in whole] == [1, 1, 1, 2, 4]

    class Pipe(io.BytesIO):
        def read1(self, _size=-1):
            return self.read(sizes.pop(0) if sizes else 7)

    assert list(read_log(Pipe(data))) == whole


def test_gzip_whatever_the_name(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(ORDER + b"\n" + REPORT + b"\n"))
    with open_unpacked(path) as stream:
        assert len(list(read_log(stream))) == 2
    path.write_bytes(gzip.compress(ORDER + b"\n" + REPORT * 1000)[:-20])
    with open_unpacked(path) as stream:
        *_, last = read_log(stream)
    assert isinstance(last, Unreadable)
    assert last.reason == "the gzip data is cut short or damaged"


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data = data
        self._step = step

    def readable(self) -> bool:
        return True

    def read1(self, size: int) -> bytes:
        piece, self._data = self._data[: self._step], self._data[self._step :]
        return piece


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
def test_chunks_do_not_matter(step):
    data = b"20260101-00:00:00 : " + ORDER + b"\r\n" + REPORT + ORDER + b"\n35=D|34=1|49=A|\r\n"
    assert list(read_log(Trickle(data, step))) == read(data)  # type: ignore[arg-type]


@given(
    data=st.lists(
        st.sampled_from([b"8=FIX.4.4", b"\x01", b"|", b"9=5", b"35=D", b"10=000", b"\n", b"=", b"5",
                         b"^A", b"<", b">", ORDER, b"\x1f\x8b", b"96=", b"95=9"])
        | st.binary(max_size=6),
        max_size=12,
    )
)  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read_or_passed_over(data):
    for entry in read(b"".join(data)):
        assert entry.line >= 1
