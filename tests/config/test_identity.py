"""Sub-ids, locations and third parties in both kinds of files."""

from __future__ import annotations

import pytest

from fixgate.session.routing import Routing
from fixgate.session.settings import SessionId
from tests.config.helpers import SESSION, gateway, mistakes, plan, write

CLIENT = """\
venue:
  comp_id: V
  sessions:
    - {begin_string: FIX.4.4, theirs: A%s}
"""


def test_a_session_is_told_by_its_sub_ids_and_locations(tmp_path):
    text = SESSION + "    sender_sub_id: S\n    target_location_id: TL\n"
    assert plan(tmp_path, text).session.id == SessionId("FIX.4.4", "A", "B", "S", "", "", "TL")
    assert plan(tmp_path, text).session.routing is None


def test_a_session_speaks_for_somebody(tmp_path):
    text = SESSION + "    on_behalf_of_comp_id: F\n    deliver_to_location_id: L\n"
    assert plan(tmp_path, text).session.routing == Routing(
        ((115, b"F"), (145, b"L")), frozenset(), frozenset({b"F"})
    )


def test_two_sessions_may_differ_by_a_sub_id_alone(tmp_path):
    second = SESSION.removeprefix("sessions:\n").replace("name: one", "name: two")
    text = SESSION + "    sender_sub_id: S\n" + second
    assert plan(tmp_path, text).session.id.our_sub_id == "S"
    (mistake,) = mistakes(write(tmp_path, SESSION + second), HOME="/users/me")
    assert "is listed twice" in mistake


def test_two_clients_may_differ_by_a_sub_id_alone(tmp_path):
    other = "    - {begin_string: FIX.4.4, theirs: A, their_sub_id: D2, our_location_id: FRA}\n"
    first, second = gateway(tmp_path, CLIENT % ", their_sub_id: D1" + other).sessions
    assert first.session.id == SessionId("FIX.4.4", "V", "A", their_sub_id="D1")
    assert second.session.id == SessionId(
        "FIX.4.4", "V", "A", our_location_id="FRA", their_sub_id="D2"
    )
    assert (first.name, second.name) == ("A/D1 FIX.4.4", "A/D2 FIX.4.4")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("sender_location_id", "SenderLocationID(142)"),
        ("target_location_id", "TargetLocationID(143)"),
        ("on_behalf_of_location_id", "OnBehalfOfLocationID(144)"),
        ("deliver_to_location_id", "DeliverToLocationID(145)"),
    ],
)
def test_fix_4_0_has_no_locations(tmp_path, key, name):
    text = SESSION.replace("FIX.4.4", "FIX.4.0") + f"    {key}: L\n"
    assert mistakes(write(tmp_path, text), HOME="/users/me") == [
        f"7:5: FIX.4.0 has no {name} (leave it out)"
    ]


def test_fix_4_0_clients_have_no_locations(tmp_path):
    text = (CLIENT % ", their_location_id: L").replace("FIX.4.4", "FIX.4.0")
    (mistake,) = mistakes(write(tmp_path, text))
    assert "FIX.4.0 has no TargetLocationID(143)" in mistake


def test_third_parties_of_a_venue_and_of_a_client(tmp_path):
    text = """\
venue:
  comp_id: V
  third_parties: {on_behalf_of: [F1, F2], deliver_to: any}
  sessions:
    - {begin_string: FIX.4.4, theirs: A}
    - {begin_string: FIX.4.4, theirs: B, third_parties: {deliver_to: [X]}}
"""
    found = gateway(tmp_path, text)
    listed = Routing((), frozenset({b"F1", b"F2"}), None)
    assert found.template.routing == listed
    first, second = found.sessions
    assert first.session.routing == listed
    assert second.session.routing == Routing((), None, frozenset({b"X"}))


def test_third_parties_are_not_looked_at_unless_named(tmp_path):
    found = gateway(tmp_path, CLIENT % "")
    assert found.template.routing is None
    assert found.sessions[0].session.routing is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{deliver_to: X}", "expected 'any' or a list of CompIDs; received 'X'"),
        ("{deliver_to: ['']}", "expected 1 to 64 printable ASCII characters"),
        ("{deliver: [X]}", "unknown key 'deliver' (did you mean 'deliver_to'?)"),
    ],
)
def test_mistakes(tmp_path, written, told):
    (mistake,) = mistakes(write(tmp_path, CLIENT % f", third_parties: {written}"))
    assert told in mistake
