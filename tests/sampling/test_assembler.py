"""Samples out of a session's history, told record by record as the stamped transport tells it."""

from __future__ import annotations

import struct

import pytest

from fixgate.host import Stall, StallKind
from fixgate.net.events import CloseReason, ConnectionClosed
from fixgate.net.stamps import StampKind
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent
from fixgate.sampling.assembler import Assembler, Measured
from fixgate.sampling.pairing import Why
from fixgate.session.events import GarbledInput
from fixgate.triage.model import Exchange, Mark, StampSource, VenueTimes
from tests.fixtext import fix

T0 = 1_795_336_200_000_000_000
US, MS = 1_000, 1_000_000
EVER = T0 + 10**15


def tcp(total_retrans: int = 0) -> bytes:
    raw = bytearray(248)
    struct.pack_into("=I", raw, 100, total_retrans)
    return bytes(raw)


class Told:
    """Tells an assembler what a connection does, counting its bytes."""

    def __init__(self, *, tls: bool = False) -> None:
        self.assembler = Assembler("xlon", tls=tls)
        self.tls = tls
        self.end = 0

    def send(self, *messages: bytes, at: int, retrans: int = 0, monotonic: int | None = None):
        """Write messages with one write; return the offset of its end."""
        for each in messages:
            self.assembler.take(T0, ">", each)
        return self.write(sum(map(len, messages)), at=at, retrans=retrans, monotonic=monotonic)

    def write(self, size: int, *, at: int, retrans: int = 0, monotonic: int | None = None):
        self.end += size + 22 * self.tls
        mono = at if monotonic is None else monotonic
        self.assembler.take(T0, "~", BytesWritten(self.end, T0 + at, mono, tcp(retrans)))
        return self.end

    def stamp(self, kind: StampKind, at: int, *, end: int | None = None, card: int = 0):
        software = 0 if card and not at else T0 + at
        self.assembler.take(T0, "~", BytesStamped(end or self.end, kind, software, card))

    def read(self, *messages: bytes, stamp: int, at: int, **kwargs):
        size = kwargs.pop("size", sum(map(len, messages)))
        rx = T0 + stamp if stamp else 0
        retrans, mono = kwargs.pop("retrans", 0), kwargs.pop("monotonic", at)
        card, whole = kwargs.pop("card", 0), kwargs.pop("whole", True)
        what = BytesRead(size, T0 + at, mono, rx, card, whole, tcp(retrans))
        self.assembler.take(T0, "~", what)
        for each in messages:
            self.assembler.take(T0, "<", each)

    def samples(self, *stalls: Stall, before: int = EVER) -> list[Measured]:
        return self.assembler.samples(before, stalls)


def asking(name: str, number: int = 2) -> bytes:
    return fix(f"35=1|34={number}|49=A|56=B|52=20261122-10:30:00.000|112={name}")


def heartbeat(name: str, number: int = 2) -> bytes:
    return fix(f"35=0|34={number}|49=B|56=A|52=20261122-10:30:00.000|112={name}")


def one(told: Told, *stalls: Stall):
    (found,) = told.samples(*stalls)
    return found.sample


def test_every_instant_of_a_round_trip():
    told = Told()
    told.send(ask := asking("X"), at=1 * US)
    told.stamp(StampKind.SCHEDULED, 3 * US)
    told.stamp(StampKind.SENT, 4 * US)
    told.stamp(StampKind.ACKED, 40 * US)
    told.read(answer := heartbeat("X"), stamp=90 * US, at=100 * US)
    (found,) = told.samples()
    sample = found.sample
    assert (found.request, found.reply) == (ask, answer)
    assert (sample.kind, sample.name, sample.session) == (Exchange.HEARTBEAT, "X", "xlon")
    assert [
        each and each - T0
        for each in (
            sample.app_sent_ns, sample.scheduled_ns, sample.sent_ns, sample.acked_ns,
            sample.received_ns, sample.app_received_ns, sample.due_ns,
        )
    ] == [1 * US, 3 * US, 4 * US, 40 * US, 90 * US, 100 * US, None]  # fmt: skip
    assert (sample.wire_ns, sample.app_ns) == (86 * US, 99 * US)
    assert sample.source is StampSource.KERNEL
    assert sample.marks == frozenset()
    assert sample.tcp_before is not None
    assert told.samples() == []


