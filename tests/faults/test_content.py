"""What can be wrong with one message."""

import pytest
import simplefix

from fixgate.faults import Trigger, Way
from fixgate.faults.corrupting import corrupt
from fixgate.faults.model import FlipBits, Numbers, OrigTime, Sum
from fixgate.wire import Garbled, Message, decode
from tests.faults.rig import SECOND, Rig, armed, fix, soh

ORDER = "35=D|34=2|49=C|52=20250101-10:00:00.500|56=V|11=O1|55=ABC|54=1|38=100"


def wire(name: str, body: str = ORDER, **params) -> str:
    rig = Rig(armed(name, **params))
    (found,) = rig.out(body)
    return found.removeprefix("> ")


def raw(name: str, body: str = ORDER, **params) -> bytes:
    rig = Rig(armed(name, **params))
    rig.passage.outbound(fix(body), rig.now_ns)
    (act,) = rig.passage.take(rig.now_ns)
    return act.data


def parsed(data: bytes) -> dict[int, bytes]:
    parser = simplefix.FixParser()
    parser.append_buffer(data)
    return {int(tag): value for tag, value in parser.get_message()}


def test_set_fields_mends_the_frame():
    assert wire("set_fields", fields=((55, b"XYZW"), (38, b""))) == (
        "35=D|34=2|49=C|52=20250101-10:00:00.500|56=V|11=O1|55=XYZW|54=1|38="
    )


def test_set_fields_adds_what_is_missing_to_header_and_body():
    found = wire("set_fields", fields=((57, b"DESK"), (58, b"hi")))
    assert found == (
        "35=D|34=2|49=C|52=20250101-10:00:00.500|56=V|57=DESK|11=O1|55=ABC|54=1|38=100|58=hi"
    )


def test_set_fields_may_leave_the_frame_stale():
    stale = raw("set_fields", fields=((55, b"XYZW"),), body_length=Sum.STALE, checksum=Sum.STALE)
    assert stale == fix(ORDER).replace(b"55=ABC", b"55=XYZW")
    half = raw("set_fields", fields=((55, b"XYZW"),), body_length=Sum.STALE)
    assert half.startswith(b"8=FIX.4.4\x019=%b\x01" % parsed(fix(ORDER))[9])
    assert half[-4:-1] == b"%03d" % (sum(half[:-7]) % 256)


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        (8, b"FIX.9.9", b"8=FIX.9.9\x01"),
        (9, b"5", b"8=FIX.4.4\x019=5\x01"),
        (10, b"abc", b"\x0110=abc\x01"),
        (34, b"-1", b"\x0134=-1\x01"),
        (52, b"yesterday", b"\x0152=yesterday\x01"),
    ],
)
def test_what_is_set_by_hand_is_not_mended(tag: int, value: bytes, expected: bytes):
    assert expected in raw("set_fields", fields=((tag, value),))


def test_record_names_the_fields_and_shows_both_messages():
    rig = Rig(armed("set_fields", fields=((55, b"XYZ"),)))
    rig.out("35=0|34=1|55=ABC")
    (record,) = rig.passage.records()
    assert record.did == "Symbol(55): ABC -> XYZ"
    assert (record.name, record.kind, record.way) == ("set_fields", "SetFields", Way.OUT)
    assert "|55=ABC|" in record.before
    assert "|55=XYZ|" in record.after
    assert str(record) == "set_fields: Symbol(55): ABC -> XYZ"


def test_insert_before_a_field_and_at_the_end():
    assert "|9999=x|55=ABC|" in wire("insert_fields", fields=((9999, b"x"),), before=55)
    assert wire("insert_fields", fields=((55, b"x"),)).endswith("|38=100|55=x")


def test_remove_takes_all_of_a_tag():
    assert wire("remove_fields", body="35=D|34=2|447=D|55=A|447=D", tags=(447, 52)) == (
        "35=D|34=2|55=A"
    )


def test_remove_the_frame():
    assert (
        raw("remove_fields", body="35=0|34=2", tags=(10,))
        == b"8=FIX.4.4\x019=10\x0135=0\x0134=2\x01"
    )


def test_repeat_and_swap():
    assert "|38=100|38=100" in wire("repeat_field", tag=38)
    assert raw("swap_fields", first=9, second=35).startswith(b"8=FIX.4.4\x0135=D\x019=")
    assert "|54=1|55=ABC|" in wire("swap_fields", first=55, second=54)


