from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config import QuickFixRole, SessionsConfig, VenueConfig, import_quickfix, load
from fixgate.errors import ConfigError
from tests.config.helpers import write
from tests.config.qf import ACCEPTOR, FIXT, INITIATOR, body, convert


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "no [SESSION] in it"),
        (FIXT, 6, "DefaultApplVerID: expected 7, 8, 9"),
        (FIXT + "DefaultApplVerID=6\n", 9, "DefaultApplVerID: expected 7, 8, 9"),
        (INITIATOR.replace("FIX.4.4", "FIX.3.0"), 3, "BeginString: expected FIX.4.0"),
        (INITIATOR.replace("SenderCompID=US\n", ""), 6, "SenderCompID is missing"),
        (INITIATOR.replace("=US", "=${who}"), 6, "SenderCompID is missing"),
        (INITIATOR.replace("=US", "=\u00fc"), 7, "SenderCompID: expected 1 to 64 printable"),
        (INITIATOR.replace("SocketConnectPort=9876\n", ""), 5, "SocketConnectPort is missing"),
        (INITIATOR.replace("9876", "98765"), 4, "not an address: expected a port"),
        (ACCEPTOR.replace("SocketAcceptPort=5001\n", ""), 5, "SocketAcceptPort is missing"),
        (INITIATOR.replace("=initiator", "=both"), 2, "expected initiator or acceptor"),
        ("[SESSION]\nSenderCompID=A\n", 1, "neither ConnectionType nor a socket key"),
        (INITIATOR + ACCEPTOR[ACCEPTOR.index("[SESSION]"):] + "ConnectionType=acceptor\n"
         "SocketAcceptPort=1\n", 0, "has initiators and acceptors"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told_with_its_line(tmp_path, text, line, message):
    with pytest.raises(ConfigError) as caught:
        import_quickfix(write(tmp_path, text, "quickfix.cfg"))
    assert [each.line for each in caught.value.mistakes] == [line]
    assert message in str(caught.value)


def test_one_kind_of_a_file_with_both(tmp_path):
    text = INITIATOR + (
        "[SESSION]\nConnectionType=acceptor\nSenderCompID=A\nTargetCompID=B\nSocketAcceptPort=7\n"
    )
    assert convert(tmp_path, text, QuickFixRole.INITIATOR)[0].sessions == 1
    _, checked = convert(tmp_path, text, QuickFixRole.ACCEPTOR)
    assert isinstance(checked, VenueConfig)
    assert str(checked.gateway.listen[0].address) == "0.0.0.0:7"
    with pytest.raises(ConfigError, match="no session with ConnectionType=acceptor"):
        convert(tmp_path, INITIATOR, QuickFixRole.ACCEPTOR)


def test_several_sessions_of_an_initiator(tmp_path):
    text = INITIATOR.replace("[SESSION]", "FileStorePath=store\n[SESSION]")
    text += "[SESSION]\nSenderCompID=US\nTargetCompID=VENUE\nSocketConnectPort=1\n"
    text += "[session]\nSenderCompID=US\nTargetCompID=VENUE\nSessionQualifier=PM\n"
    found, checked = convert(tmp_path, text)
    assert isinstance(checked, SessionsConfig)
    assert [plan.name for plan in checked.plans] == ["US to VENUE", "US to VENUE 2"]
    whys = [note.why for note in found.notes if note.key == "[SESSION]"]
    assert whys == [
        "two sessions of one identity: this one's store is in fixgate's state folder",
        "the same session at the same address as in line 7: left out",
    ]


def test_several_clients_of_a_venue(tmp_path):
    text = ACCEPTOR + "MaxLatency=30\n"
    text += "[SESSION]\nSenderCompID=VENUE\nTargetCompID=B\nMaxLatency=60\nSocketAcceptPort=7\n"
    text += "[SESSION]\nSenderCompID=VENUE\nTargetCompID=US\n"
    text += "[SESSION]\nSenderCompID=VENUE\nTargetCompID=C\nSocketUseSSL=Y\n"
    found, checked = convert(tmp_path, text)
    assert isinstance(checked, VenueConfig)
    gateway = checked.gateway
    assert [str(each.address) for each in gateway.listen] == ["127.0.0.1:5001", "127.0.0.1:7"]
    assert [each.session.id.theirs for each in gateway.sessions] == ["US", "B", "C"]
    assert gateway.template.sending_time_tolerance_ns == 30_000_000_000
    assert gateway.template.dialect.name == "quickfix"
    whys = [note.why for note in found.notes if note.key == "[SESSION]"]
    assert whys == [
        "'sending_time_tolerance' holds for the whole venue: the session in line 6 decides",
        "the same session as in line 6: left out",
        "127.0.0.1:5001 has other settings in an earlier session: those are used",
    ]


def test_hostile_values_stay_values(tmp_path):
    text = INITIATOR.replace("=VENUE", "=V: {x}, #\"'") + "SenderSubID=yes\nTargetSubID=0010\n"
    found, checked = convert(tmp_path, text)
    assert isinstance(checked, SessionsConfig)
    session = checked.plans[0].session
    assert session.id.theirs == "V: {x}, #\"'"
    assert {'sender_sub_id: "yes"', 'target_sub_id: "0010"'} <= set(body(found.text))


def test_long_names_are_cut(tmp_path):
    text = INITIATOR.replace("=US", "=" + "U" * 64).replace("=VENUE", "=" + "V" * 64)
    _, checked = convert(tmp_path, text + "[SESSION]\nSenderCompID=A\nTargetCompID=B\n")
    assert isinstance(checked, SessionsConfig)
    assert [len(plan.name) for plan in checked.plans] == [90, 6]
    path = write(tmp_path, ACCEPTOR, f"{'x' * 200}.cfg")
    assert f"name: {'x' * 90}\n" in import_quickfix(path).text


@given(st.text(alphabet="[]=#;\n DEFAULTSESSIONconnect${}0123456789:./-,\u00fc", max_size=300))
@settings(deadline=None, max_examples=100)
def test_any_text_is_refused_or_makes_a_file_that_passes(tail):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), INITIATOR + tail, "quickfix.cfg")
        try:
            found = import_quickfix(path)
        except ConfigError:
            return
        load(write(Path(folder), found.text), environ={"HOME": "/u"}, secrets=False)