def test_a_stamp_may_come_after_the_reply():
    told = Told()
    told.send(asking("X"), at=1)
    told.read(heartbeat("X"), stamp=50, at=60)
    told.stamp(StampKind.SENT, 2)
    assert one(told).wire_ns == 48


def test_messages_of_one_write_leave_together():
    told = Told()
    told.send(asking("X"), asking("Y", 3), at=1)
    told.stamp(StampKind.SENT, 2)
    told.read(heartbeat("X"), stamp=50, at=60)
    told.read(heartbeat("Y", 3), stamp=70, at=80)
    assert [each.sample.wire_ns for each in told.samples()] == [48, 68]


def test_what_the_store_held_back_left_with_its_own_bytes():
    """Store before send: a message is in the history, and on the wire only when it is stored."""
    told = Told()
    first, second = asking("X"), asking("Y", 3)
    told.assembler.take(T0, ">", first)
    told.assembler.take(T0, ">", second)
    told.write(len(first), at=10)
    told.stamp(StampKind.SENT, 11)
    told.write(len(second), at=500)
    told.stamp(StampKind.SENT, 501)
    told.read(heartbeat("X"), stamp=50, at=60)
    told.read(heartbeat("Y", 3), stamp=550, at=560)
    assert [(s.sample.app_sent_ns - T0, s.sample.wire_ns) for s in told.samples()] == [
        (10, 39),
        (500, 49),
    ]


def test_a_write_that_went_out_in_pieces_has_the_stamp_of_its_last_byte():
    told = Told()
    end = told.send(asking("X"), at=1)
    told.stamp(StampKind.SENT, 2, end=end - 20)
    told.stamp(StampKind.SENT, 9, end=end)
    told.read(heartbeat("X"), stamp=50, at=60)
    sample = one(told)
    assert sample.wire_ns == 41
    assert Mark.RETRANSMITTED not in sample.marks


def test_one_stamp_holds_for_all_before_it():
    told = Told()
    told.send(asking("X"), at=1)
    told.send(asking("Y", 3), at=5)
    told.stamp(StampKind.SENT, 7)
    told.read(heartbeat("X"), stamp=50, at=60)
    assert one(told).wire_ns == 43


@pytest.mark.parametrize("sign", ["a second stamp", "TCP_INFO"])
def test_what_was_sent_again_is_marked_and_counts_from_the_first_time(sign: str):
    told = Told()
    told.send(asking("X"), at=1 * MS, retrans=4)
    told.stamp(StampKind.SENT, 2 * MS)
    if sign == "a second stamp":
        told.stamp(StampKind.SENT, 203 * MS)
    told.read(heartbeat("X"), stamp=204 * MS, at=205 * MS, retrans=4 + (sign == "TCP_INFO"))
    sample = one(told)
    assert sample.wire_ns == 202 * MS
    assert sample.marks == {Mark.RETRANSMITTED}


def test_replies_that_were_read_together_are_marked():
    told = Told()
    told.send(asking("X"), at=1)
    told.send(asking("Y", 3), at=2)
    told.stamp(StampKind.SENT, 3)
    told.read(heartbeat("X"), heartbeat("Y", 3), stamp=50, at=60)
    assert [each.sample.marks for each in told.samples()] == [{Mark.COALESCED}] * 2


@pytest.mark.parametrize("later", ["", "read on"])
def test_a_reply_that_shares_its_read_with_half_a_message_is_marked(later: str):
    told = Told()
    told.send(asking("X"), at=1)
    told.stamp(StampKind.SENT, 3)
    answer, next_one = heartbeat("X"), heartbeat("other", 3)
    told.read(answer, stamp=50, at=60, size=len(answer) + 5)
    if later:
        told.read(next_one, stamp=70, at=80, size=len(next_one) - 5)
    assert one(told).marks == {Mark.COALESCED}
    told.send(asking("Y", 3), at=100)
    told.stamp(StampKind.SENT, 101)
    if later:
        told.read(heartbeat("Y", 4), stamp=150, at=160)
        assert one(told).marks == frozenset()


