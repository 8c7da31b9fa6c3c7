from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.config import QuickFixRole, SessionsConfig, VenueConfig, import_quickfix, load
from fixgate.config.qf_keys import KEYS
from fixgate.errors import ConfigError
from tests.config.helpers import SECRET, write

INITIATOR = """\
[DEFAULT]
ConnectionType=initiator
BeginString=FIX.4.4
SocketConnectHost=fix.venue.example
SocketConnectPort=9876
[SESSION]
SenderCompID=US
TargetCompID=VENUE
"""
ACCEPTOR = """\
[DEFAULT]
ConnectionType=acceptor
BeginString=FIX.4.4
SocketAcceptHost=127.0.0.1
SocketAcceptPort=5001
[SESSION]
SenderCompID=VENUE
TargetCompID=US
"""
FIXT = INITIATOR.replace("FIX.4.4", "FIXT.1.1")
HOURS = "StartTime=08:00:00|EndTime=17:30:00|"
TLS = "SocketUseSSL=Y|"


def convert(folder: Path, text: str, role: QuickFixRole | None = None):
    """Import, and load what came of it as ``config check`` does."""
    found = import_quickfix(write(folder, text, "quickfix.cfg"), role)
    assert SECRET not in found.text
    assert SECRET not in "".join(map(str, found.notes))
    checked = load(write(folder, found.text, "made.yaml"), environ={"HOME": "/u"}, secrets=False)
    return found, checked


def body(text: str) -> list[str]:
    """Return the lines of a made file that are about a session or a client, and its venue."""
    return [line.strip().removeprefix("- ") for line in text.splitlines()]


