"""What becomes of each key of a QuickFIX settings file: a table.

The keys are those of QuickFIX C++ and Python, QuickFIX/J, QuickFIX/n and QuickFIX/Go, by the
sources of those engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fixgate.config import units
from fixgate.dictionary.version import FixVersion

__all__ = ["KEYS", "Key", "Scalar", "find_key", "yes"]

Scalar: TypeAlias = "str | bool | int | list[str]"


@dataclass(frozen=True, slots=True)
class Key:
    """One key, or several of which the same is to be said.

    Attributes:
        names: As the engines write them.
        session: The key of a session file that it becomes, for an initiator; one in a mapping
            has a dot.
        client: The key of a client in a venue file, for an acceptor, likewise.
        venue: The key of the venue itself, for an acceptor.
        since: The version that brought the field that it is about.
        read: Turns the value into that of the file; raises ``ValueError`` with what it expected.
        same: Values, in upper case, that ask for what fixgate does anyway.
        why: Why it cannot be honoured where none of the above applies.
        combined: Read together with others, by `fixgate.config.qf_import`.
    """

    names: tuple[str, ...]
    session: str = ""
    client: str = ""
    venue: str = ""
    since: FixVersion = FixVersion.FIX40
    read: Callable[[str], Scalar] = str
    same: tuple[str, ...] = ()
    why: str = ""
    combined: bool = False


def yes(text: str) -> bool:
    """Return the truth of ``Y`` and ``N``.

    Raises:
        ValueError: It is neither.
    """
    found = {"Y": True, "YES": True, "TRUE": True, "N": False, "NO": False, "FALSE": False}
    if text.upper() not in found:
        raise ValueError("expected Y or N")
    return found[text.upper()]


def _chunk(text: str) -> int:
    if (count := units.parse_count(text)) > 1_000_000:
        raise ValueError("expected at most 1000000")
    return count


def _addresses(text: str) -> list[str]:
    found = [each.strip() for each in text.split(",")]
    for each in found:
        units.parse_network(each)
    return found


def _allowed(text: str) -> str:
    return "reject" if yes(text) else "allow"


def _request_end(text: str) -> str:
    return "exact" if yes(text) else "open"


def _place(name: str, session: str, client: str) -> Key:
    since = FixVersion.FIX41 if "Location" in name else FixVersion.FIX40
    return Key((name,), session, client, since=since, read=units.parse_comp_id)


def _both(
    *names: str,
    to: str,
    read: Callable[[str], Scalar],
    same: str,
    since: FixVersion = FixVersion.FIX40,
) -> Key:
    return Key(names, to, to, since=since, read=read, same=(same,))


def _key(*names: str, why: str) -> Key:
    return Key(names, why=why)


def _combined(*names: str) -> Key:
    return Key(names, combined=True)


def _same(*names: str, values: str, why: str) -> Key:
    return Key(names, same=tuple(values.split()), why=why)


_LOG = "fixgate keeps no log of messages: its store has them ('fixgate store export')"
_OTHER_STORE = "fixgate's store is a journal in a folder, see 'store'"
_SOCKET = "the system's own choice is used"
_TLS_POLICY = "TLS 1.2 and above with the system's ciphers is used"
_PROXY = "fixgate connects directly"
_JAVA_KEYS = "a Java key store cannot be read: PEM files are needed"
_TUNING = "has no meaning here"
_DICTIONARY = "messages are held against fixgate's own dictionary of the version"
_RESEND = "ResendRequests follow the standard"
_GAP = "sequence numbers are always checked"

KEYS: tuple[Key, ...] = (
    # Who.
    _combined("ConnectionType", "BeginString", "SenderCompID", "TargetCompID"),
    _key("SessionQualifier", why="sessions are told apart by CompIDs, sub-ids and address"),
    _combined("DefaultApplVerID"),
    _place("SenderSubID", session="sender_sub_id", client="our_sub_id"),
    _place("SenderLocationID", session="sender_location_id", client="our_location_id"),
    _place("TargetSubID", session="target_sub_id", client="their_sub_id"),
    _place("TargetLocationID", session="target_location_id", client="their_location_id"),
    _combined("Username", "Password", "LogonTag", "Description"),
    # Where.
    _combined("SocketConnectHost", "SocketConnectPort"),
    _combined("SocketAcceptHost", "SocketAcceptAddress", "SocketAcceptPort"),
    _same("SocketConnectProtocol", "SocketAcceptProtocol", values="TCP SOCKET", why="TCP only"),
    _same("SocketNodelay", "SocketTcpNoDelay", values="Y", why="it is always set"),
    _same("SocketReuseAddress", values="Y", why="it is always set"),
    _same("SocketKeepAlive", "SocketOobInline", values="N", why=_SOCKET),
    _key(
        "SocketSendBufferSize",
        "SocketReceiveBufferSize",
        "SendBufferSize",
        "ReceiveBufferSize",
        "SocketLinger",
        "SocketTrafficClass",
        "SocketSendTimeout",
        "SocketReceiveTimeout",
        "SocketSynchronousWrites",
        "SocketSynchronousWriteTimeout",
        why=_SOCKET,
    ),
    _key(
        "SocketConnectSourceHost",
        "SocketConnectSourcePort",
        "SocketLocalHost",
        "SocketLocalPort",
        why="the system chooses the local address",
    ),
    _key("SocketConnectTimeout", "SocketTimeout", why="'deadline' holds for the whole check"),
    _key(
        "HostSelectionPolicy",
        "HostSelectionPolicyPriorityStartOverInterval",
        why="one address is checked",
    ),
    _key(
        "ProxyType",
        "ProxyVersion",
        "ProxyHost",
        "ProxyPort",
        "ProxyUser",
        "ProxyPassword",
        "ProxyDomain",
        "ProxyWorkstation",
        "UseTCPProxy",
        why=_PROXY,
    ),
    _same("SocketIgnoreProxy", values="Y", why=_PROXY),
    _key("ReverseDNSEnabled", "HttpAcceptPort", why=_TUNING),
    Key(("AllowedRemoteAddresses",), client="allow", read=_addresses, why="of an acceptor"),
    _combined("DynamicSessions"),
    _same(
        "DynamicSession",
        "AcceptorTemplate",
        "DynamicQualifier",
        values="N",
        why="list each client, or let in any with 'accept_any: true'",
    ),
    # When.
    _combined("StartTime", "EndTime", "StartDay", "EndDay", "Weekdays"),
    _combined("TimeZone", "UseLocalTime", "NonStopSession"),
    _key(
        "LogonTime",
        "LogoutTime",
        "LogonDay",
        "LogoutDay",
        why="a session is open for the whole of its schedule",
    ),
    # How.
    _combined("HeartBtInt", "HeartBtIntOverride"),
    _combined("ResetOnLogon", "ResetOnDisconnect"),
    _key(
        "SendResetSeqNumFlag",
        "ResetSeqNumFlag",
        why="no engine looks at it: write reset_on_logon: true where numbers restart at each Logon",
    ),
    _same(
        "ResetOnLogout",
        "ResetOnError",
        values="N",
        why="numbers restart at a Logon (reset_on_logon) or at a time (reset_numbers)",
    ),
    _key(
        "ResetSeqTime",
        why="numbers restart without a Logon in session: write reset_numbers: {at: TIME} where "
        "both sides do so",
    ),
    _same("RefreshOnLogon", values="N", why="a store has one user at a time"),
    _same("DisconnectOnError", values="N", why="errors are reported"),
    _combined("CheckLatency"),
    _combined("MaxLatency"),
    _combined("TimestampPrecision", "TimeStampPrecision"),
    _combined("MillisecondsInTimeStamp"),
    _combined("MicrosecondsInTimeStamp"),
    _same("CheckCompID", values="Y", why="CompIDs are always checked"),
    _key("ReconnectInterval", why="a check connects once"),
    _key("LogonTimeout", "LogoutTimeout", why="'deadline' and 'first_logon' bound the waiting"),
    _key(
        "TestRequestDelayMultiplier",
        "HeartBeatTimeoutMultiplier",
        why="1.2 and 2.4 times HeartBtInt(108) are used",
    ),
    _same("DisableHeartBeatCheck", values="N", why="heartbeats are always watched"),
    _same("ValidateSequenceNumbers", values="Y", why=_GAP),
    _same("SendRedundantResendRequests", values="N", why=_RESEND),
    _both("ClosedResendInterval", to="resends.request_end", read=_request_end, same="N"),
    _both(
        "ResendRequestChunkSize",
        "MaxMessagesInResendRequest",
        to="resends.request_size",
        read=_chunk,
        same="0",
    ),
    _same("IgnorePossDupResendRequests", "ForceResendWhenCorruptedStore", values="N", why=_RESEND),
    _same("RequiresOrigSendingTime", values="Y", why="OrigSendingTime(122) is always required"),
    _same("AllowPosDup", "AllowPossDup", values="N", why="nothing is sent with PossDupFlag(43)"),
    _same("ResendSessionLevelRejects", "CmeEnhancedResend", values="N", why=_RESEND),
    _both(
        "EnableLastMsgSeqNumProcessed",
        to="numbering.last_processed",
        read=yes,
        same="N",
        since=FixVersion.FIX42,
    ),
    _both(
        "EnableNextExpectedMsgSeqNum",
        "SendNextExpectedMsgSeqNum",
        to="numbering.next_expected",
        read=yes,
        same="N",
        since=FixVersion.FIX44,
    ),
    _same(
        "SendLogoutBeforeDisconnectFromTimeout",
        values="N",
        why="a dead connection is closed without a Logout",
    ),
    # Against which dictionary.
    _same("UseDataDictionary", values="Y", why=_DICTIONARY),
    _key("DataDictionary", "TransportDataDictionary", "AppDataDictionary", why=_DICTIONARY),
    Key(
        ("ValidateUserDefinedFields",),
        session="user_defined_fields",
        venue="user_defined_fields",
        read=_allowed,
    ),
    Key(
        ("ValidateFieldsHaveValues",),
        client="empty_values",
        read=_allowed,
        same=("Y",),
        why="a check reports an empty field and goes on",
    ),
    _same(
        "ValidateFieldsOutOfOrder",
        "ValidateUnorderedGroupFields",
        values="Y",
        why="the order of fields is always checked",
    ),
    _same(
        "ValidateIncomingMessage",
        "RejectInvalidMessage",
        values="Y",
        why="messages are always checked",
    ),
    _same("ValidateOutgoingMessage", values="N", why="our own messages are made to be valid"),
    _same("AllowUnknownMsgFields", values="N", why="unknown tags below 5000 are rejected"),
    _same("AllowUnknownEnumValues", values="N", why="values that are not defined are rejected"),
    _same("FirstFieldInGroupIsDelimiter", values="N", why=_DICTIONARY),
    _same(
        "ValidateLengthAndChecksum",
        "ValidateChecksum",
        values="Y",
        why="BodyLength(9) and CheckSum(10) are always checked",
    ),
    _same("RejectGarbledMessage", values="N", why="garbled messages are ignored"),
    _same(
        "RejectMessageOnUnhandledException",
        "InChanCapacity",
        "MaxScheduledWriteRequests",
        "PreserveMessageFieldsOrder",
        "ContinueInitializationOnError",
        values="N",
        why=_TUNING,
    ),
    # What is kept.
    _combined("FileStorePath"),
    _same("PersistMessages", values="Y", why="messages are always kept, where numbers are"),
    _combined("FileStoreSync"),
    _key("FileStoreMaxCachedMsgs", why=_TUNING),
    _key("FileLogPath", "FileLogBackupPath", "DebugFileLogPath", "DebugLogFilePath", why=_LOG),
    _key("FileIncludeMilliseconds", "FileIncludeTimeStampForMessages", why=_LOG),
    _key("FileLogHeartbeats", "LogMessageWhenSessionNotFound", why=_LOG),
    _key("ScreenLogShowIncoming", "ScreenLogShowOutgoing", "ScreenLogShowEvents", why=_LOG),
    _key("ScreenLogShowHeartBeats", "ScreenIncludeMilliseconds", why=_LOG),
    _key("RedactFieldsInLogs", "RedactionLogText", why="secrets are masked in all that is shown"),
    _key("Encoding", why="texts are kept as the bytes that came"),
    # TLS.
    _combined("SocketUseSSL", "SSLEnable"),
    _combined("CertificationAuthoritiesFile", "SocketCAFile", "SSLCACertificate"),
    _combined("ClientCertificateFile", "ServerCertificateFile", "SocketCertificateFile"),
    _combined("ClientCertificateKeyFile", "ServerCertificateKeyFile", "SocketPrivateKeyFile"),
    _combined("SSLCertificate"),
    _combined("SSLServerName", "SocketServerName", "SNIHostName"),
    _combined("SSLValidateCertificates"),
    _combined("SocketInsecureSkipVerify"),
    _combined("CertificateVerifyLevel"),
    _combined("NeedClientAuth", "SSLRequireClientCertificate"),
    _key("SocketKeyStore", "SocketTrustStore", why=_JAVA_KEYS),
    _key(
        "SocketKeyStorePassword",
        "SocketTrustStorePassword",
        "SSLCertificatePassword",
        why="never copied; PEM files are needed, their key without a password",
    ),
    _key(
        "KeyStoreType",
        "TrustStoreType",
        "KeyManagerFactoryAlgorithm",
        "TrustManagerFactoryAlgorithm",
        why=_JAVA_KEYS,
    ),
    _key(
        "SocketCABytes",
        "SocketCertificateBytes",
        "SocketPrivateKeyBytes",
        why="never copied: put it into a PEM file",
    ),
    _same("SocketMinimumTLSVersion", values="TLS12", why=_TLS_POLICY),
    _key(
        "SSLProtocol",
        "SSLProtocols",
        "EnabledProtocols",
        "SSLCipherSuite",
        "SSLCiphers",
        "CipherSuites",
        "TLSCipherSuites",
        why=_TLS_POLICY,
    ),
    _same("UseSNI", values="Y", why="SNI is always sent"),
    _same("EndpointIdentificationAlgorithm", values="HTTPS", why="the name is always checked"),
    _same("SSLCheckCertificateRevocation", values="N", why="revocation lists are not looked up"),
    _key(
        "CertificationAuthoritiesDirectory",
        why="one PEM file is needed, see 'ca' and 'client_ca'",
    ),
    _combined("CertificateRevocationListFile"),
    _key("CertificateRevocationListDirectory", why="give the lists in one file, as tls.crl"),
)

_BY_NAME = {name.casefold(): key for key in KEYS for name in key.names}
_NUMBERED = re.compile(r"(socketconnecthost|socketconnectport|logontag)\d+")
_DATABASE = re.compile(r"(mysql|postgresql|odbc|jdbc|jndi|mongo|sql|mssql|sleepycat)(store|log|\w)")
_LOGGER = re.compile(r"slf4jlog\w+")
_UNKNOWN = Key((), why="not a key of QuickFIX that is known here")
_ELSEWHERE = Key((), why=_OTHER_STORE)
_LOGGED = Key((), why=_LOG)


def find_key(name: str) -> Key:
    """Return what becomes of a key, numbered ones and those of databases included."""
    folded = name.casefold()
    if found := _NUMBERED.fullmatch(folded):
        folded = found[1]
    folded = folded.partition(".")[0] if folded.startswith("appdatadictionary.") else folded
    if folded in _BY_NAME:
        return _BY_NAME[folded]
    if _LOGGER.fullmatch(folded):
        return _LOGGED
    return _ELSEWHERE if _DATABASE.match(folded) else _UNKNOWN
