from __future__ import annotations

import pytest
import simplefix
from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.writer import Writer
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.fixtext import fix
from tests.session.rig import Rig

NOW = 1_772_442_000_000_000_000  # 2026-03-02 09:00:00 UTC

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


@BOTH
@pytest.mark.parametrize(
    ("moved_s", "sent"), [(5, "20260302-09:00:05.000"), (-5, "20260302-09:00:00.000")]
)
def test_8_a_clock_set_back_is_no_reason_to_refuse_what_is_sent_again(
    role: Role, moved_s: int, sent: str
):
    """Case 2.f: whoever reads an OrigSendingTime(122) after SendingTime(52) must refuse it."""
    rig = Rig(role).log_on()
    rig.session.send(b"B", b"148=x\x01", rig.now_ns)
    rig.tx()
    rig.seconds += moved_s
    rig.rx("35=2|34=2|7=2|16=2")
    (again,) = rig.whole()
    assert f"52={sent}" in again
    assert "122=20260302-09:00:00.000" in again


TEXT = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
TAGS = st.sampled_from([1, 11, 37, 50, 58, 89, 97, 115, 128, 129, 145, 369, 5001])
EXTRA = st.sampled_from([(97, b"Y"), (115, b"X"), (128, b"Y"), (129, b"Z"), (142, b"LDN")])


@given(
    ident=st.builds(
        SessionId, st.sampled_from(["FIX.4.0", "FIX.4.4", "FIXT.1.1"]), TEXT, TEXT,
        our_sub_id=st.sampled_from(["", "DESK"]), their_location_id=st.sampled_from(["", "LDN"]),
    ),
    msg_type=st.sampled_from([b"8", b"D", b"AE", b"U1"]),
    number=st.integers(1, 1 << 63),
    fields=st.lists(st.tuples(TAGS, TEXT), max_size=6),
    extra=st.lists(EXTRA, max_size=2, unique=True),
    digits=st.sampled_from([0, 3, 6, 9]),
    later_s=st.integers(-100, 100),
)  # fmt: skip
def test_8_what_is_sent_again_quickly_is_what_is_sent_again(
    ident, msg_type, number, fields, extra, digits, later_s
):
    """Read by simplefix: the same fields, with PossDupFlag(43) and OrigSendingTime(122)."""
    writer = Writer(SessionSettings(ident, Role.ACCEPTOR), digits)
    body = "".join(f"{tag}={value}\x01" for tag, value in fields).encode()
    raw = writer.message(msg_type, number, body, NOW, tuple(sorted(extra)))
    later_ns = NOW + later_s * 1_000_000_000
    quick = writer.again_as_laid_out(raw, msg_type, number, later_ns)
    message = decode(raw)
    assert isinstance(message, Message)
    again = writer.again(message, number, later_ns)
    first_is_header = bool(fields) and fields[0][0] in (50, 97, 115, 128, 129, 145, 369)
    assert quick == (None if extra or first_is_header else again)
    parser = simplefix.FixParser()
    parser.append_buffer(again)
    pairs = [(int(tag), value) for tag, value in parser.get_message().pairs]
    assert (43, b"Y") in pairs
    kept = [pair for pair in pairs if pair[0] not in (9, 10, 43, 52, 122)]
    parser.append_buffer(raw)
    before = [(int(tag), value) for tag, value in parser.get_message().pairs]
    assert sorted(kept) == sorted(pair for pair in before if pair[0] not in (9, 10, 52))
    assert [value for tag, value in pairs if tag == 122] == [dict(before)[52]]


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (fix("35=8|34=7|49=A|52=20260302-09:00:00.000|56=B|58=x|"), 8),  # another number
        (fix("35=8|34=7|49=Z|52=20260302-09:00:00.000|56=B|58=x|"), 7),  # another sender
        (fix("35=8|34=7|49=A|52=20260302-09:00:00.000|56=Z|58=x|"), 7),  # another target
        (fix("35=8|34=7|49=A|52=20260302-09:00:00.000|56=B|58=x|", "FIX.4.2"), 7),
        (fix("35=8|49=A|34=7|52=20260302-09:00:00.000|56=B|58=x|"), 7),  # another order
    ],
)
def test_what_is_laid_out_otherwise_is_not_sent_again_quickly(raw, number):
    writer = Writer(SessionSettings(SessionId("FIX.4.4", "A", "B"), Role.ACCEPTOR), 3)
    assert writer.again_as_laid_out(raw, b"8", number, NOW) is None


def test_8_a_message_is_sent_again_to_the_letter():
    writer = Writer(SessionSettings(SessionId("FIX.4.4", "A", "B", "S"), Role.ACCEPTOR), 3)
    raw = fix("35=8|34=7|49=A|50=S|52=20260302-09:00:00.000|56=B|58=10=000|")
    again = fix(
        "35=8|34=7|43=Y|49=A|50=S|52=20260302-09:00:07.250|56=B|122=20260302-09:00:00.000|"
        "58=10=000|"
    )
    at_ns = NOW + 7_250_000_000
    assert writer.again_as_laid_out(raw, b"8", 7, at_ns) == again
