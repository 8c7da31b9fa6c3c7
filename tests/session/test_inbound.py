"""An active session: test cases 2, 7, 8, 10, 11, 14, 16, 19 and 20, by their numbers.

Spec: FIX 4.4 volume 2, "FIX Session-level Test Cases"; FIX Session Layer Test Cases 1.0.
Numbers in the transcripts follow the log-on of the rig: both sides have sent number 1.
"""

from __future__ import annotations

import pytest

from fixgate.session.dialect import QUICKFIX
from fixgate.session.events import (
    AppMessage,
    GapClosed,
    GapOpened,
    GarbledInput,
    HeartbeatReceived,
    Reaction,
    RejectReceived,
    ResendServed,
    SequenceMoved,
    SequenceReset,
    TimedOut,
)
from fixgate.session.outbound import RESENDS_WAITING
from fixgate.session.phase import Phase
from fixgate.session.policies import GarbledPolicy
from fixgate.session.settings import Role
from fixgate.session.store import MemoryStore
from tests.fixtext import fix
from tests.session.rig import Rig, kinds, order, violation

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)


@BOTH
class Test2Header:
    def test_a_expected_number(self, role: Role):
        rig = Rig(role).log_on()
        events = rig.rx("35=0|34=2", "35=0|34=3")
        assert events == [HeartbeatReceived(None)] * 2
        assert rig.tx() == []
        assert rig.store.next_in == 4

    def test_b_too_high_asks_once_and_takes_in_order(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(4, "C"), order(5, "D"))
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        assert rig.events == [GapOpened(2, 4)]
        rig.rx(order(2, "A", "|43=Y|122={t}"))
        events = rig.rx(order(3, "B", "|43=Y|122={t}"))
        taken = [e for e in events if isinstance(e, AppMessage)]
        assert [e.message[11] for e in taken] == [b"B", b"C", b"D"]
        assert [e.poss_dup for e in taken] == [True, False, False]
        assert GapClosed(2, 3) in events
        assert rig.store.next_in == 6

    def test_b_what_was_held_and_comes_again_is_taken_once(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(3, "B"))
        events = rig.rx(*(order(n, "AB"[n - 2], "|43=Y|122={t}") for n in (2, 3)))
        assert [e.message[11] for e in events if isinstance(e, AppMessage)] == [b"A", b"B"]

    def test_b_a_hole_above_the_gap_is_asked_for_when_it_shows(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(3, "B"), order(5, "D"))
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.rx("35=4|34=2|43=Y|122={t}|36=3|123=Y")
        assert rig.tx() == ["35=2|34=3|7=4|16=0"]
        assert rig.store.next_in == 4

    def test_c_too_low(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=2", "35=0|34=3", "35=0|34=2")
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 4 but received 2"]
        assert not rig.session.wants_close
        assert rig.after(1.9) == []
        assert rig.after(0.1) == [TimedOut("Logout")]
        assert rig.session.wants_close

    @pytest.mark.parametrize("tag", ["4garbled9=TRADER", "49garbled=TRADER"])
    def test_d_garbled_is_ignored(self, role: Role, tag: str):
        rig = Rig(role).log_on()
        body = f"35=0\x0134=2\x01{tag}\x0152={rig.time()}\x0156=EXCH\x01"
        head = f"8=FIX.4.4\x019={len(body)}\x01"
        total = sum((head + body).encode()) % 256
        rig.raw(f"{head}{body}10={total:03d}\x01".encode())
        assert kinds(rig.events) == [GarbledInput]
        assert rig.store.next_in == 2
        rig.rx("35=0|34=2")
        assert rig.store.next_in == 3

    def test_e_duplicate_already_received(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(2))
        assert rig.rx(order(2, more="|43=Y|122={t-5}")) == []
        assert rig.tx() == []

    def test_e_duplicate_not_received(self, role: Role):
        rig = Rig(role).log_on()
        (event,) = rig.rx(order(2, more="|43=Y|122={t-5}"))
        assert isinstance(event, AppMessage)
        assert event.poss_dup

    def test_f_original_time_after_sending_time(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(2, more="|43=Y|122={t+10}"))
        reject, logout = rig.tx()
        assert reject.startswith("35=3|34=2|45=2|58=OrigSendingTime(122): received")
        assert reject.endswith("|371=122|372=D|373=10")
        assert logout.startswith("35=5|34=3|58=")
        assert rig.store.next_in == 3

    def test_g_duplicate_without_original_time(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(2, more="|43=Y"))
        (reject,) = rig.tx()
        assert reject.endswith("|371=122|372=D|373=1")
        assert rig.store.next_in == 3

    def test_i_begin_string_wrong(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=2|8=FIX.4.1")
        assert rig.tx() == ["35=5|34=2|58=Incorrect BeginString"]
        rig.rx("35=5|34=3")
        assert rig.session.wants_close

    @pytest.mark.parametrize("field", ["49=WT", "56=DLSI"])
    def test_k_comp_id_wrong(self, role: Role, field: str):
        rig = Rig(role).log_on()
        rig.rx(order(2) + "|" + field)
        reject, logout = rig.tx()
        name = {"4": "SenderCompID(49)", "5": "TargetCompID(56)"}[field[0]]
        assert f"58={name}: received '{field[3:]}', expected" in reject
        assert reject.endswith(f"|371={field[:2]}|372=D|373=9")
        assert logout.startswith(f"35=5|34=3|58={name}")
        assert rig.store.next_in == 3

    def test_k_dialect_says_less(self, role: Role):
        rig = Rig(role, dialect=QUICKFIX).log_on()
        rig.rx(order(2) + "|49=WT")
        assert rig.tx() == ["35=3|34=2|45=2|58=CompID problem|372=D|373=9", "35=5|34=3"]

    @pytest.mark.parametrize("offset", [-121, 121])
    def test_o_sending_time_out_of_range(self, role: Role, offset: int):
        rig = Rig(role).log_on()
        rig.rx(f"35=0|34=2|52={rig.time(offset)}")
        reject, logout = rig.tx()
        direction = "ahead of" if offset > 0 else "behind"
        assert f"121.000 s {direction} our clock, at most 120 s allowed" in reject
        assert reject.endswith("|371=52|372=0|373=10")
        assert logout.startswith("35=5|34=3|58=SendingTime(52)")
        assert rig.store.next_in == 3

    @pytest.mark.parametrize("offset", [-120, -119, 119, 120])
    def test_n_sending_time_near_enough(self, role: Role, offset: int):
        rig = Rig(role).log_on()
        rig.rx(f"35=0|34=2|52={rig.time(offset)}")
        assert rig.tx() == []

    @pytest.mark.parametrize("msg_type", ["*", "U", "UU", "U1", "zz", "d1", "abcdefgh"])
    def test_q_msg_type_not_valid(self, role: Role, msg_type: str):
        rig = Rig(role).log_on()
        rig.rx(f"35={msg_type}|34=2")
        (reject,) = rig.tx()
        assert reject.endswith(f"|372={msg_type}|373=11")
        assert rig.store.next_in == 3

    @pytest.mark.parametrize("number", ["34=-", "34=abc", "34=-5", "34=99999999999999999999"])
    def test_number_missing_or_no_number_logs_out(self, role: Role, number: str):
        rig = Rig(role).log_on()
        rig.rx(f"35=0|{number}")
        (logout,) = rig.tx()
        assert logout.startswith("35=5|34=2|58=MsgSeqNum(34): received")

    def test_q_msg_type_empty(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=|34=2")
        assert rig.tx() == ["35=3|34=2|45=2|58=MsgType(35) has no value|371=35|373=4"]
        assert rig.store.next_in == 3

    def test_2_to_the_32_and_beyond(self, role: Role):
        big = 2**32
        rig = Rig(role, store=MemoryStore(next_out=big, next_in=big)).connect()
        rig.tx()
        rig.rx(f"35=A|34={big}|98=0|108=30", f"35=1|34={big + 1}|112=X")
        assert rig.tx()[-1] == f"35=0|34={big + 1}|112=X"
        assert rig.store.next_in == big + 2


@BOTH
class Test7To8:
    def test_7_reject_is_counted_and_told(self, role: Role):
        rig = Rig(role).log_on()
        (event,) = rig.rx("35=3|34=2|45=1|58=because|373=5")
        assert isinstance(event, RejectReceived)
        assert (event.ref_seq_num, event.text) == (1, "because")
        assert rig.tx() == []
        assert rig.store.next_in == 3

    @pytest.mark.parametrize("observe", [False, True], ids=["enforce", "observe"])
    def test_7_a_reference_that_is_no_number_is_none(self, role: Role, observe: bool):
        rig = Rig(role, observe=observe).log_on()
        rig.rx("35=3|34=2|45=" + "9" * 5000)
        refs = [event.ref_seq_num for event in rig.events if isinstance(event, RejectReceived)]
        assert refs == [None] * observe
        assert rig.store.next_in == 3

    def test_7_invalid_reject_is_not_rejected(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=3|34=2|45=abc|999=1")
        assert rig.tx() == []
        assert violation(rig).reaction is Reaction.IGNORED
        assert rig.store.next_in == 3

    def test_8_only_admin_is_one_gap_fill(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=1|34=2|112=A", "35=1|34=3|112=B")
        rig.tx()
        rig.seconds += 3
        rig.rx("35=2|34=4|7=1|16=3")
        assert rig.whole()[0][2:-1] == [
            "35=4",
            "34=1",
            "43=Y",
            "49=EXCH",
            "52=20260302-09:00:03.000",
            "56=TRADER",
            "122=20260302-09:00:03.000",
            "36=4",
            "123=Y",
        ]
        assert rig.store.next_out == 4

    def test_8_application_messages_come_again_with_their_first_time(self, role: Role):
        rig = Rig(role).log_on()
        for text in (b"one", b"two"):
            rig.session.send(b"B", b"148=%b\x01" % text, rig.now_ns)
        rig.tx()
        rig.seconds += 60
        (event,) = rig.rx("35=2|34=2|7=1|16=0")
        assert event == ResendServed(1, 0)
        gap, one, two = rig.whole()
        assert gap[2:5] == ["35=4", "34=1", "43=Y"]
        assert "36=2" in gap
        assert one[2:-1] == [
            "35=B",
            "34=2",
            "43=Y",
            "49=EXCH",
            "52=20260302-09:01:00.000",
            "56=TRADER",
            "122=20260302-09:00:00.000",
            "148=one",
        ]
        assert two[3] == "34=3"
        assert rig.store.next_out == 4

    def test_8_extra_header_fields_survive(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.send(b"B", b"148=x\x01", rig.now_ns, ((97, b"Y"), (128, b"X")))
        assert rig.tx() == ["35=B|34=2|97=Y|128=X|148=x"]
        rig.rx("35=2|34=2|7=2|16=2")
        assert rig.tx() == [f"35=B|34=2|43=Y|97=Y|122={rig.time()}|128=X|148=x"]

    def test_8_mixed_runs_and_the_end(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=1|34=2|112=A")
        rig.session.send(b"B", b"148=x\x01", rig.now_ns)
        rig.rx("35=1|34=3|112=B")
        rig.tx()
        rig.rx("35=2|34=4|7=1|16=999999")
        shapes = [(m.split("|")[0], m.split("|")[1]) for m in rig.tx()]
        assert shapes == [("35=4", "34=1"), ("35=B", "34=3"), ("35=4", "34=4")]

    @pytest.mark.parametrize("span", ["7=0|16=1", "7=3|16=2", "7=2|16=0", "7=-1|16=0"])
    def test_8_impossible_ranges_are_rejected(self, role: Role, span: str):
        rig = Rig(role).log_on()
        rig.rx(f"35=2|34=2|{span}")
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|45=2|")
        assert rig.store.next_in == 3

    @pytest.mark.parametrize("end", ["999999", str(2**31), str(2**63), str(2**64)])
    def test_8_an_end_beyond_all_there_is_means_all_there_is(self, role: Role, end: str):
        rig = Rig(role).log_on()
        rig.session.send(b"B", b"148=x\x01", rig.now_ns)
        rig.tx()
        rig.rx(f"35=2|34=2|7=2|16={end}")
        assert rig.tx() == [f"35=B|34=2|43=Y|122={rig.time()}|148=x"]

    def test_8_prober_never_sends_old_orders_again(self, role: Role):
        rig = Rig(role, resend_application=False).log_on()
        rig.session.send(b"D", b"11=1\x01", rig.now_ns)
        rig.tx()
        rig.rx("35=2|34=2|7=1|16=0")
        (gap,) = rig.tx()
        assert gap.startswith("35=4|34=1|43=Y")
        assert "|36=3|" in gap

    def test_8_long_ranges_are_streamed(self, role: Role):
        rig = Rig(role).log_on()
        for _ in range(3000):
            rig.session.send(b"B", b"148=%b\x01" % (b"x" * 100), rig.now_ns)
        rig.session.output()
        rig.rx("35=2|34=2|7=1|16=0")
        first = rig.tx()
        assert rig.session.resending
        assert len(first) < 1000
        rig.session.send(b"B", b"148=live\x01", rig.now_ns)
        assert rig.tx() == ["35=B|34=3002|148=live"], "live traffic is not held up"
        rest: list[str] = []
        while rig.session.resending:
            rig.session.continue_resend(rig.now_ns)
            rest += rig.tx()
        numbers = [int(m.split("|")[1][3:]) for m in first + rest]
        assert numbers == [1, *range(2, 3002)]

    def test_8_the_same_range_asked_twice_is_sent_once(self, role: Role):
        rig = Rig(role).log_on()
        for _ in range(2000):
            rig.session.send(b"B", b"148=%b\x01" % (b"x" * 100), rig.now_ns)
        rig.session.output()
        rig.rx("35=2|34=2|7=1|16=0", "35=2|34=3|7=1|16=0", "35=2|34=4|7=5|16=9")
        sent = rig.tx()
        while rig.session.resending:
            rig.session.continue_resend(rig.now_ns)
            sent += rig.tx()
        assert len(sent) == 2001

    def test_8_of_many_ranges_asked_for_at_once_so_many_wait(self, role: Role):
        """A peer that asks for other ranges without end costs one at a time, and a few waiting."""
        rig = Rig(role).log_on()
        for _ in range(1000):
            rig.session.send(b"B", b"148=%b\x01" % (b"x" * 200), rig.now_ns)
        rig.session.output()
        begins = range(500, 400, -1)
        rig.rx(*(f"35=2|34={n}|7={begin}|16=0" for n, begin in enumerate(begins, 2)))
        sent = rig.tx()
        while rig.session.resending:
            rig.session.continue_resend(rig.now_ns)
            sent += rig.tx()
        assert len(sent) == sum(1002 - begin for begin in begins[: 1 + RESENDS_WAITING])
        assert rig.session.phase is Phase.ACTIVE
        rig.rx("35=2|34=102|7=401|16=401")
        assert [m.split("|")[1] for m in rig.tx()] == ["34=401"]


@BOTH
class Test10To11SequenceReset:
    def test_10a_gap_fill_too_high(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=4|34=10|36=20|123=Y", "35=1|34=20|112=HELLO")
        assert rig.tx() == ["35=2|34=2|7=2|16=0"]
        rig.rx("35=4|34=2|43=Y|122={t}|36=10|123=Y")
        assert rig.tx() == ["35=0|34=3|112=HELLO"]
        assert rig.store.next_in == 21

    def test_10b_gap_fill_in_sequence(self, role: Role):
        rig = Rig(role).log_on()
        (event,) = rig.rx("35=4|34=2|36=20|123=Y")
        assert event == SequenceMoved(2, 20, gap_fill=True)
        rig.rx("35=1|34=20|112=HELLO")
        assert rig.tx() == ["35=0|34=2|112=HELLO"]

    def test_10c_gap_fill_low_duplicate(self, role: Role):
        rig = Rig(role).log_on()
        assert rig.rx("35=4|34=1|43=Y|122={t-1}|36=20|123=Y") == []
        assert rig.store.next_in == 2

    def test_10d_gap_fill_low(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=4|34=1|36=20|123=Y")
        assert rig.tx() == ["35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"]

    @pytest.mark.parametrize("new", [0, 1, 2, 2**64])
    def test_10e_gap_fill_lowers(self, role: Role, new: int):
        rig = Rig(role).log_on()
        rig.rx(f"35=4|34=2|36={new}|123=Y")
        (reject,) = rig.tx()
        assert "58=attempt to lower sequence number" in reject
        assert reject.endswith("|371=36|372=4|373=5")

    @pytest.mark.parametrize("flag", ["", "|123=N"])
    @pytest.mark.parametrize("number", [0, 1, 2, 5])
    def test_11a_reset_above(self, role: Role, flag: str, number: int):
        rig = Rig(role).log_on()
        (event,) = rig.rx(f"35=4|34={number}|36=9{flag}")
        assert event == SequenceMoved(2, 9, gap_fill=False)
        assert rig.tx() == []

    @pytest.mark.parametrize("number", [0, 1, 2, 5])
    def test_11b_reset_equal(self, role: Role, number: int):
        rig = Rig(role).log_on()
        (event,) = rig.rx(f"35=4|34={number}|36=2")
        assert event == SequenceMoved(2, 2, gap_fill=False)
        assert rig.tx() == []

    @pytest.mark.parametrize("new", [0, 1])
    @pytest.mark.parametrize("number", [0, 1, 2, 5])
    def test_11c_reset_below(self, role: Role, new: int, number: int):
        rig = Rig(role).log_on()
        rig.rx(f"35=4|34={number}|36={new}")
        text = f"NewSeqNo(36): received '{new}', expected at least 2"
        assert rig.tx() == [f"35=3|34=2|45={number}|58={text}|371=36|372=4|373=5"]
        assert rig.store.next_in == 2

    def test_11_reset_closes_an_open_gap(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx(order(9))
        rig.tx()
        events = rig.rx("35=4|34=0|36=9")
        assert kinds(events) == [SequenceMoved, GapClosed, AppMessage]
        assert rig.store.next_in == 10


@BOTH
class Test14Dictionary:
    @pytest.mark.parametrize(
        ("body", "tag", "reason"),
        [
            ("35=0|34=2|999=HI", 999, 0),
            ("35=0|34=2|0=HI", 0, 0),
            ("35=0|34=2|-1=HI", -1, 0),
            ("35=0|34=2|5000=HI", 5000, 0),
            ("35=0|34=2|56=-", 56, 1),
            ("35=D|34=2|55=ABC|54=1|60=20260302-09:00:00|38=10|40=1", 11, 1),
            ("35=0|34=2|55=MSFT", 55, 2),
            ("35=0|34=2|56=", 56, 4),
            ("35=0|34=2|34=3", 34, 13),
            ("35=1|34=2", 112, 1),
            ("35=D|34=2|11=I|55=ABC|54=9x|60=20260302-09:00:00|38=10|40=1", 54, None),
            ("35=D|34=2|11=I|55=ABC|54=1|60=20260302-09:00:00|38=+10|40=1", 38, 6),
            ("35=D|34=2|11=I|55=ABC|54=1|60=20260302-09:00:00|38=10|40=1|40=2", 40, 13),
        ],
    )
    def test_rejected_and_counted(self, role: Role, body: str, tag: int, reason: int | None):
        rig = Rig(role).log_on()
        rig.rx(body)
        (reject,) = rig.tx()
        assert f"|371={tag}|" in reject
        if reason is not None:
            assert reject.endswith(f"|373={reason}")
        assert reject.startswith("35=3|34=2|45=2|58=")
        assert rig.store.next_in == 3

    def test_k_delimiter_inside_a_value(self, role: Role):
        rig = Rig(role).log_on()
        (event,) = rig.raw(fix(f"35=0|34=2|49=TRADER|52={rig.time()}|56=EXCH|112=a|b"))
        assert event.reaction is Reaction.REJECTED
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|45=2|58=TestReqID(112): received 'a\\x01b'")
        assert reject.endswith("|371=112|372=0|373=17")
        assert rig.store.next_in == 3

    def test_k_delimiter_inside_a_value_is_garbled_to_quickfix(self, role: Role):
        rig = Rig(role, dialect=QUICKFIX).log_on()
        (event,) = rig.raw(fix(f"35=0|34=2|49=TRADER|52={rig.time()}|56=EXCH|112=a|b"))
        assert isinstance(event, GarbledInput)
        assert rig.tx() == []
        assert rig.store.next_in == 2

    def test_k_counts_where_garbled_input_is_counted(self, role: Role):
        rig = Rig(role, dialect=QUICKFIX, garbled=GarbledPolicy(limit=0)).log_on()
        rig.raw(fix(f"35=0|34=2|49=TRADER|52={rig.time()}|56=EXCH|112=a|b"))
        (logout,) = rig.tx()
        assert logout.startswith("35=5|34=2|58=garbled input 1 times, at most 0 put up with")

    def test_15_fields_in_another_order_are_taken(self, role: Role):
        rig = Rig(role).log_on()
        body = ["11=I", "55=ABC", "54=1", "60=20260302-09:00:00", "38=10", "40=1"]
        for number, fields in enumerate((body, body[::-1], body[3:] + body[:3]), start=2):
            (event,) = rig.rx("|".join(["35=D", f"34={number}", *fields]))
            assert isinstance(event, AppMessage)
        header = f"35=0|52={rig.time()}|34=5|56=EXCH|49=TRADER"
        assert rig.raw(fix(header)) == [HeartbeatReceived(None)]
        assert rig.tx() == []

    def test_versions_know_different_fields(self, role: Role):
        told = {}
        for begin in ("FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3"):
            rig = Rig(role, begin, dialect=QUICKFIX).log_on()
            rig.rx("35=0|34=2|999=HI")
            told[begin] = rig.tx()
        assert told == {
            "FIX.4.0": ["35=3|34=2|45=2|58=Invalid tag number (999)"],
            "FIX.4.1": ["35=3|34=2|45=2|58=Invalid tag number (999)"],
            "FIX.4.2": ["35=3|34=2|45=2|58=Invalid tag number|371=999|372=0|373=0"],
            "FIX.4.3": ["35=3|34=2|45=2|58=Invalid tag number|371=999|372=0|373=0"],
        }

    def test_42_has_no_reason_above_11(self, role: Role):
        rig = Rig(role, "FIX.4.2", dialect=QUICKFIX).log_on()
        rig.rx("35=1|34=2|112=A|112=B")
        assert rig.tx() == ["35=3|34=2|45=2|58=Tag appears more than once|371=112|372=1"]

    def test_routing_is_reversed(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=2|115=JCD|116=CS|144=CHI|999=1")
        (reject,) = rig.tx()
        assert reject.startswith("35=3|34=2|128=JCD|129=CS|145=CHI|45=2")


@BOTH
class Test16And19To20:
    def test_16_queued_while_disconnected(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.disconnected(rig.now_ns)
        assert rig.session.send(b"B", b"148=late\x01", rig.now_ns) == 2
        assert rig.tx() == []
        first = rig.time()
        rig.seconds += 100
        rig.connect()
        rig.rx("35=A|34=2|98=0|108=30", "35=2|34=3|7=2|16=2")
        sent = rig.tx()
        assert sent[0] == "35=A|34=3|98=0|108=30"
        assert sent[1] == f"35=B|34=2|43=Y|122={first}|148=late"

    @pytest.mark.parametrize(("flag", "told"), [("", False), ("|97=Y", True)])
    def test_19_poss_resend_is_told_to_the_application(self, role: Role, flag: str, told: bool):
        rig = Rig(role).log_on()
        (event,) = rig.rx(order(2, more=flag))
        assert isinstance(event, AppMessage)
        assert event.poss_resend is told

    def test_20_resend_request_while_awaiting_ours(self, role: Role):
        rig = Rig(role).log_on()
        rig.session.send(b"B", b"148=x\x01", rig.now_ns)
        rig.rx("35=0|34=7")
        rig.tx()
        rig.rx("35=2|34=8|7=2|16=2")
        assert rig.tx() == [f"35=B|34=2|43=Y|122={rig.time()}|148=x"]
        rig.rx("35=4|34=2|43=Y|122={t}|123=Y|36=7")
        assert rig.store.next_in == 9
        assert rig.tx() == [], "it was served when it came"

    def test_20_both_logons_too_high(self, role: Role):
        rig = Rig(role, store=MemoryStore(next_out=5, next_in=5)).connect()
        rig.tx()
        rig.rx("35=A|34=9|98=0|108=30", "35=2|34=10|7=3|16=0")
        sent = rig.tx()
        assert any("|7=5|16=0" in m for m in sent)
        assert any(m.startswith("35=4|34=3|43=Y") for m in sent)

    def test_reset_in_session(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=0|34=2", "35=0|34=3")
        events = rig.rx("35=A|34=1|98=0|108=30|141=Y")
        assert events == [SequenceReset(by_peer=True)]
        assert rig.tx() == ["35=A|34=1|98=0|108=30|141=Y"]
        rig.rx("35=1|34=2|112=X")
        assert rig.tx() == ["35=0|34=2|112=X"]

    def test_second_logon_without_reset_is_rejected(self, role: Role):
        rig = Rig(role).log_on()
        rig.rx("35=A|34=2|98=0|108=30")
        assert rig.tx() == ["35=3|34=2|45=2|58=already logged on|371=35|372=A|373=99"]
        assert rig.store.next_in == 3