def test_a_reply_in_two_reads_came_with_the_second():
    told = Told()
    told.send(asking("X"), at=1)
    told.stamp(StampKind.SENT, 3)
    answer = heartbeat("X")
    told.read(stamp=50, at=60, size=10)
    told.read(answer, stamp=90, at=95, size=len(answer) - 10)
    sample = one(told)
    assert sample.wire_ns == 87
    assert sample.marks == frozenset()


def test_garbage_is_no_half_message():
    told = Told()
    told.read(stamp=10, at=11, size=500)
    told.assembler.take(T0, "=", GarbledInput(b"x" * 500, "no BeginString(8)"))
    told.send(asking("X"), at=12)
    told.stamp(StampKind.SENT, 13)
    told.read(heartbeat("X"), stamp=50, at=60)
    assert one(told).marks == frozenset()


def test_tls_counts_other_bytes_and_says_itself_where_a_record_ends():
    told = Told(tls=True)
    told.send(asking("X"), at=1)
    told.stamp(StampKind.SENT, 2)
    told.read(heartbeat("X"), stamp=50, at=60, size=700)
    sample = one(told)
    assert (sample.wire_ns, sample.tls, sample.marks) == (48, True, frozenset())
    told.send(asking("Y", 3), at=100)
    told.stamp(StampKind.SENT, 101)
    told.read(heartbeat("Y", 3), stamp=150, at=160, size=700, whole=False)
    assert one(told).marks == {Mark.COALESCED}


def test_without_stamps_there_is_no_wire_figure_and_the_reason_is_known():
    told = Told()
    told.assembler.take(T0, "~", StampsAbsent("no kernel stamps on plan9"))
    told.send(asking("X"), at=1)
    told.read(heartbeat("X"), stamp=0, at=60)
    sample = one(told)
    assert (sample.wire_ns, sample.app_ns, sample.source) == (None, 59, StampSource.USER)
    assert told.assembler.stampless == "no kernel stamps on plan9"


def test_where_the_transport_tells_nothing_the_records_do():
    told = Told()
    told.assembler.take(T0 + 5, ">", asking("X"))
    told.assembler.take(T0 + 65, "<", heartbeat("X"))
    sample = one(told)
    assert (sample.wire_ns, sample.app_ns, sample.marks) == (None, 60, frozenset())
    assert (sample.source, sample.tcp_after) == (StampSource.USER, None)


def test_one_stamp_alone_makes_no_wire_figure():
    told = Told()
    told.send(asking("X"), at=1)
    told.read(heartbeat("X"), stamp=50, at=60)
    sample = one(told)
    assert (sample.wire_ns, sample.source) == (None, StampSource.USER)


def test_a_stamp_that_is_later_than_the_reply_is_of_other_bytes():
    """A probe of a closed window took the message along; the rest of the buffer went later."""
    told = Told()
    told.send(asking("X"), at=1)
    told.read(heartbeat("X"), stamp=50, at=60)
    told.stamp(StampKind.SENT, 900, end=told.end + 5_000)
    sample = one(told)
    assert (sample.wire_ns, sample.sent_ns, sample.source) == (None, None, StampSource.USER)
    assert sample.app_ns == 59


def test_the_cards_clock_is_better_than_the_kernels():
    told = Told()
    told.send(asking("X"), at=1 * US)
    told.stamp(StampKind.SENT, 0, card=7_000_000)
    told.stamp(StampKind.SENT, 5 * US)
    told.read(heartbeat("X"), stamp=60 * US, at=70 * US, card=7_040_000)
    sample = one(told)
    assert (sample.wire_ns, sample.source) == (40_000, StampSource.HARDWARE)
    assert sample.sent_ns == T0 + 5 * US
    assert sample.marks == frozenset()


def test_a_stall_in_between_marks_and_one_before_or_after_does_not():
    told = Told()
    told.send(asking("X"), at=100)
    told.stamp(StampKind.SENT, 101)
    told.read(heartbeat("X"), stamp=150, at=160)
    inside = Stall(StallKind.GC, T0 + 120, T0 + 130)
    sample = one(
        told,
        Stall(StallKind.LOOP, T0, T0 + 100),
        inside,
        Stall(StallKind.SCHEDULING, T0 + 160, T0 + 999),
    )
    assert sample.stalls == (inside,)
    assert sample.marks == {Mark.STALLED}


