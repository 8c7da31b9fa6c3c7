"""The shape of the two kinds of files. pydantic is used in this room only.

The descriptions are what an editor shows; docs/configuration.md says more.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from fixgate.config import fields as f
from fixgate.config.base import Strict as _Strict
from fixgate.config.hours import Hours, Reset, ResetModel, ScheduleModel
from fixgate.config.logon import ClientLogon, SessionLogon, StatusChoice
from fixgate.config.parties import ThirdPartiesModel
from fixgate.config.policies import SessionLayer, VenueLayer
from fixgate.config.stages import StagesModel
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.net.settings import Durability
from fixgate.session.dialect import STANDARD
from fixgate.session.status import StatusPolicy
from fixgate.venue.model import VenueMode

__all__ = [
    "CertificateModel",
    "ExpectModel",
    "FillsModel",
    "InstrumentModel",
    "LimitsModel",
    "LiquidityModel",
    "ListenModel",
    "ListenTlsModel",
    "OrdersModel",
    "PersistenceModel",
    "ResetModel",
    "ScheduleModel",
    "SessionModel",
    "SessionsFile",
    "StoreModel",
    "TlsModel",
    "VenueFile",
    "VenueModel",
    "VenueSessionModel",
]


def _memory_or_mapping(value: object) -> object:
    if value == "memory":
        return None
    if isinstance(value, str):
        raise f.trouble("expected 'memory' or a mapping", "write store: {path: FOLDER}")
    return value


def _flag_or_mapping(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise f.trouble("expected true, false or a mapping such as {ca: FILE}")
        return {} if value == "true" else None
    return value


def _listeners(value: object) -> object:
    items = value if isinstance(value, list) else [value]
    return [{"address": item} if isinstance(item, str) else item for item in items]


def _cuts(value: object) -> object:
    if value == "all":
        return [cut.value for cut in Cut]
    return value if isinstance(value, list) else [value]


def _instruments(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [{"symbol": item} if isinstance(item, str) else item for item in value]


class StoreModel(_Strict):
    """Where messages and sequence numbers are kept."""

    path: f.PathText = Field(description="Folder of the store; relative to this file.")
    durability: f.Durable = Field(
        default=Durability.OS,
        description="What a message survives once sent: os = kill -9 of fixgate; group (messages "
        "wait for the disk together) and each (the process waits) = a power cut, too.",
    )


Store = Annotated[
    StoreModel | None,
    BeforeValidator(_memory_or_mapping, json_schema_input_type=StoreModel | None),
]


Pins = Annotated[list[f.Pin], Field(min_length=1)] | None
Allow = Annotated[list[f.Network], Field(min_length=1)] | None


class ListenTlsModel(_Strict):
    """TLS of a listening port; at least TLS 1.2."""

    certificate: f.PathText = Field(description="PEM file of the venue's certificate chain.")
    key: f.PathText = Field(description="PEM file of its private key.")
    client_ca: f.PathText | None = Field(
        default=None,
        description="PEM file of authorities; clients must show a certificate from one.",
    )
    crl: f.PathText | None = Field(
        default=None, description="PEM file of the certificates that these have revoked."
    )
    warn_days: f.Count = Field(
        default=30, description="Warn of certificates that have so many days left; default 30."
    )


class ListenModel(_Strict):
    """One listening port."""

    address: f.Listening = Field(description="HOST:PORT; port 0 lets the system choose.")
    tls: ListenTlsModel | None = Field(default=None, description="Leave out for plain TCP.")
    silent: f.Bool = Field(
        default=False, description="Accept TCP and never say a word: a sick gateway, on purpose."
    )
    allow: Allow = Field(
        default=None, description="Addresses and networks that may connect; by default any."
    )


class CertificateModel(_Strict):
    """Which TLS certificate a client must show; all that is given must hold."""

    fingerprints: Annotated[list[f.Fingerprint], Field(min_length=1)] | None = Field(
        default=None, description="SHA-256 of the certificate: one of these, in hexadecimal."
    )
    pins: Pins = Field(
        default=None, description="SHA-256 of its public key: one of these, sha256/BASE64=."
    )
    common_name: f.Name | None = Field(
        default=None, description="The common name (CN) of its subject."
    )
    alt_name: f.Name | None = Field(
        default=None,
        description="One of its alternative names: host name, address, URI or mail address.",
    )


class VenueSessionModel(ClientLogon, VenueLayer):
    """One client that the venue knows."""

    name: f.Name | None = Field(
        default=None, description="Shown in messages; by default its identity."
    )
    begin_string: f.BeginString = Field(description="BeginString(8).")
    application_version: f.ApplVersion | None = Field(
        default=None, description="For FIXT.1.1: the version of its application messages."
    )
    ours: f.CompId | None = Field(
        default=None,
        description="The venue's CompID, the client's TargetCompID(56); default comp_id.",
    )
    theirs: f.CompId = Field(description="The client's CompID, its SenderCompID(49).")
    allow: Allow = Field(
        default=None,
        description="Addresses and networks that this client may log on from; by default any.",
    )
    certificate: CertificateModel | None = Field(
        default=None,
        description="The TLS certificate that it must show; by default any that the port takes.",
    )
    username: f.Name | None = Field(
        default=None, description="Username(553) that its Logon must carry."
    )
    password: f.Secret | None = Field(
        default=None,
        repr=False,
        description="Password(554), by reference: ${file:PATH}, ${env:NAME}.",
    )
    duplicate_logon: f.DuplicateLogon = Field(
        default=False,
        description="A Logon while this client is logged on: refuse it (the default), or "
        "replace_dead: take it in the place of a connection that does not answer a TestRequest.",
    )
    reset_on_logon: f.Bool = Field(default=False, description="Begin at 1 again at every Logon.")
    schedule: Hours = Field(
        default=None, description="When this client's session is open; by default the venue's."
    )
    reset_numbers: Reset = Field(
        default=None, description="When this client's numbers restart; by default the venue's."
    )
    timestamp_precision: f.Digits | None = Field(
        default=None, description="Of SendingTime(52) towards this client; by default the venue's."
    )
    empty_values: f.UserDefined = Field(
        default=False, description="Text fields without a value, such as '112=': reject or allow."
    )


class InstrumentModel(_Strict):
    """One tradable instrument; a plain text is its symbol."""

    symbol: f.Name = Field(description="Symbol(55).")
    tick: f.Price | None = Field(default=None, description="Smallest price step; default 0.01.")
    lot: f.Price | None = Field(default=None, description="Smallest quantity step; default 1.")
    reference: f.Price | None = Field(
        default=None, description="Price that the venue's own quotes are centred on; default 100."
    )


class LiquidityModel(_Strict):
    """The venue's own resting orders."""

    levels: f.Count = Field(default=5, description="Price levels on each side; 0 for none.")
    quantity: f.Positive = Field(default=1000, description="Lots at each level.")


