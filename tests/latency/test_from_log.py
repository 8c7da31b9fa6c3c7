"""Logs as engines write them; the times are the loggers', and SendingTime(52) says otherwise."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from fixgate.errors import RecordingError
from fixgate.latency.from_log import record_logs
from fixgate.triage.model import Exchange, Mark, StampSource
from tests.fixtext import fix
from tests.report.engine_logs import ENGINES, write_log

NINE = 1_767_258_000_000_000_000  # 2026-01-01 09:00 UTC


def client(body: str, at: str = "09:00:00.000") -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|49=CLIENT|56=VENUE|52=20260101-{at}|{rest}")


def venue(body: str, at: str = "09:00:00.000") -> bytes:
    kind, _, rest = body.partition("|")
    return fix(f"{kind}|49=VENUE|56=CLIENT|52=20260101-{at}|{rest}")


# In microseconds from nine, as the client's engine wrote it down.
DAY = (
    (0, client("35=A|34=1|98=0|108=30")),
    (250, venue("35=A|34=1|98=0|108=30", "08:59:59.100")),
    (1000, client("35=1|34=2|112=t")),
    (1300, venue("35=0|34=2|112=t", "08:59:59.100")),
    (2000, client("35=D|34=3|11=a|40=1")),
    (2400, venue("35=8|34=3|11=a|150=0|39=0|60=20260101-08:59:59.100", "08:59:59.101")),
    (2600, venue("35=8|34=4|11=a|150=F|39=2", "08:59:59.101")),
    (3000, client("35=F|34=4|11=c|41=a")),
    (3700, venue("35=9|34=5|11=c|41=a|39=2|434=1", "08:59:59.101")),
)
SAMPLES = [
    ("LOGON", "Logon", 250),
    ("HEARTBEAT", "t", 300),
    ("ACKNOWLEDGEMENT", "a", 400),
    ("FILL", "a", 600),
    ("CANCEL", "c", 700),
]


def stamped(us: int, raw: bytes) -> bytes:
    return b"20260101-09:00:00.%06d000 : %b\n" % (us, raw)


def write(path: Path, day=DAY, line=stamped) -> Path:
    path.write_bytes(b"".join(line(us, raw) for us, raw in day))
    return path


def told(recording) -> list[tuple[str | int, ...]]:
    return [
        (each.kind.name, each.name, each.wire_ns // 1000, *sorted(m.name for m in each.marks))
        for each in recording.samples
    ]


def test_a_session_by_the_times_of_its_log(tmp_path):
    path = write(tmp_path / "some.log")
    recording = record_logs([path])
    assert told(recording) == SAMPLES
    assert recording.source is StampSource.LOG
    assert {each.source for each in recording.samples} == {StampSource.LOG}
    assert recording.precision_ns == 1
    assert (recording.began_ns, recording.ended_ns) == (NINE, NINE + 3_700_000)
    assert recording.remarks == ()
    (session,) = recording.sessions
    assert (session.name, session.places) == ("FIX.4.4:CLIENT->VENUE", (str(path),))
    assert (session.connections, session.messages, session.samples) == (1, 9, 5)
    assert recording.samples[2].venue is not None


@pytest.mark.parametrize(
    ("line", "precision_ns"),
    [
        (lambda us, raw: b"20260101-09:00:00.%06d : %b\r\n" % (us, raw), 1000),
        (lambda us, raw: b"2026/01/01 09:00:00.%06d %b\n" % (us, raw), 1000),
        (
            lambda us, raw: (
                b"<20260101-09:00:00.%06d, FIX.4.4:A->B, incoming>\n  (%b)\n" % (us, raw)
            ),
            1000,
        ),
        (
            lambda us, raw: (
                b"2026-01-01T10:00:00,%06d+01:00 INFO sent %b\n" % (us, raw.replace(b"\x01", b"|"))
            ),
            1000,
        ),
        (lambda us, raw: b"09:00:00.%06d %b\n" % (us, raw.replace(b"\x01", b"^A")), 1000),
    ],
)
def test_every_habit(tmp_path, line, precision_ns):
    recording = record_logs([write(tmp_path / "some.log", line=line)])
    assert told(recording) == SAMPLES
    assert recording.precision_ns == precision_ns


def test_milliseconds_show_no_finer_figure(tmp_path):
    recording = record_logs(
        [write(tmp_path / "l", line=lambda us, raw: b"09:00:00.%03d %b\n" % (us // 1000, raw))]
    )
    assert [each.wire_ns for each in recording.samples] == [0, 0, 0, 0, 0]
    assert recording.precision_ns == 1_000_000
    assert recording.remarks == ("the log's times have no date: they are of 1970",)


@pytest.mark.parametrize("engine", list(ENGINES))
def test_logs_of_quickfix_engines(tmp_path, engine):
    path = write_log(tmp_path, [raw for _, raw in DAY], engine)
    if engine == "/J":
        with pytest.raises(RecordingError, match="no time in front of them"):
            record_logs([path])
        return
    recording = record_logs([path])
    assert told(recording) == [(kind, name, 0) for kind, name, _ in SAMPLES]
    digits = {"C++": 1, "/n": 10**6, "/J with times": 10**9, "Go": 1000}
    assert recording.precision_ns == digits[engine]
    whole = "the log has whole seconds: it cannot tell what is faster"
    assert (whole in recording.remarks) is (engine == "/J with times")


def test_times_of_two_machines_are_no_latency(tmp_path):
    path = write(tmp_path / "some.log", line=lambda _, raw: raw + b"\n")
    with pytest.raises(RecordingError) as error:
        record_logs([path])
    assert str(error.value) == (
        f"{path}: its messages have no time in front of them. SendingTime(52) is of the client's"
        " clock in a request and of the venue's in its reply, and a difference of two clocks is no"
        " latency"
    )
    with pytest.raises(RecordingError) as error:
        record_logs([path], by_sending_time=True)
    assert str(error.value).startswith(
        f"{path}: the reply to 'Logon' has an earlier SendingTime(52) than its request: "
    )


def test_one_clock_is_a_last_resort_that_has_to_be_said(tmp_path):
    day = [
        (0, client("35=1|34=2|112=t", "09:00:00.100")),
        (0, venue("35=0|34=2|112=t", "09:00:00.103")),
        (0, client("35=D|34=3|11=o", "09:00:00.200")),
    ]
    path = write(tmp_path / "some.log", day, line=lambda _, raw: raw + b"\n")
    recording = record_logs([path], by_sending_time=True)
    assert told(recording) == [("HEARTBEAT", "t", 3000)]
    assert recording.precision_ns == 1_000_000


def test_one_file_for_each_direction(tmp_path):
    ours = write(tmp_path / "out.log", [each for each in DAY if b"49=CLIENT" in each[1]])
    theirs = write(tmp_path / "in.log", [each for each in DAY if b"49=VENUE" in each[1]])
    recording = record_logs([theirs, ours, ours])
    assert told(recording) == SAMPLES
    assert sorted(recording.sessions[0].places) == sorted([str(ours), str(theirs)])


def test_the_coarsest_log_is_the_precision(tmp_path):
    ours = write(tmp_path / "out.log", [each for each in DAY if b"49=CLIENT" in each[1]])
    theirs = write(
        tmp_path / "in.log",
        [each for each in DAY if b"49=VENUE" in each[1]],
        line=lambda us, raw: b"20260101-09:00:00.%06d : %b\n" % (us, raw),
    )
    assert record_logs([ours]).precision_ns == 1
    assert record_logs([ours, theirs]).precision_ns == 1000


def test_of_one_instant_what_asks_comes_before_what_answers(tmp_path):
    day = [(0, DAY[0][1]), (1, DAY[2][1])], [(0, DAY[1][1]), (1, DAY[3][1])]
    paths = [write(tmp_path / "out.log", day[0]), write(tmp_path / "in.log", day[1])]
    assert record_logs(paths[::-1]).samples == ()  # which of the Logons was first?
    found = told(record_logs(paths[::-1], client="CLIENT"))
    assert found == [("HEARTBEAT", "t", 0)]


def test_rotated_and_packed_logs(tmp_path):
    old, new = tmp_path / "log.1.gz", write(tmp_path / "log", DAY[5:])
    old.write_bytes(gzip.compress(b"".join(stamped(*each) for each in DAY[:5])))
    assert told(record_logs([new, old])) == SAMPLES


def test_logs_of_both_ends_are_refused(tmp_path):
    ours = write(tmp_path / "ours.log")
    theirs = write(tmp_path / "theirs.log", [(us + 70, raw) for us, raw in DAY])
    with pytest.raises(RecordingError) as error:
        record_logs([ours, theirs])
    assert str(error.value) == (
        f"{theirs}: line 1 has the message of {ours}, line 1: the logs are of two ends, whose"
        " difference is of two clocks and no latency, or one is a copy of the other; expected those"
        " of one end"
    )


def test_a_message_that_is_logged_twice_counts_once(tmp_path):
    path = write(tmp_path / "l", [each for us, raw in DAY for each in ((us, raw), (us + 20, raw))])
    recording = record_logs([path])
    assert told(recording) == SAMPLES
    assert recording.remarks == ("9 messages in the log twice; the first of each counts",)


def test_several_sessions_and_reconnects_of_one_log(tmp_path):
    other = tuple((us, raw.replace(b"CLIENT", b"TRADER")) for us, raw in DAY)
    again = (
        (5000, client("35=D|34=5|11=z|40=1")),
        (9000, client("35=A|34=6|98=0|108=30")),
        (9100, venue("35=A|34=6|98=0|108=30")),
        (9200, venue("35=8|34=7|43=Y|11=z|150=0")),
    )
    fixed = tuple((us, fix_again(raw)) for us, raw in other)
    path = write(tmp_path / "l", sorted([*DAY, *fixed, *again], key=lambda each: each[0]))
    recording = record_logs([path])
    assert told(recording) == [*SAMPLES, ("LOGON", "Logon", 100), *SAMPLES]
    first, second = recording.sessions
    assert (first.name, first.connections) == ("FIX.4.4:CLIENT->VENUE", 2)
    assert (second.name, second.connections) == ("FIX.4.4:TRADER->VENUE", 1)
    (lost,) = recording.unmeasured
    assert (lost.kind, lost.names) == (Exchange.ACKNOWLEDGEMENT, ("z",))
    assert lost.why == "the connection ended before a reply came"


def fix_again(raw: bytes) -> bytes:
    """Mend BodyLength(9) and CheckSum(10)."""
    return fix(raw[raw.index(b"35=") : raw.index(b"10=", len(raw) - 8)].decode("latin-1"))


def test_masked_passwords_do_not_matter(tmp_path):
    masked = client("35=A|34=1|98=0|108=30|554=secret").replace(b"secret", b"***")
    recording = record_logs([write(tmp_path / "l", [(0, masked), *DAY[1:]])])
    assert told(recording) == SAMPLES
    assert recording.remarks == ("1 message not sound, as by a masked password; used",)


def test_a_log_whose_clock_went_back_is_marked(tmp_path):
    lines = [
        b"20260101-09:00:05.000 : " + DAY[0][1],
        b"20260101-09:00:05.100 : " + DAY[2][1],
        b"20260101-09:00:03.000 : " + DAY[3][1],
    ]
    (tmp_path / "l").write_bytes(b"\n".join(lines))
    recording = record_logs([tmp_path / "l"], client="CLIENT")
    assert [each.marks for each in recording.samples] == [frozenset({Mark.CLOCK_STEPPED})]
    assert "the log's clock went back 1 time" in recording.remarks


def test_lines_that_cannot_be_used_are_told(tmp_path):
    rubbish = [b"35=D|49=A|56=B|34=1|" for _ in range(7)]
    timeless = fix("35=0|34=9|49=VENUE|56=CLIENT")
    nameless = b"20260101-09:00:00 : " + fix("35=0|34=9")
    (tmp_path / "l").write_bytes(
        b"".join(stamped(*each) for each in DAY) + b"\n".join([*rubbish, timeless, nameless])
    )
    recording = record_logs([tmp_path / "l"])
    assert told(recording) == SAMPLES
    path = tmp_path / "l"
    assert recording.remarks == (
        *(f"{path}:{n}: not used: no BeginString(8), expected 8=FIX" for n in range(10, 15)),
        f"lines of {path}: 2 more like that",
        "1 message not used: no time that can be read",
        "1 message not used: nothing tells who sent them",
    )


def test_names_that_are_the_same_need_a_direction(tmp_path):
    day = [
        b"09:00:00.001 sent " + fix("35=1|34=2|49=X|56=X|112=t"),
        b"09:00:00.004 received " + fix("35=0|34=2|49=X|56=X|112=t"),
        b"09:00:00.005 sent " + fix("35=D|34=3|49=X|56=X|11=o"),
        b"09:00:00.006 " + fix("35=8|34=4|49=X|56=X|11=o|150=0"),
    ]
    (tmp_path / "l").write_bytes(b"\n".join(day))
    recording = record_logs([tmp_path / "l"])
    assert told(recording) == [("HEARTBEAT", "t", 3000)]
    assert "1 message not used: nothing tells who sent them" in recording.remarks


def test_the_client_may_be_named(tmp_path):
    path = write(tmp_path / "l", DAY[2:4])
    assert record_logs([path]).samples == ()
    assert told(record_logs([path], client="CLIENT")) == [("HEARTBEAT", "t", 300)]


def test_reading_may_be_stopped(tmp_path):
    answers = iter([False] * 4 + [True])
    recording = record_logs([write(tmp_path / "l")], stop=lambda: next(answers))
    assert told(recording) == SAMPLES[:2]
    assert recording.remarks == ("reading was stopped; what had come until then counts",)


def test_an_empty_log_and_one_that_is_not_there(tmp_path):
    path = tmp_path / "l"
    path.write_bytes(b"nothing of note\n")
    assert "there are no messages in the log" in record_logs([path]).remarks
    with pytest.raises(RecordingError, match="missing: cannot be read: No such file"):
        record_logs([tmp_path / "missing"])