def test_a_fault_whose_field_is_not_there_waits_for_one():
    rig = Rig(armed("repeat_field", tag=38, trigger=Trigger(times=1)))
    assert rig.out("35=0|34=1", "35=D|34=2|38=1") == ["> 35=0|34=1", "> 35=D|34=2|38=1|38=1"]


def test_clock_skew_keeps_the_digits():
    assert "|52=20250101-10:01:30.500|" in wire("clock_skew", by=90 * SECOND)
    assert "|52=20241231-22:00:00|" in wire(
        "clock_skew", body=ORDER.replace(".500", ""), by=-12 * 3600 * SECOND
    )


def test_clock_drifts():
    rig = Rig(armed("clock_skew", by=0, drift=10 * SECOND))
    assert "10:00:00.500" in rig.out(ORDER)[0]
    rig.at = 1800
    assert "10:00:05.500" in rig.out(ORDER)[0]


def test_flip_bit_flips_as_many():
    for bits in (1, 3):
        broken = raw("flip_bit", bits=bits)
        good = fix(ORDER)
        assert sum((a ^ b).bit_count() for a, b in zip(broken, good, strict=True)) == bits


def test_flip_bit_stays_inside_its_field():
    broken, good = raw("flip_bit", tag=55), fix(ORDER)
    (at,) = [n for n, (a, b) in enumerate(zip(broken, good, strict=True)) if a != b]
    assert good.index(b"55=ABC") + 3 <= at < good.index(b"55=ABC") + 6


def test_corrupt_field_changes_every_character():
    broken = raw("corrupt_field", tag=55)
    good = fix(ORDER)
    at = good.index(b"ABC")
    assert broken[:at] == good[:at]
    assert broken[at + 3 :] == good[at + 3 :]
    assert all(a != b for a, b in zip(broken[at : at + 3], b"ABC", strict=True))
    assert wire("corrupt_field", tag=55, checksum=Sum.MENDED).startswith("35=D|")


def test_wrong_checksum_and_length():
    good = fix(ORDER)
    said = int(good[-4:-1])
    assert raw("wrong_checksum", by=200) == good[:-4] + b"%03d\x01" % ((said + 200) % 256)
    broken = raw("wrong_body_length", by=-7)
    assert parsed(good)[9] == b"%d" % (int(parsed(broken)[9]) + 7)
    assert broken[-4:-1] == b"%03d" % (sum(broken[:-7]) % 256)


def test_missing_soh():
    assert "|55=ABC54=1|" in wire("missing_soh", tag=55)
    assert raw("missing_soh", body="35=0|34=2").endswith(
        b"34=210=" + raw("missing_soh", body="35=0|34=2")[-4:]
    )


def test_truncate_and_garbage():
    assert raw("truncate", keep=20) == fix(ORDER)[:20]
    assert len(raw("truncate")) == len(fix(ORDER)) // 2
    assert raw("garbage") == b"not a FIX message\x01" + fix(ORDER)


def test_fake_poss_dup_and_resend():
    assert wire("fake_poss_dup").startswith(
        "35=D|34=2|49=C|52=20250101-10:00:00.500|56=V|43=Y|122=20250101-10:00:00.500|11=O1"
    )
    later = wire("fake_poss_dup", orig_sending_time=OrigTime.LATER)
    assert "|122=20250101-11:00:00.500|" in later
    assert "122=" not in wire("fake_poss_dup", orig_sending_time=OrigTime.ABSENT)
    assert "|97=Y|11=O1" in wire("fake_poss_resend")


def test_data_fields_survive_a_change():
    body = soh("35=B|34=2|95=5|96=") + b"a\x01b=c" + soh("|58=x")
    rig = Rig(armed("set_fields", fields=((58, b"y"),)))
    rig.passage.outbound(fix(body), rig.now_ns)
    (act,) = rig.passage.take(rig.now_ns)
    assert act.data == fix(body.replace(b"58=x", b"58=y"))


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("set_fields", {"fields": ((108, b"1"),)}),
        ("set_fields", {"fields": ((554, b"Canary99"),)}),
        ("flip_bit", {"bits": 20}),
        ("corrupt_field", {"tag": 553}),
        ("missing_soh", {"tag": 553}),
        ("missing_soh", {"tag": 554}),
        ("truncate", {}),
        ("remove_fields", {"tags": (553,)}),
        ("swap_fields", {"first": 553, "second": 554}),
        ("insert_fields", {"fields": ((554, b"Canary99"),), "before": 554}),
        ("walk_fields", {}),
        ("drop", {}),
        ("split", {"size": 3}),
        ("garbage", {}),
        ("duplicate", {}),
    ],
)
def test_passwords_do_not_show(name: str, params: dict):
    rig = Rig(armed(name, **params), armed("repeat_field", tag=554))
    logon = "35=A|34=1|49=C|56=V|52=20250101-10:00:00|98=0|108=30|553=me|554=Canary99"
    for _ in range(40):
        rig.out(logon)
    told = repr(rig.passage.records())
    assert told != "()"
    for part in ("Canary", "anary9"):
        assert part not in told