class LimitsModel(_Strict):
    """What keeps a hostile or slow client from hurting the others."""

    max_connections: f.Positive = Field(
        default=2000, description="Connections at once, over all ports."
    )
    max_per_address: f.Positive = Field(
        default=1000,
        description="Connections at once from one address, or from one /64 of IPv6.",
    )
    max_unread_bytes: f.Size = Field(
        default=4 * 1024 * 1024, description="What a client may leave unread before it is cut off."
    )
    history: f.Positive = Field(
        default=1000, description="Records kept in memory for each session."
    )


class VenueModel(VenueLayer):
    """A simulated exchange."""

    name: f.Name | None = Field(
        default=None, description="Shown in messages; by default the file's name."
    )
    listen: Annotated[
        list[ListenModel],
        BeforeValidator(_listeners),
        Field(min_length=1, description="Ports: HOST:PORT, or a list of mappings."),
    ] = Field(default_factory=lambda: [ListenModel.model_validate({"address": "127.0.0.1:5001"})])
    comp_id: f.CompId | None = Field(
        default=None,
        description="The venue's own CompID; without it, clients that accept_any lets in "
        "may call the venue by any name.",
    )
    accept_any: f.Bool = Field(
        default=False, description="Let in any CompIDs and any version, not only those of sessions."
    )
    dialect: f.DialectName = Field(
        default=STANDARD, description="Whose habits to follow where the standard leaves room."
    )
    mode: f.Mode = Field(
        default=VenueMode.MATCH, description="Match orders, echo them, or be unavailable."
    )
    sessions: list[VenueSessionModel] = Field(default=[], description="Clients that are known.")
    session_status: StatusChoice = Field(
        default=StatusPolicy.NEVER,
        description="SessionStatus(1409) of Logons and Logouts: never (the default), standard "
        "(where the version has it) or always.",
    )
    third_parties: ThirdPartiesModel | None = Field(
        default=None, description="Whom clients may speak for, and to whom the venue delivers."
    )
    store: Store = Field(
        default=None, description="'memory' (the default), or where to keep messages."
    )
    schedule: Hours = Field(
        default=None, description="When sessions are open: 'always' (the default), or hours."
    )
    reset_numbers: Reset = Field(
        default=None,
        description="When both sequence numbers restart at 1: never (the default), each_period, "
        "or {at: TIME}.",
    )
    instruments: Annotated[
        list[InstrumentModel],
        BeforeValidator(_instruments),
        Field(min_length=1, description="What can be traded; by default ABC, XYZ and others."),
    ] = Field(default=[])
    liquidity: LiquidityModel = Field(
        default=LiquidityModel(), description="The venue's own resting orders."
    )
    cancel_on_disconnect: f.Bool = Field(
        default=False, description="Cancel a client's resting Day orders when its session ends."
    )
    first_logon: f.Duration = Field(
        default=5_000_000_000, description="How long a new connection may take to send its Logon."
    )
    sending_time_tolerance: f.Duration = Field(
        default=120_000_000_000,
        description="How far SendingTime(52) may be from the venue's clock.",
    )
    timestamp_precision: f.Digits | None = Field(
        default=None, description="Of SendingTime(52); by default the version's own."
    )
    user_defined_fields: f.UserDefined = Field(
        default=False, description="Tags from 5000 that no dictionary defines: reject or allow."
    )
    busy_poll: f.BusyPoll = Field(
        default=50_000,
        description="After an order: how long to poll for the next one before sleeping; 0s never.",
    )
    stages: StagesModel | None = Field(
        default=None, description="Where it takes its time, on purpose; by default nowhere."
    )
    limits: LimitsModel = Field(default=LimitsModel(), description="Bounds that protect the venue.")


