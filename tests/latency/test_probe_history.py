"""What of a measured session is kept to judge it by."""

from __future__ import annotations

from fixgate.health.events import MessagesPassed, PhaseStarted
from fixgate.health.model import Phase
from fixgate.health.reading import Numbers, Reading
from fixgate.latency.probe_history import ProbeHistory
from fixgate.net.stamps import StampKind
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten, StampsAbsent
from fixgate.sampling.assembler import Assembler
from fixgate.session.events import GapOpened, HeartbeatReceived, TestRequestSent
from tests.fixtext import fix

MARK = b"FG1234"


class Took(Assembler):
    def __init__(self) -> None:
        super().__init__("xlon")
        self.took: list[tuple[str, object]] = []

    def take(self, at_ns: int, glyph: str, what: object) -> None:
        assert at_ns == 7
        self.took.append((glyph, what))


def kept(*records: tuple[str, object]) -> list[object]:
    assembler = Took()
    history = ProbeHistory(assembler, MARK, lambda: None)
    for glyph, what in records:
        history.add((7, glyph, what))
    assert assembler.took == list(records)
    return [(each.glyph, each.what) for each in history]


def theirs(number: int, body: str = "112=FG1234-1", kind: str = "0", more: str = "") -> bytes:
    return fix(f"35={kind}|34={number}|49=B|56=A|52=20261122-10:30:00{more}|{body}")


LOGON = fix("35=A|34=5|49=B|56=A|52=20261122-10:30:00|98=0|108=30")
OURS = fix("35=1|34=6|49=A|56=B|52=20261122-10:30:00|112=FG1234-1")
LOGOUT = theirs(8, "58=bye", "5")


def test_messages_of_the_measurement_are_counted_only():
    assert kept(
        ("<", LOGON), (">", OURS), ("=", TestRequestSent(b"FG1234-1")), ("<", theirs(6)),
        ("=", HeartbeatReceived(b"FG1234-1")), ("<", theirs(7, "11=FG1234O1", "8")), ("<", LOGOUT),
    ) == [("<", LOGON), ("=", MessagesPassed(6, 8)), ("<", LOGOUT)]  # fmt: skip


def test_what_the_transport_tells_is_for_the_assembler_alone():
    wire = (
        BytesWritten(1, 2, 3, b""),
        BytesStamped(1, StampKind.SENT, 5, 0),
        BytesRead(1, 2, 3, 4, 0, True, b""),
    )
    absent = ("~", StampsAbsent("why"))
    assert kept(*(("~", each) for each in wire), absent) == [absent]


def test_what_is_remarkable_is_kept_whole():
    other = [
        ("<", LOGON),
        ("=", GapOpened(6, 9)),
        ("<", theirs(9)),  # of ours, but not the number that was expected
        ("<", theirs(6, more="|43=Y|122=20261122-10:29:00")),  # sent again
        (">", OURS.replace(b"\x01112=", b"\x0143=Y\x01112=")),
        ("<", theirs(7, "112=somebody else")),
        ("=", HeartbeatReceived(None)),
        ("=", HeartbeatReceived(b"other")),
        ("#", PhaseStarted(Phase.LOGOUT)),
    ]
    assert kept(*other) == other


def test_the_numbers_of_what_is_not_kept_are_no_gap():
    history = ProbeHistory(Took(), MARK, lambda: None)
    for number in range(6, 500):
        if number == 6:
            history.add((7, "<", LOGON))
        history.add((7, "<", theirs(number)))
    history.add((7, "<", theirs(500, "58=bye", "5")))
    assert len(history) == 3
    numbers = Numbers(Reading(history))
    assert numbers.gap is not None
    assert (numbers.gap.index, numbers.missing, numbers.repeated) == (0, [(1, 4)], [])


def test_a_gap_after_them_is_one():
    history = ProbeHistory(Took(), MARK, lambda: None)
    logon = fix("35=A|34=1|49=B|56=A|52=20261122-10:30:00|98=0|108=30")
    for record in (logon, theirs(2), theirs(3), theirs(7, "58=bye", "5")):
        history.add((7, "<", record))
    numbers = Numbers(Reading(history))
    assert numbers.missing == [(4, 6)]


def test_after_a_reset_of_the_numbers_it_goes_on_from_there():
    moved = theirs(6, "123=Y|36=20", "4")
    again = fix("35=A|34=1|49=B|56=A|52=20261122-10:30:00|98=0|108=30|141=Y")
    assert kept(("<", LOGON), ("<", moved), ("<", theirs(20)), ("<", again), ("<", theirs(2))) == [
        ("<", LOGON),
        ("<", moved),
        ("=", MessagesPassed(20, 21)),
        ("<", again),
    ]