def test_half_a_password_does_not_show():
    rig = Rig(armed("drop", Way.IN))
    rest = fix("35=A|34=1|98=0|108=30|554=Canary99|553=me").partition(b"Can")[2]
    assert rig.come(rest) == []
    assert rig.did() == [f"lost: {len(rest)} bytes"]
    rig.come(rest)
    assert "ary99" not in repr(rig.passage.records())


def test_a_field_of_which_there_is_nothing_to_break_is_left_alone():
    for name, params, body in (
        ("corrupt_field", {"tag": 58}, "35=0|34=2|58="),
        ("flip_bit", {"tag": 58}, "35=0|34=2|58="),
        ("clock_skew", {"by": SECOND}, "35=0|34=2|52=yesterday"),
        ("new_seq_no_too_low", {}, "35=4|34=2|36=many"),
        ("resend_wrong_range", {}, "35=2|34=2|7=all|16=0"),
    ):
        rig = Rig(armed(name, Way.OUT, **params))
        assert rig.out(body) == [f"> {body}"], name
        assert rig.did() == []


def test_what_an_earlier_fault_has_taken_is_not_missed():
    gone = armed("remove_fields", tags=(55, 9, 10, 54))
    for name, params in (
        ("repeat_field", {"tag": 55}),
        ("corrupt_field", {"tag": 55}),
        ("swap_fields", {"first": 55, "second": 54}),
        ("missing_soh", {"tag": 55}),
        ("wrong_checksum", {}),
        ("wrong_body_length", {}),
        ("remove_fields", {"tags": (55,)}),
    ):
        rig = Rig(gone, armed(name, as_="second", **params))
        assert rig.out(ORDER) == Rig(gone).out(ORDER), name
        assert len(rig.did()) == 1


def test_many_bits_are_summed_up():
    rig = Rig(armed("flip_bit", bits=5))
    rig.out(ORDER)
    (did,) = rig.did()
    assert did.startswith("flipped bit ")
    assert did.endswith(" and 2 more")


def test_times_beyond_the_calendar_are_its_ends():
    assert "|52=99991231-23:59:59.000|" in wire("clock_skew", by=10**18 * 300)
    assert "|52=00010101-00:00:00.000|" in wire("clock_skew", by=-(10**18) * 300)


def test_a_message_behind_garbage_is_mended_by_itself():
    rig = Rig(armed("garbage", data=b"HTTP/1.1 400"), armed("set_fields", fields=((55, b"N"),)))
    rig.passage.outbound(fix(ORDER), rig.now_ns)
    (act,) = rig.passage.take(rig.now_ns)
    assert act.data == b"HTTP/1.1 400" + fix(ORDER.replace("ABC", "N"))


def test_a_later_change_does_not_mend_what_an_earlier_fault_has_broken():
    for breaking in (
        armed("wrong_checksum", by=77),
        armed("wrong_body_length"),
        armed("flip_bit", tag=11),
    ):
        for later in (
            armed("set_fields", fields=((38, b"500"),)),
            armed("gap_up", by=1),
            armed("duplicate", numbers=Numbers.IN_ORDER),
        ):
            rig = Rig(breaking, later)
            rig.passage.outbound(fix(ORDER), rig.now_ns)
            for act in rig.passage.take(rig.now_ns):
                assert isinstance(decode(act.data), Garbled)


class Stuck:
    """Dice that always fall the same way."""

    def random(self) -> float:
        return 0.0


def test_bits_are_flipped_whatever_the_dice():
    message = decode(fix(ORDER))
    assert isinstance(message, Message)
    edit = corrupt(FlipBits(20), message.raw, message, Stuck())
    assert edit is not None
    assert sum((a ^ b).bit_count() for a, b in zip(edit.data, message.raw, strict=True)) == 20