class VenueFile(_Strict):
    """A venue file."""

    venue: VenueModel = Field(description="A simulated exchange.")


class TlsModel(_Strict):
    """TLS of a connection to a venue; at least TLS 1.2."""

    ca: f.PathText | None = Field(
        default=None, description="PEM file of the authorities to trust; by default the system's."
    )
    server_name: f.Name | None = Field(
        default=None, description="Name that the certificate must carry; by default the host."
    )
    certificate: f.PathText | None = Field(
        default=None,
        description="PEM file of our own certificate chain, where the venue demands one.",
    )
    key: f.PathText | None = Field(default=None, description="PEM file of its private key.")
    verify: f.Bool = Field(
        default=True, description="false: record what is wrong with the certificate and go on."
    )
    pins: Pins = Field(
        default=None,
        description="SHA-256 of public keys, sha256/BASE64=: the venue's chain must have one.",
    )
    crl: f.PathText | None = Field(
        default=None, description="PEM file of the certificates that its authority has revoked."
    )
    warn_days: f.Count = Field(
        default=30, description="Warn of certificates that have so many days left; default 30."
    )


class FillsModel(_Strict):
    """Prices at which a measurement of latency may trade, a buy and a sell in turns."""

    buy: f.Price = Field(description="Price(44) of the buy, at or above the best offer.")
    sell: f.Price = Field(description="Price(44) of the sell, at or below the best bid.")


class OrdersModel(_Strict):
    """The test order of level 'order': acknowledged, then cancelled."""

    allow: f.Bool = Field(default=False, description="Whether an order may be sent at all.")
    symbol: f.Name | None = Field(default=None, description="Symbol(55).")
    side: f.SideCode = Field(default="1", description="buy (the default) or sell.")
    quantity: f.Price = Field(default=Decimal(1), description="OrderQty(38); default 1.")
    price: f.Price | None = Field(
        default=None, description="Price(44), far from the market so that it can never trade."
    )
    account: f.Name | None = Field(default=None, description="Account(1).")
    fills: FillsModel | None = Field(
        default=None,
        description="Only for 'fixgate latency --fills': orders that trade, for real.",
    )


