from __future__ import annotations

import pytest

from fixgate.config import SessionsConfig, VenueConfig
from fixgate.net.settings import Durability
from tests.config.helpers import SECRET
from tests.config.qf import ACCEPTOR, FIXT, INITIATOR, body, convert


@pytest.mark.parametrize(
    "lines", [f"Username=me|Password={SECRET}|", f"LogonTag=553=me|LogonTag1=554={SECRET}|"]
)
@pytest.mark.parametrize("text", [INITIATOR, ACCEPTOR], ids=["session", "venue"])
def test_a_password_is_never_copied(tmp_path, text, lines):
    found, _ = convert(tmp_path, text + lines.replace("|", "\n"))
    name = "FIX_PASSWORD_US_VENUE" if text is INITIATOR else "FIX_PASSWORD_VENUE_US"
    assert f"password: ${{env:{name}}}" in body(found.text)
    assert [note.why for note in found.notes] == [
        f"never copied: put it into the environment variable {name}"
    ]


def test_a_password_that_looks_like_a_variable_is_one_all_the_same(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + f"Username=me\nPassword=${{{SECRET}}}\n")
    assert "password: ${env:FIX_PASSWORD_US_VENUE}" in body(found.text)


@pytest.mark.parametrize(
    ("value", "version"),
    [("9", "FIX.5.0SP2"), ("FIX.5.0SP1", "FIX.5.0SP1"), ("7", "FIX.5.0")],
)
def test_versions_of_fixt(tmp_path, value, version):
    found, _ = convert(tmp_path, f"{FIXT}DefaultApplVerID={value}\n")
    assert f"application_version: {version}" in body(found.text)


def test_files_of_go_say_no_connection_type(tmp_path):
    for text, kind in ((INITIATOR, SessionsConfig), (ACCEPTOR, VenueConfig)):
        plain = "".join(line for line in text.splitlines(True) if "ConnectionType" not in line)
        assert isinstance(convert(tmp_path, plain)[1], kind)


def test_no_fractions_before_fix_42_and_no_flag_in_40(tmp_path):
    text = INITIATOR.replace("FIX.4.4", "FIX.4.0") + "TimestampPrecision=6\nResetOnLogon=Y\n"
    found, _ = convert(tmp_path, text)
    assert "timestamp_precision" not in found.text
    assert [(note.key, note.why) for note in found.notes] == [
        ("ResetOnLogon", "FIX.4.0 has no ResetSeqNumFlag(141) to send")
    ]


def test_an_ipv6_address(tmp_path):
    _, checked = convert(tmp_path, INITIATOR.replace("fix.venue.example", "::1"))
    assert isinstance(checked, SessionsConfig)
    assert checked.plans[0].address.host == "::1"


def test_no_locations_in_fix_40_and_no_number_expected_before_44(tmp_path):
    lines = "SenderLocationID=LDN\nSenderSubID=A\nEnableNextExpectedMsgSeqNum=Y\n"
    for text in (INITIATOR, ACCEPTOR):
        found, _ = convert(tmp_path, text.replace("FIX.4.4", "FIX.4.0") + lines)
        assert [(note.key, note.why) for note in found.notes] == [
            ("SenderLocationID", "FIX.4.0 has no such field: passed over"),
            ("EnableNextExpectedMsgSeqNum", "FIX.4.0 has no such field: passed over"),
        ]


def test_sub_ids_make_two_sessions_of_equal_comp_ids(tmp_path):
    more = "SenderSubID=A\nFileStorePath=s\n[SESSION]\n{}SenderSubID=B\nFileStorePath=s\n"
    for text in (INITIATOR, ACCEPTOR):
        again = text.partition("[SESSION]\n")[2]
        found, checked = convert(tmp_path, text + more.format(again))
        assert found.sessions == 2
        assert {note.key for note in found.notes} == {"FileStorePath"}
        if isinstance(checked, VenueConfig):
            places = [each.session.id.our_sub_id for each in checked.gateway.sessions]
        else:
            places = [plan.session.id.our_sub_id for plan in checked.plans]
        assert places == ["A", "B"]


def test_an_acceptor_that_imposes_its_heartbeats(tmp_path):
    found, _ = convert(tmp_path, ACCEPTOR + "HeartBtIntOverride=Y\nHeartBtInt=20\n")
    assert found.notes == ()
    assert {'min: "20s"', 'max: "20s"', "zero: reject", "on_mismatch: impose"} <= set(
        body(found.text)
    )
    found, _ = convert(tmp_path, ACCEPTOR + "HeartBtIntOverride=Y\nHeartBtInt=0\n")
    assert [(note.key, note.why) for note in found.notes] == [
        ("HeartBtIntOverride", "only together with HeartBtInt"),
        ("HeartBtInt", "expected at least one second: passed over"),
    ]


def test_a_store_that_is_synced(tmp_path):
    found, checked = convert(tmp_path, ACCEPTOR + "FileStorePath=s\nFileStoreSync=Y\n")
    assert isinstance(checked, VenueConfig)
    assert checked.gateway.store.durability is Durability.GROUP
    assert [note.key for note in found.notes] == ["FileStorePath"]


def test_no_test_indicator_before_fix_43(tmp_path):
    found, _ = convert(tmp_path, INITIATOR.replace("FIX.4.4", "FIX.4.2") + "LogonTag=464=Y\n")
    assert [note.why for note in found.notes] == ["FIX.4.2 has no TestMessageIndicator(464)"]


@pytest.mark.parametrize("name", ["n" * 101, "\N{NO-BREAK SPACE}"], ids=["long", "blank"])
def test_a_name_that_fixgate_does_not_take_is_passed_over(tmp_path, name):
    found, _ = convert(tmp_path, INITIATOR + f"Username={name}\nPassword={SECRET}\n")
    assert "username" not in found.text
    assert found.notes