# Key, what it becomes for an initiator, and for an acceptor: a line of the file; "" for what
# fixgate does anyway; and with a "!" a part of the note on stderr.
DIRECT = [
    ("SenderSubID=DESK", "sender_sub_id: DESK", "!a client may use any"),
    ("SenderLocationID=LDN", "sender_location_id: LDN", "!a client may use any"),
    ("TargetSubID=EQ", "target_sub_id: EQ", "!a client may use any"),
    ("TargetLocationID=FRA", "target_location_id: FRA", "!a client may use any"),
    ("SessionQualifier=AM", "!told apart by CompIDs", "!told apart by CompIDs"),
    ("Description=x", "!made of its CompIDs", "!made of its CompIDs"),
    ("HeartBtInt=20", 'heartbeat: "20s"', "!takes what the client asks for"),
    ("HeartBtInt=x", "!expected a whole number: passed over", "!takes what the client asks for"),
    ("HeartBtInt=100000", "!up to a day", "!takes what the client asks for"),
    ("HeartBtInt=${hb}", "!holds a variable", "!takes what the client asks for"),
    ("HeartBtIntOverride=N", "", ""),
    ("ResetOnLogon=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("resetonlogon=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("ResetOnLogon=N", "", ""),
    ("ResetOnLogon=perhaps", "!expected Y or N", "!expected Y or N"),
    ("SendResetSeqNumFlag=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("ResetSeqNumFlag=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("CheckLatency=N", 'sending_time_tolerance: "87600h"', 'sending_time_tolerance: "87600h"'),
    ("CheckLatency=Y", "", ""),
    ("MaxLatency=30", 'sending_time_tolerance: "30s"', 'sending_time_tolerance: "30s"'),
    ("MaxLatency=0", "!at least one second", "!at least one second"),
    ("TimestampPrecision=6", *["timestamp_precision: microseconds"] * 2),
    ("TimeStampPrecision=NANOS", *["timestamp_precision: nanoseconds"] * 2),
    ("TimeStampPrecision=Second", *["timestamp_precision: seconds"] * 2),
    ("TimestampPrecision=5", "!expected 0, 3, 6 or 9 digits", "!expected 0, 3, 6 or 9 digits"),
    ("MillisecondsInTimeStamp=Y", *["timestamp_precision: milliseconds"] * 2),
    ("MillisecondsInTimeStamp=N", *["timestamp_precision: seconds"] * 2),
    ("MicrosecondsInTimeStamp=Y", *["timestamp_precision: microseconds"] * 2),
    ("ValidateUserDefinedFields=Y", *["user_defined_fields: reject"] * 2),
    ("ValidateUserDefinedFields=N", *["user_defined_fields: allow"] * 2),
    ("ValidateFieldsHaveValues=Y", "", ""),
    ("ValidateFieldsHaveValues=N", "!reports an empty field", "empty_values: allow"),
    ("FileStorePath=store", "path: store/fixgate", "path: store/fixgate"),
    ("FileStorePath=store/", "!QuickFIX's numbers are not taken over", "!not taken over"),
    ("Username=me", "!only together", "!only together"),
    ("LogonTag=553=me", "!only together", "!only together"),
    ("LogonTag1=1=hunter2", "!go into a Logon", "!go into a Logon"),
    ("DefaultApplVerID=9", "!only with BeginString=FIXT.1.1", "!only with BeginString=FIXT.1.1"),
    ("SocketConnectHost1=b", "!a check takes one address", None),
    ("SocketConnectPort1=5", "!a check takes one address", None),
    ("NonStopSession=Y", "", ""),
    ("UseLocalTime=Y", "!only together with StartTime", "!only together with StartTime"),
    ("CertificateVerifyLevel=0", "", ""),
    ("SSLServerName=x", "", ""),
    ("SomethingElse=1", "!not a key of QuickFIX", "!not a key of QuickFIX"),
    ("MySQLStoreDatabase=x", "!fixgate's store is a journal", "!fixgate's store is a journal"),
    ("JdbcURL=x", "!fixgate's store is a journal", "!fixgate's store is a journal"),
    ("AppDataDictionary.FIX.4.4=x", "!own dictionary", "!own dictionary"),
    ("ConnectionType=initiator", "", None),
]


def cases():
    return [
        pytest.param(line, outcome, text, id=f"{line} {name}")
        for line, session, client in DIRECT
        for outcome, text, name in ((session, INITIATOR, "session"), (client, ACCEPTOR, "venue"))
        if outcome is not None
    ]


@pytest.mark.parametrize(("line", "outcome", "text"), cases())
def test_one_key(tmp_path, line, outcome, text):
    plain, _ = convert(tmp_path, text)
    found, _ = convert(tmp_path, f"{text}{line}\n")
    added = [each for each in body(found.text) if each not in body(plain.text)]
    notes = [note for note in found.notes if note.line == text.count("\n") + 1]
    if outcome == "":
        assert (added, notes) == ([], [])
    elif outcome.startswith("!"):
        assert [note.key for note in notes] == [line.partition("=")[0]]
        assert outcome[1:] in notes[0].why
    else:
        assert outcome in added


REFUSED = [key for key in KEYS if not key.combined and key.why]


@pytest.mark.parametrize("key", REFUSED, ids=lambda key: key.names[0])
def test_every_key_that_cannot_be_honoured_is_told(tmp_path, key):
    refusing = ACCEPTOR if key.session else INITIATOR
    for name in key.names:
        found, _ = convert(tmp_path, f"{refusing}{name}=hunter2\n")
        assert [(note.line, note.key, note.why) for note in found.notes] == [(9, name, key.why)]
        for value in key.same:
            found, _ = convert(tmp_path, f"{refusing}{name}={value}\n")
            assert found.notes == ()


def test_keys_are_listed_once():
    names = [name.casefold() for key in KEYS for name in key.names]
    assert sorted({n for n in names if names.count(n) > 1}) == ["timestampprecision"]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (HOURS, ['start: "08:00:00"', 'end: "17:30:00"', "reset_numbers: each_period"]),
        (HOURS + "TimeZone=America/New_York|", ["time_zone: America/New_York"]),
        (HOURS + "Weekdays=Mon,tu,Friday|", ["weekdays: [monday, tuesday, friday]"]),
        (HOURS + "StartDay=su|EndDay=Fri|", ["start_day: sunday", "end_day: friday"]),
        (HOURS + "UseLocalTime=N|", ['start: "08:00:00"']),
        ("StartTime=8:00:00|EndTime=00:00:00.000|", ['start: "08:00:00"', 'end: "00:00:00"']),
        (
            "StartTime=08:00:00 US/Eastern|EndTime=09:00:00 US/Eastern|",
            ["time_zone: US/Eastern"],
        ),
    ],
)
@pytest.mark.parametrize("text", [INITIATOR, ACCEPTOR], ids=["session", "venue"])
def test_hours(tmp_path, text, lines, outcome):
    found, _ = convert(tmp_path, text + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "notes"),
    [
        ("StartTime=08:00:00|", {"StartTime": "only together"}),
        (HOURS + "UseLocalTime=Y|", {"UseLocalTime": "not known here", "StartTime": "left out"}),
        (HOURS + "TimeZone=Eastern Standard Time|", {"TimeZone": "expected a time zone"}),
        (HOURS + "StartDay=mon|", {"StartDay": "only together", "EndTime": "left out"}),
        (HOURS + "Weekdays=Mon,Someday|", {"Weekdays": "expected days"}),
        (HOURS + "StartDay=x|EndDay=mon|", {"StartDay": "expected days"}),
        ("StartTime=late|EndTime=09:00:00|", {"StartTime": "expected HH:MM:SS"}),
        ("StartTime=08:00:00 UTC|EndTime=09:00:00|", {"EndTime": "another time zone"}),
        (HOURS + "NonStopSession=Y|", {"StartTime": "never stops", "EndTime": "never stops"}),
        ("Weekdays=Mon|", {"Weekdays": "only together"}),
    ],
)
def test_hours_that_cannot_be_honoured_are_left_out_wholly(tmp_path, lines, notes):
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert "schedule" not in found.text
    assert "reset_numbers" not in found.text
    whys = {note.key: note.why for note in found.notes}
    assert [key for key, part in notes.items() if part not in whys.get(key, "")] == []


