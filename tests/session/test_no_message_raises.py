"""Whatever the peer sends, in whatever phase: events, never an exception, and sane numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.session.dialect import QUICKFIX, STANDARD, Dialect
from fixgate.session.phase import Phase
from fixgate.session.settings import Role
from tests.session.rig import Rig

NUMBERS = st.sampled_from(
    ["0", "1", "2", "3", "4", "7", "12", "-1", "abc", "999999", "9" * 19, "9" * 25, " 2", "2.0"]
)
FIELDS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["7", "16", "36", "45", "108", "98", "789"]), NUMBERS),
        st.tuples(st.sampled_from(["43", "97", "123", "141"]), st.sampled_from(["Y", "N", "X"])),
        st.tuples(
            st.sampled_from(["122", "52"]),
            st.sampled_from(["{t}", "{t+10}", "{t-500}", "20260302-23:59:60", "x", "99999999-1"]),
        ),
        st.tuples(
            st.sampled_from(["112", "58", "49", "56", "115", "128", "11", "55", "5001", "0"]),
            st.sampled_from(["A", "TRADER", "EXCH", "", "\xe9", "x" * 300]),
        ),
    ),
    max_size=5,
)
WELL_FORMED = st.sampled_from(
    [
        ("A", [("98", "0"), ("108", "30")]),
        ("A", [("98", "0"), ("108", "30"), ("141", "Y")]),
        ("1", [("112", "X")]),
        ("2", [("7", "1"), ("16", "0")]),
        ("4", [("36", "9")]),
        ("4", [("123", "Y"), ("36", "9")]),
        ("4", [("123", "Y"), ("36", "1")]),
        ("5", []),
    ]
)
MESSAGES = st.tuples(
    st.sampled_from(["0", "1", "2", "3", "4", "5", "A", "D", "8", "*", "zz", ""]),
    st.one_of(st.just("next"), NUMBERS),
    FIELDS,
)
STEPS = st.lists(
    st.one_of(
        MESSAGES,
        st.tuples(WELL_FORMED, NUMBERS | st.just("next")).map(
            lambda drawn: (drawn[0][0], drawn[1], drawn[0][1])
        ),
        st.sampled_from(["logout", "wait", "send", "disconnect"]),
        st.binary(max_size=60),
    ),
    max_size=12,
)


@pytest.mark.parametrize("observe", [False, True], ids=["enforce", "observe"])
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    leaving=st.booleans(),
    dialect=st.sampled_from([STANDARD, QUICKFIX]),
    begin=st.sampled_from(["FIX.4.0", "FIX.4.4"]),
)
def test_no_message_raises(
    role: Role, observe: bool, steps: list, leaving: bool, dialect: Dialect, begin: str
):
    rig = Rig(role, begin, observe=observe, dialect=dialect).log_on()
    session = rig.session
    if leaving:
        session.logout("bye", rig.now_ns)
    for step in steps:
        before = (rig.store.next_out, rig.store.next_in)
        if step == "logout":
            session.logout("bye", rig.now_ns)
        elif step == "wait":
            rig.after(31)
        elif step == "send":
            session.send(b"B", b"148=x\x01", rig.now_ns)
        elif step == "disconnect":
            session.disconnected(rig.now_ns)
            rig.connect()
        elif isinstance(step, bytes):
            rig.raw(step)
        else:
            msg_type, number, fields = step
            number = str(rig.store.next_in) if number == "next" else number
            text = "".join(f"|{tag}={value}" for tag, value in fields)
            rig.rx(f"35={msg_type}|34={number}{text}")
        reset = any(type(event).__name__ == "SequenceReset" for event in rig.events)
        if not reset:
            assert (rig.store.next_out, rig.store.next_in) >= (before[0], 1)
            assert rig.store.next_in >= before[1], "an expected number never goes back"
        rig.events.clear()
        session.output()
        while session.resending:
            session.continue_resend(rig.now_ns)
            session.output()
        if session.phase is Phase.ACTIVE:
            assert session.deadline_ns is not None