def test_a_stall_between_due_and_sent_marks():
    told = Told()
    told.assembler.due("X", T0 + 10)
    told.send(asking("X"), at=2 * MS)
    told.stamp(StampKind.SENT, 2 * MS + 1)
    told.read(heartbeat("X"), stamp=3 * MS, at=4 * MS)
    sample = one(told, Stall(StallKind.LOOP, T0 + 5, T0 + MS))
    assert sample.marks == {Mark.STALLED, Mark.LATE}
    assert sample.due_ns == T0 + 10
    assert sample.response_ns == 4 * MS - 10


def test_a_wall_clock_that_was_set_in_between_marks():
    told = Told()
    told.send(asking("X"), at=100, monotonic=100)
    told.stamp(StampKind.SENT, 101)
    told.read(heartbeat("X"), stamp=150, at=160, monotonic=160 - 51 * US)
    assert one(told).marks == {Mark.CLOCK_STEPPED}


def test_samples_wait_until_what_held_them_up_is_known():
    told = Told()
    told.send(asking("X"), at=1)
    told.stamp(StampKind.SENT, 2)
    told.read(heartbeat("X"), stamp=50, at=60)
    assert told.samples(before=T0 + 60) == []
    assert len(told.samples(before=T0 + 61)) == 1


def order(number: int = 2, name: str = "O1") -> bytes:
    return fix(
        f"35=D|34={number}|49=A|56=B|52=20261122-10:30:00|11={name}|55=ABC|54=1|38=1|40=2|44=5"
    )


def report(number: int, status: str, name: str = "O1", more: str = "") -> bytes:
    return fix(
        f"35=8|34={number}|49=B|56=A|52=20261122-10:30:00.000|37=7|11={name}|17=E{number}"
        f"|150={status}|39={status}|55=ABC|54=1|151=1|14=0|6=0{more}"
    )


def test_an_order_its_cancel_and_what_the_venue_says_of_itself():
    told = Told()
    told.assembler.due("O1", T0 - 5)
    told.send(order(), at=1)
    told.stamp(StampKind.SENT, 2)
    stamps = "|5979=1795336200000000777|60=20261122-10:30:00.000"
    told.read(report(2, "0", more=stamps), stamp=50, at=60)
    cancel = fix("35=F|34=3|49=A|56=B|52=20261122-10:30:00|41=O1|11=C1|55=ABC|54=1")
    told.send(cancel, at=70)
    told.stamp(StampKind.SENT, 71)
    told.read(report(3, "4", "C1", "|41=O1"), stamp=90, at=95)
    ack, cancelled = (each.sample for each in told.samples())
    assert (ack.kind, ack.name, ack.wire_ns) == (Exchange.ACKNOWLEDGEMENT, "O1", 48)
    assert isinstance(ack.venue, VenueTimes)
    assert ack.venue.request_ns == 1_795_336_200_000_000_777
    assert ack.due_ns == T0 - 5
    assert (cancelled.kind, cancelled.name, cancelled.wire_ns) == (Exchange.CANCEL, "C1", 19)
    assert cancelled.due_ns is None


def test_what_was_never_answered_is_told_when_the_connection_is_gone():
    told = Told()
    told.send(asking("X"), at=1)
    assert [each.name for each in told.assembler.open()] == ["X"]
    assert told.assembler.unanswered() == []
    told.assembler.take(T0, "~", ConnectionClosed(CloseReason.RESET))
    (lost,) = told.assembler.unanswered()
    assert (lost.kind, lost.name, lost.why) == (Exchange.HEARTBEAT, "X", Why.ENDED)
    assert told.assembler.open() == []
    assert told.assembler.unanswered() == []


def test_offsets_begin_anew_with_the_next_connection():
    told = Told()
    told.send(asking("X"), at=1)
    told.assembler.take(T0, "~", ConnectionClosed(CloseReason.RESET))
    told.end = 0
    told.send(asking("Y", 3), at=100)
    told.stamp(StampKind.SENT, 101)
    told.read(heartbeat("Y"), stamp=150, at=160)
    assert one(told).wire_ns == 49
