"""Transcripts: ``>`` the client, ``<`` the venue, and what is paired."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.sampling.pairing import Pair, Pairing, Passed, Why
from fixgate.sampling.questions import QUESTIONS, Outcome, Question
from fixgate.triage.model import Exchange
from fixgate.wire import Message, decode
from tests.fixtext import fix


def message(body: str) -> Message:
    found = decode(fix(body))
    assert isinstance(found, Message)
    return found


class Desk:
    """Feeds lines to a pairing; each message is known by its place, from 1."""

    def __init__(self, **settings) -> None:
        self.pairing: Pairing[int] = Pairing(**settings)
        self.count = 0

    def play(self, *lines: str) -> list[str]:
        found = []
        for line in lines:
            self.count += 1
            glyph, body = line[0], line[2:]
            passed = Passed(glyph == ">", message(body), self.count)
            found += [told(each) for each in self.pairing.take(passed)]
        return found

    def open(self) -> list[str]:
        return [told(each) for each in self.pairing.open()]

    def end(self) -> list[str]:
        return [told(each) for each in self.pairing.end()]


def told(each) -> str:
    kind = each.kind.name
    if isinstance(each, Pair):
        return f"{kind} {each.name} {each.request.ref}-{each.reply.ref} {each.outcome.name}"
    return f"{kind} {each.name} {each.request.ref} {each.why.name}"


ORDER = "> 35=D|34=2|11=a|55=X|54=1|40=2|44=10|38=5"
NEW = "< 35=8|34=2|37=1|17=1|11=a|150=0|39=0"


def test_a_heartbeat_answers_the_test_request_that_it_names():
    assert Desk().play(
        "> 35=1|34=2|112=one",
        "< 35=0|34=2",
        "> 35=1|34=3|112=two",
        "< 35=0|34=3|112=one",
        "< 35=0|34=4|112=other",
        "< 35=0|34=5|112=two",
    ) == ["HEARTBEAT one 1-4 DONE", "HEARTBEAT two 3-6 DONE"]


def test_a_test_request_of_the_venue_measures_the_client_and_is_not_taken():
    desk = Desk()
    assert desk.play("< 35=1|34=2|112=one", "> 35=0|34=2|112=one") == []
    assert desk.open() == []


@pytest.mark.parametrize("event", ["150=0|39=0", "150=A|39=A", "39=0|20=0"])
def test_the_first_report_acknowledges_an_order(event):
    assert Desk().play(ORDER, f"< 35=8|34=2|11=a|{event}", NEW) == ["ACKNOWLEDGEMENT a 1-2 DONE"]


@pytest.mark.parametrize("event", ["150=8|39=8", "39=8|20=0"])
def test_a_refusal_is_an_acknowledgement_that_says_no(event):
    assert Desk().play(ORDER, f"< 35=8|34=2|11=a|{event}") == [
        "ACKNOWLEDGEMENT a 1-2 REFUSED",
        "FILL a 1-2 GONE",
    ]


@pytest.mark.parametrize(
    "status", ["150=I|39=0", "20=3|150=0|39=0", "20=3|39=2", "150=D|39=0", "150=H|39=0|20=1"]
)
def test_a_report_that_was_asked_for_or_corrects_is_no_acknowledgement(status):
    assert Desk().play(ORDER, f"< 35=8|34=2|11=a|{status}", NEW) == ["ACKNOWLEDGEMENT a 1-3 DONE"]


@pytest.mark.parametrize(
    "fill", ["150=1|39=1", "150=2|39=2", "150=F|39=1", "39=2|20=0", "20=0|150=2|39=2"]
)
def test_an_order_is_filled_by_its_first_fill(fill):
    assert Desk().play(ORDER, NEW, f"< 35=8|34=3|11=a|{fill}", "< 35=8|34=4|11=a|150=F|39=2") == [
        "ACKNOWLEDGEMENT a 1-2 DONE",
        "FILL a 1-3 DONE",
    ]


def test_a_fill_at_once_acknowledges_too():
    assert Desk().play(ORDER, "< 35=8|34=3|11=a|150=F|39=2") == [
        "ACKNOWLEDGEMENT a 1-2 DONE",
        "FILL a 1-2 DONE",
    ]


@pytest.mark.parametrize("rested", ["851=1", "1057=N"])
def test_a_fill_of_an_order_that_rested_is_of_the_others_doing(rested):
    assert Desk().play(ORDER, NEW, f"< 35=8|34=3|11=a|150=F|39=2|{rested}") == [
        "ACKNOWLEDGEMENT a 1-2 DONE",
        "FILL a 1-3 GONE",
    ]


def test_nobody_owes_a_fill():
    desk = Desk()
    assert desk.play(ORDER, NEW) == ["ACKNOWLEDGEMENT a 1-2 DONE"]
    assert desk.open() == []
    assert desk.end() == []


def test_a_replaced_order_is_filled_under_another_name():
    assert Desk().play(
        ORDER,
        NEW,
        "> 35=G|34=3|11=b|41=a|55=X|54=1|40=2|44=11|38=5",
        "< 35=8|34=3|11=b|41=a|150=5|39=5",
        "< 35=8|34=4|11=b|41=a|150=F|39=2",
    ) == ["ACKNOWLEDGEMENT a 1-2 DONE"]


CANCEL = "> 35=F|34=3|11=c|41=a|55=X|54=1"


def test_a_cancel_waits_for_cancelled():
    assert Desk().play(
        CANCEL, "< 35=8|34=3|11=c|41=a|150=6|39=6", "< 35=8|34=4|11=c|41=a|150=4|39=4"
    ) == ["CANCEL c 1-3 DONE"]


@pytest.mark.parametrize("no", ["35=9|34=3|11=c|41=a|39=2|434=1", "35=8|34=3|11=c|150=8|39=8"])
def test_a_cancel_that_is_refused(no):
    assert Desk().play(CANCEL, f"< {no}") == ["CANCEL c 1-2 REFUSED"]


def test_a_cancelled_that_nobody_asked_for_answers_no_cancel():
    desk = Desk()
    assert desk.play(CANCEL, "< 35=8|34=3|11=a|150=4|39=4") == []
    assert desk.open() == ["CANCEL c 1 OPEN"]


@pytest.mark.parametrize("no", ["35=3|34=2|45=2|372=D|373=5", "35=j|34=2|45=2|372=D|380=3"])
def test_a_reject_names_the_request_by_its_number(no):
    desk = Desk()
    assert desk.play(ORDER, f"< {no}", NEW) == [
        "ACKNOWLEDGEMENT a 1-2 REJECTED",
        "FILL a 1-2 REJECTED",
    ]
    assert desk.open() == []


def test_a_reject_of_something_else_closes_nothing():
    desk = Desk()
    desk.play(ORDER, "< 35=3|34=2|45=1", "< 35=3|34=3")
    assert desk.open() == ["ACKNOWLEDGEMENT a 1 OPEN"]
    assert desk.play(NEW, "< 35=3|34=4|45=2") == ["ACKNOWLEDGEMENT a 1-4 DONE"]


def test_a_logon_is_answered_by_a_logon():
    assert Desk().play("> 35=A|34=1|98=0|108=30", "< 35=A|34=1|98=0|108=30") == [
        "LOGON Logon 1-2 DONE"
    ]


def test_a_logon_that_is_turned_down():
    assert Desk().play("> 35=A|34=1|98=0|108=30", "< 35=5|34=1|58=no") == [
        "LOGON Logon 1-2 REJECTED"
    ]


def test_a_logon_of_the_client_ends_the_connection_before_it():
    desk = Desk()
    assert desk.play(ORDER, "> 35=1|34=3|112=t", "> 35=A|34=4|98=0|108=30") == [
        "HEARTBEAT t 2 ENDED",
        "ACKNOWLEDGEMENT a 1 ENDED",
    ]
    assert desk.play("< 35=A|34=4|98=0|108=30", "< 35=8|34=5|11=a|150=0|39=0") == [
        "LOGON Logon 3-4 DONE"
    ]


def test_a_connection_that_ends():
    desk = Desk()
    desk.play(ORDER)
    assert desk.end() == ["ACKNOWLEDGEMENT a 1 ENDED"]
    assert desk.play(NEW, "< 35=3|34=3|45=2") == []


@pytest.mark.parametrize("again", ["43=Y", "97=Y"])
def test_a_reply_that_was_sent_again_says_nothing_of_when(again):
    desk = Desk()
    assert desk.play(ORDER, f"< 35=8|34=2|{again}|11=a|150=0|39=0") == [
        "ACKNOWLEDGEMENT a 1 REPLAYED"
    ]
    assert desk.play("< 35=8|34=3|11=a|150=F|39=2") == ["FILL a 1-3 DONE"]


@pytest.mark.parametrize("again", ["43=Y", "97=Y"])
def test_a_request_that_was_sent_again_is_never_measured(again):
    desk = Desk()
    replay = ORDER.replace("11=a", f"{again}|11=a")
    assert desk.play(ORDER, replay, replay, NEW) == ["ACKNOWLEDGEMENT a 1 REPLAYED"]
    assert desk.play(replay.replace("11=a", "11=z"), NEW.replace("11=a", "11=z")) == []
    assert desk.open() == []


def test_replies_to_an_id_that_was_used_twice_cannot_be_told_apart():
    desk = Desk()
    asked = "> 35=1|34=2|112=TEST"
    answer = "< 35=0|34=2|112=TEST"
    assert desk.play(asked, asked) == ["HEARTBEAT TEST 1 REUSED", "HEARTBEAT TEST 2 REUSED"]
    assert desk.play(asked) == ["HEARTBEAT TEST 3 REUSED"]
    assert desk.play(answer, answer, answer) == []
    assert desk.play(asked, answer) == ["HEARTBEAT TEST 7-8 DONE"]


def test_a_reject_is_one_of_the_replies_to_an_id_that_was_used_twice():
    desk = Desk()
    again = ORDER.replace("34=2", "34=3")
    assert desk.play(ORDER, again, "< 35=3|34=2|45=3", NEW) == [
        "ACKNOWLEDGEMENT a 1 REUSED",
        "ACKNOWLEDGEMENT a 2 REUSED",
    ]
    assert desk.play(ORDER.replace("34=2", "34=4"), NEW)[0] == "ACKNOWLEDGEMENT a 5-6 DONE"


def test_requests_that_are_open_are_bounded():
    desk = Desk(max_open=2)
    found = desk.play(*(f"> 35=D|34={n}|11=o{n}|40=1" for n in range(1, 5)))
    assert found == ["ACKNOWLEDGEMENT o1 1 CROWDED", "ACKNOWLEDGEMENT o2 2 CROWDED"]
    assert desk.open() == ["ACKNOWLEDGEMENT o3 3 OPEN", "ACKNOWLEDGEMENT o4 4 OPEN"]
    assert desk.play("< 35=3|34=1|45=1", "< 35=3|34=2|45=4") == [
        "ACKNOWLEDGEMENT o4 4-6 REJECTED",
        "FILL o4 4-6 REJECTED",
    ]


def test_of_orders_whose_fill_nobody_owes_fewer_are_kept():
    desk = Desk(max_open=16)
    desk.play(*(f"> 35=D|34={n}|11=o{n}|40=1" for n in range(1, 5)))
    assert len(desk.open()) == 4
    assert desk.play(*(f"< 35=8|34={n}|11=o{n}|150=F" for n in range(1, 5))) == [
        "ACKNOWLEDGEMENT o1 1-5 DONE",
        "ACKNOWLEDGEMENT o2 2-6 DONE",
        "ACKNOWLEDGEMENT o3 3-7 DONE",
        "FILL o3 3-7 DONE",
        "ACKNOWLEDGEMENT o4 4-8 DONE",
        "FILL o4 4-8 DONE",
    ]


def test_a_request_without_an_id_is_none():
    desk = Desk()
    assert desk.play("> 35=1|34=2", "< 35=0|34=2", "> 35=D|40=1", "< 35=8|39=0") == []
    assert desk.open() == []


def test_another_exchange_is_a_row_more():
    quote = Question(Exchange.ACKNOWLEDGEMENT, (b"S",), {b"AI": lambda _: Outcome.DONE}, key=117)
    desk = Desk(questions=(*QUESTIONS[:2], quote))
    assert desk.play("> 35=S|34=2|117=q", "< 35=AI|34=2|117=q", "> 35=D|34=3|11=a") == [
        "ACKNOWLEDGEMENT q 1-2 DONE"
    ]


LINES = st.sampled_from(
    [
        "> 35=A|34=1|98=0|108=30",
        "< 35=A|34=1|98=0|108=30",
        *(
            f"{glyph} {body}|11={name}{again}"
            for glyph, body in (
                (">", "35=D|34=2"),
                (">", "35=F|34=3"),
                ("<", "35=8|34=2|150=0"),
                ("<", "35=8|34=3|150=4"),
                ("<", "35=9|34=4"),
                ("<", "35=3|34=5|45=2"),
            )
            for name in "ab"
            for again in ("", "|43=Y")
        ),
        *(f"{line}|112={name}" for line in ("> 35=1|34=4", "< 35=0|34=6") for name in "ab"),
    ]
)


@settings(deadline=None)
@given(st.lists(LINES, max_size=40))
def test_every_request_that_is_owed_a_reply_comes_out_once(lines):
    pairing: Pairing[int] = Pairing(max_open=3)
    owed, out = set(), []
    passed = [Passed(line[0] == ">", message(line[2:]), n) for n, line in enumerate(lines)]
    for each in passed:
        if each.outgoing and each.message.get(43) != b"Y":
            owed.add(each.ref)
        out += pairing.take(each)
    out += pairing.open()
    told = [each.request.ref for each in out if each.kind is not Exchange.FILL]
    assert sorted(told) == sorted(owed)
    for each in out:
        if isinstance(each, Pair):
            assert each.request.ref < each.reply.ref
            assert each.reply.message.get(43) is None
            assert each.request.outgoing
            assert not each.reply.outgoing
        else:
            assert each.why in Why
