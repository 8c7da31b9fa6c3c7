from __future__ import annotations

import pytest

from fixgate.config.qf_keys import KEYS
from tests.config.qf import ACCEPTOR, INITIATOR, body, convert

# Key, what it becomes for an initiator, and for an acceptor: a line of the file; "" for what
# fixgate does anyway; and with a "!" a part of the note on stderr.
DIRECT = [
    ("SenderSubID=DESK", "sender_sub_id: DESK", "our_sub_id: DESK"),
    ("SenderLocationID=LDN", "sender_location_id: LDN", "our_location_id: LDN"),
    ("TargetSubID=EQ", "target_sub_id: EQ", "their_sub_id: EQ"),
    ("TargetLocationID=FRA", "target_location_id: FRA", "their_location_id: FRA"),
    ("SessionQualifier=AM", "!told apart by CompIDs", "!told apart by CompIDs"),
    ("Description=Bonds, AM", 'name: "Bonds, AM"', 'name: "Bonds, AM"'),
    ("HeartBtInt=20", 'heartbeat: "20s"', "!takes what the client asks for"),
    ("HeartBtInt=x", "!expected a whole number: passed over", "!takes what the client asks for"),
    ("HeartBtInt=100000", "!up to a day", "!takes what the client asks for"),
    ("HeartBtInt=${hb}", "!holds a variable", "!holds a variable"),
    ("HeartBtIntOverride=N", "", ""),
    ("HeartBtIntOverride=Y", "!of an acceptor", "!only together with HeartBtInt"),
    ("ResetOnLogon=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("resetonlogon=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("ResetOnLogon=N", "", ""),
    ("ResetOnLogon=perhaps", "!expected Y or N", "!expected Y or N"),
    ("ResetOnDisconnect=Y", "reset_on_logon: true", "reset_on_logon: true"),
    ("ResetOnDisconnect=N", "", ""),
    ("SendResetSeqNumFlag=Y", "!no engine looks at it", "!no engine looks at it"),
    ("ResendRequestChunkSize=500", "request_size: 500", "request_size: 500"),
    ("MaxMessagesInResendRequest=500", "request_size: 500", "request_size: 500"),
    ("ResendRequestChunkSize=0", "", ""),
    ("ResendRequestChunkSize=00", "", ""),
    ("ResendRequestChunkSize=9999999", "!at most 1000000", "!at most 1000000"),
    ("ClosedResendInterval=Y", "request_end: exact", "request_end: exact"),
    ("EnableNextExpectedMsgSeqNum=Y", "next_expected: true", "next_expected: true"),
    ("SendNextExpectedMsgSeqNum=Y", "next_expected: true", "next_expected: true"),
    ("EnableNextExpectedMsgSeqNum=N", "", ""),
    ("EnableLastMsgSeqNumProcessed=Y", "last_processed: true", "last_processed: true"),
    ("EnableLastMsgSeqNumProcessed=x", "!expected Y or N", "!expected Y or N"),
    ("FileStoreSync=Y", "!together with FileStorePath", "!together with FileStorePath"),
    ("DynamicSessions=Y", "!of an acceptor", "accept_any: true"),
    ("DynamicSessions=N", "", ""),
    ("LogonTag=464=Y", "test_session: test", "test_session: test"),
    ("LogonTag=464=N", "test_session: production", "test_session: production"),
    ("LogonTag=464=x", "!expected Y or N", "!expected Y or N"),
    ("SLF4JLogEventCategory=x", "!keeps no log of messages", "!keeps no log of messages"),
    ("JndiProviderURL=x", "!fixgate's store is a journal", "!fixgate's store is a journal"),
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
    (
        "AllowedRemoteAddresses=10.1.2.3, ::1",
        "!of an acceptor",
        'allow: ["10.1.2.3", "::1"]',
    ),
    ("AllowedRemoteAddresses=desk1", "!of an acceptor", "!names are not looked up: passed over"),
    ("SocketConnectHost1=b", "!a check takes one address", None),
    ("SocketConnectPort1=5", "!a check takes one address", None),
    ("NonStopSession=Y", "", ""),
    ("UseLocalTime=Y", "!only together with StartTime", "!only together with StartTime"),
    ("CertificateVerifyLevel=0", "!only with TLS", "!only with TLS"),
    ("SSLServerName=x", "!only with TLS", "!only with TLS"),
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


REFUSED = [key for key in KEYS if not key.combined and not (key.session or key.client)]


@pytest.mark.parametrize("key", REFUSED, ids=lambda key: key.names[0])
def test_every_key_that_cannot_be_honoured_is_told(tmp_path, key):
    for name in key.names:
        found, _ = convert(tmp_path, f"{INITIATOR}{name}=hunter2\n")
        assert [(note.line, note.key, note.why) for note in found.notes] == [(9, name, key.why)]
        for value in key.same:
            found, _ = convert(tmp_path, f"{INITIATOR}{name}={value}\n")
            assert found.notes == ()


def test_keys_are_listed_once():
    names = [name.casefold() for key in KEYS for name in key.names]
    assert sorted({n for n in names if names.count(n) > 1}) == ["timestampprecision"]