def test_not_both_kinds_of_days(tmp_path):
    lines = HOURS + "StartDay=su|EndDay=fri|Weekdays=mon|"
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert "start_day: sunday" in body(found.text)
    assert [note.key for note in found.notes] == ["Weekdays"]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (TLS, ["tls: true"]),
        ("SSLEnable=Y|", ["tls: true"]),
        ("CertificationAuthoritiesFile=ca.pem|", ["tls:", "ca: ca.pem"]),
        ("SocketCAFile=ca.pem|SocketServerName=n|", ["ca: ca.pem", "server_name: \"n\""]),
        (TLS + "SSLCACertificate=ca.pem|SSLServerName=name|", ["ca: ca.pem", "server_name: name"]),
        ("ClientCertificateFile=c.pem|ClientCertificateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        (TLS + "SSLValidateCertificates=N|", ["verify: false"]),
        (TLS + "SocketInsecureSkipVerify=Y|", ["verify: false"]),
        (TLS + "CertificateVerifyLevel=0|", ["verify: false"]),
    ],
)  # fmt: skip
def test_tls_of_an_initiator(tmp_path, lines, outcome):
    found, _ = convert(tmp_path, INITIATOR + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ("ServerCertificateFile=c.pem|ServerCertificateKeyFile=k.pem|",
         ["certificate: c.pem", "key: k.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|SocketCAFile=ca.pem|",
         ["certificate: c.pem", "client_ca: ca.pem"]),
        ("ServerCertificateFile=c.pem|ServerCertificateKeyFile=k.pem|CertificateVerifyLevel=2|"
         "CertificationAuthoritiesFile=ca.pem|", ["client_ca: ca.pem"]),
        ("SocketCertificateFile=c.pem|SocketPrivateKeyFile=k.pem|NeedClientAuth=N|"
         "SocketCAFile=ca.pem|", ["certificate: c.pem"]),
    ],
)  # fmt: skip
def test_tls_of_an_acceptor(tmp_path, lines, outcome):
    found, _ = convert(tmp_path, ACCEPTOR + lines.replace("|", "\n"))
    assert [each for each in outcome if each not in body(found.text)] == []
    assert found.notes == ()