class PersistenceModel(_Strict):
    """Level 'persistence': the line is cut and taken up again; docs/persistence.md."""

    allow: f.Bool = Field(default=False, description="Whether the line may be cut at all.")
    cut: Annotated[
        list[f.CutName],
        BeforeValidator(_cuts, json_schema_input_type=f.CutName | list[f.CutName] | Literal["all"]),
        Field(min_length=1),
    ] = Field(
        default=list(PersistencePlan().cuts),
        description="How: logout, fin, rst, silence, a list of these, or all; by default logout, "
        "fin and rst.",
    )
    away: f.Duration = Field(
        default=2_000_000_000, description="How long to stay away after each cut; default 2s."
    )
    messages: f.RoundTrips = Field(
        default=3, description="TestRequest round trips before each cut; default 3."
    )
    order: f.Resting = Field(
        default=False,
        description="rest: orders rest at the venue while the line is down, and are cancelled "
        "afterwards; needs orders: {allow: true}. none (the default).",
    )
    cancel_on_disconnect: f.DisconnectHabit = Field(
        default=None,
        description="Whether the venue is to cancel orders when the line breaks: true, false or "
        "unknown (the default).",
    )
    silence: f.Duration | None = Field(
        default=None,
        description="How long a silent line is left open at most; by default 2.5 heartbeats.",
    )
    withhold: f.Count = Field(
        default=0,
        description="Messages of ours that are numbered and never sent, so that the venue has to "
        "ask for them; default 0.",
    )


class ExpectModel(_Strict):
    """What a rehearsal is meant to find."""

    status: f.ExpectedStatus = Field(description="How the check must end.")
    cause: f.Name | None = Field(
        default=None, description="Cause of its first failure, such as logon-refused."
    )


class SessionModel(SessionLogon, SessionLayer):
    """One session to check."""

    name: f.Name = Field(description="Shown on the board; unique in a run.")
    group: f.Name | None = Field(
        default=None, description="Heading on the board, such as the venue."
    )
    connect: f.Connect = Field(description="HOST:PORT of the venue.")
    begin_string: f.BeginString = Field(description="BeginString(8).")
    application_version: f.ApplVersion | None = Field(
        default=None, description="For FIXT.1.1: the version named by DefaultApplVerID(1137)."
    )
    ours: f.CompId = Field(description="Our CompID, SenderCompID(49) of what we send.")
    theirs: f.CompId = Field(description="The venue's CompID, TargetCompID(56) of what we send.")
    heartbeat: f.Heartbeat = Field(
        default=30, description="HeartBtInt(108); 30s unless said otherwise."
    )
    username: f.Name | None = Field(default=None, description="Username(553) of our Logon.")
    password: f.Secret | None = Field(
        default=None,
        repr=False,
        description="Password(554), by reference: ${file:PATH}, ${env:NAME}.",
    )
    reset_on_logon: f.Bool = Field(
        default=False,
        description="Send ResetSeqNumFlag(141)=Y. Never on a live session: it makes the venue "
        "forget what it has not been able to deliver.",
    )
    schedule: Hours = Field(
        default=None, description="When the session is open: 'always' (the default), or hours."
    )
    reset_numbers: Reset = Field(
        default=None,
        description="When both sides' sequence numbers restart at 1, by agreement: never (the "
        "default), each_period, or {at: TIME}.",
    )
    tls: Annotated[TlsModel | None, BeforeValidator(_flag_or_mapping)] = Field(
        default=None, description="true, or a mapping; leave out for plain TCP."
    )
    level: f.LevelName | None = Field(
        default=None,
        description="How deep to check: tcp, tls, logon, session (the default), order or "
        "persistence.",
    )
    deadline: f.Duration = Field(
        default=10_000_000_000, description="For the whole check; default 10s."
    )
    store: Store = Field(
        default=None,
        description="'memory', or where our sequence numbers are kept between checks; by default "
        "in fixgate's state folder.",
    )
    test_requests: f.Count = Field(default=3, description="TestRequest round trips; default 3.")
    orders: OrdersModel = Field(
        default=OrdersModel(), description="The test order, where orders are allowed."
    )
    persistence: PersistenceModel = Field(
        default=PersistenceModel(),
        description="Cutting the line and coming back, where that is allowed.",
    )
    sending_time_tolerance: f.Duration = Field(
        default=120_000_000_000,
        description="How far the venue's SendingTime(52) may be from our clock.",
    )
    timestamp_precision: f.Digits | None = Field(
        default=None, description="Of our SendingTime(52); by default the version's own."
    )
    dialect: f.DialectName = Field(
        default=STANDARD, description="Whose habits to follow where the standard leaves room."
    )
    user_defined_fields: f.UserDefined = Field(
        default=True,
        description="Tags from 5000 that no dictionary defines: allow (default) or reject.",
    )
    expect: ExpectModel | None = Field(
        default=None, description="For rehearsals: what the check is meant to find."
    )


class SessionsFile(_Strict):
    """A session file; ``defaults`` are merged under each session before it is read."""

    sessions: list[SessionModel] = Field(min_length=1, description="The sessions to check.")