def test_a_port_behind_tls_never_comes_up_without_it(tmp_path):
    lines = "SSLEnable=Y\nSSLCertificate=venue.pfx\nSSLRequireClientCertificate=Y\n"
    found, checked = convert(tmp_path, ACCEPTOR + lines + f"SSLCertificatePassword={SECRET}\n")
    assert isinstance(checked, VenueConfig)
    tls = checked.gateway.listen[0].tls
    assert tls is not None
    assert [p.name for p in (tls.certificate, tls.key, tls.client_ca) if p] == [
        "venue.pem",
        "venue.key",
        "clients.pem",
    ]
    assert [note.key for note in found.notes] == [
        "SSLCertificate",
        "SSLRequireClientCertificate",
        "SSLCertificatePassword",
    ]


def test_a_certificate_that_is_not_pem(tmp_path):
    lines = "SSLEnable=Y\nSSLCertificate=us.pfx\nSSLCACertificate=CN=Authority\n"
    found, _ = convert(tmp_path, INITIATOR + lines)
    assert "tls: true" in body(found.text)
    assert [note.key for note in found.notes] == ["SSLCertificate", "SSLCACertificate"]


def test_keys_of_tls_while_it_is_off(tmp_path):
    for text in (INITIATOR, ACCEPTOR):
        found, _ = convert(tmp_path, text + "SocketUseSSL=N\nSocketCAFile=ca.pem\n")
        assert "tls" not in found.text
        assert [(note.key, note.why) for note in found.notes] == [
            ("SocketCAFile", "only with TLS, which is off")
        ]


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
        "127.0.0.1:5001 has other TLS settings in an earlier session: those are used",
    ]


def test_lines_that_are_no_settings(tmp_path):
    text = "early=1\n# comment\n; comment\n\nnonsense\n[OTHER]\nx=1\n" + INITIATOR
    found, _ = convert(tmp_path, text)
    assert [(note.line, note.key) for note in found.notes] == [
        (1, "early"),
        (5, "line"),
        (6, "[OTHER]"),
        (7, "x"),
    ]


def test_hostile_values_stay_values(tmp_path):
    text = INITIATOR.replace("=VENUE", "=V: {x}, #\"'") + "SenderSubID=yes\nTargetSubID=0010\n"
    _, checked = convert(tmp_path, text)
    assert isinstance(checked, SessionsConfig)
    session = checked.plans[0].session
    assert session.id.theirs == "V: {x}, #\"'"
    assert session.sub_ids == ((50, b"yes"), (57, b"0010"))


def test_an_ipv6_address(tmp_path):
    _, checked = convert(tmp_path, INITIATOR.replace("fix.venue.example", "::1"))
    assert isinstance(checked, SessionsConfig)
    assert checked.plans[0].address.host == "::1"


def test_long_names_are_cut(tmp_path):
    text = INITIATOR.replace("=US", "=" + "U" * 64).replace("=VENUE", "=" + "V" * 64)
    _, checked = convert(tmp_path, text + "[SESSION]\nSenderCompID=A\nTargetCompID=B\n")
    assert isinstance(checked, SessionsConfig)
    assert [len(plan.name) for plan in checked.plans] == [90, 6]
    path = write(tmp_path, ACCEPTOR, f"{'x' * 200}.cfg")
    assert f"name: {'x' * 90}\n" in import_quickfix(path).text


def test_a_value_that_cannot_be_shown(tmp_path):
    found, _ = convert(tmp_path, INITIATOR + "FileStorePath=a\u00adb\n")
    assert [(note.key, note.why) for note in found.notes] == [
        ("FileStorePath", "holds what cannot be shown: passed over")
    ]


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
