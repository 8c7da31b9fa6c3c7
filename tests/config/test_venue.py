from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_network

import pytest

from fixgate.config.stages import StageModel
from fixgate.dice import Fixed, LogNormal, Uniform
from fixgate.faults.spec import DISTRIBUTIONS
from fixgate.net.binding import CertificateRule
from fixgate.net.networks import Networks
from fixgate.net.settings import (
    Address,
    EntrySettings,
    ListenSettings,
    ServerTls,
    StoreSettings,
)
from fixgate.session.dialect import QUICKFIX, STANDARD
from fixgate.session.routing import Routing
from fixgate.session.settings import Credentials, Role, SessionId
from fixgate.venue.model import Instrument, VenueMode, VenueSettings
from fixgate.venue.stages import (
    Partition,
    Pause,
    Reading,
    RequestStamp,
    StageSettings,
    VenueStages,
)
from tests.config.helpers import VENUE, gateway, mistakes, venue, write


def test_the_least_that_a_venue_is(tmp_path):
    found = gateway(tmp_path, VENUE)
    assert found.name == "some"
    assert found.listen == (ListenSettings(Address("127.0.0.1", 5001)),)
    assert found.accept_any
    assert found.comp_id is None
    assert found.sessions == ()
    assert found.store == StoreSettings()
    assert found.venue == VenueSettings()
    assert found.template.role is Role.ACCEPTOR
    assert found.template.dialect is STANDARD
    assert not found.template.observe
    assert not found.template.allow_user_defined
    assert found.first_logon_ns == 5_000_000_000
    assert found.busy_poll_ns == 50_000
    assert found.stages is None


def test_every_field(tmp_path):
    found = gateway(
        tmp_path,
        """
venue:
  name: all of it
  comp_id: V
  accept_any: false
  dialect: quickfix
  mode: match
  third_parties: {on_behalf_of: any, deliver_to: [BROKER]}
  listen:
    - {address: 127.0.0.1:0, allow: [10.1.0.0/16, '::1', '::ffff:192.0.2.7']}
    - {address: 127.0.0.1:5002, silent: true}
    - address: localhost:5003
      tls: {certificate: v.pem, key: v.key, client_ca: ca.pem, crl: r.pem, warn_days: 90}
  sessions:
    - {name: x, begin_string: FIX.4.2, theirs: A, username: u, password: "${env:PW}",
       empty_values: allow, our_sub_id: GATE, their_sub_id: DESK, our_location_id: FRA,
       their_location_id: LDN, third_parties: {on_behalf_of: [FUND], deliver_to: any}}
    - {begin_string: FIXT.1.1, application_version: FIX.5.0SP2, ours: W, theirs: B,
       reset_on_logon: true, allow: [10.1.2.3], duplicate_logon: replace_dead,
       certificate: {fingerprints:
                       [000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f],
                     pins: [sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=],
                     common_name: b, alt_name: b.example}}
  store: {path: kept}
  instruments:
    - ABC
    - {symbol: TICK, tick: 0.05, lot: 0.001, reference: 99.95}
  liquidity: {levels: 3, quantity: 7}
  cancel_on_disconnect: true
  first_logon: 500ms
  busy_poll: 0s
  sending_time_tolerance: 10s
  timestamp_precision: microseconds
  user_defined_fields: allow
  limits: {max_connections: 9, max_per_address: 5, max_unread_bytes: 64KiB, history: 10}
  stages:
    gateway: 5ms
    matching:
      delay: {lognormal: {median: 300us, p99: 5ms}}
      pause: {every: 10s, lasting: 80ms}
      max_rate: 20000
      partition: instrument
    reports: {delay: {uniform: {low: 0ms, high: 1ms}}}
    reply: {max_rate: 50000}
    reading: {stop_after: 100, lasting: 5s, receive_buffer: 4KiB}
    stamps: before_gateway
    seed: 7
""",
        PW="pw",
    )
    ms = 1_000_000
    assert found.stages == VenueStages(
        gateway=StageSettings(Fixed(5 * ms)),
        matching=StageSettings(LogNormal(300_000, 5 * ms), Pause(10_000 * ms, 80 * ms), 20_000),
        reports=StageSettings(Uniform(0, ms)),
        reply=StageSettings(max_rate=50_000),
        partition=Partition.INSTRUMENT,
        reading=Reading(100, 5000 * ms, 4096),
        stamps=RequestStamp.BEFORE_GATEWAY,
        seed=7,
    )
    assert found.name == "all of it"
    assert found.comp_id == "V"
    assert found.listen == (
        ListenSettings(
            Address("127.0.0.1", 0),
            allow=Networks((ip_network("10.1.0.0/16"), ip_network("::1"), ip_network("192.0.2.7"))),
        ),
        ListenSettings(Address("127.0.0.1", 5002), silent=True),
        ListenSettings(
            Address("localhost", 5003),
            ServerTls(
                tmp_path / "v.pem", tmp_path / "v.key", tmp_path / "ca.pem", tmp_path / "r.pem", 90
            ),
        ),
    )
    first, second = found.sessions
    assert (first.name, second.name) == ("x", "B FIXT.1.1")
    assert first.session.id == SessionId("FIX.4.2", "V", "A", "GATE", "FRA", "DESK", "LDN")
    assert first.session.routing == Routing((), frozenset({b"FUND"}), None)
    assert second.session.routing == Routing((), None, frozenset({b"BROKER"}))
    assert first.session.credentials == Credentials("u", "pw")
    assert first.session.default_appl_ver_id is None
    assert second.session.id == SessionId("FIXT.1.1", "W", "B")
    assert second.session.default_appl_ver_id == "9"
    assert second.session.reset_on_logon
    assert first.entry == EntrySettings()
    allow = Networks((ip_network("10.1.2.3"),))
    rule = CertificateRule(
        (":".join(f"{byte:02X}" for byte in range(32)),),
        ("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",),
        "b",
        "b.example",
    )
    assert second.entry == EntrySettings(allow=allow, replace_dead=True, certificate=rule)
    assert (first.session.allow_empty_values, second.session.allow_empty_values) == (True, False)
    for session in (first.session, second.session, found.template):
        assert session.role is Role.ACCEPTOR
        assert session.dialect is QUICKFIX
        assert session.sending_time_tolerance_ns == 10_000_000_000
        assert session.timestamp_digits == 6
        assert session.allow_user_defined
    assert found.store == StoreSettings(tmp_path / "kept")
    assert found.venue == VenueSettings(
        mode=VenueMode.MATCH,
        instruments=(
            Instrument("ABC"),
            Instrument("TICK", Decimal("0.05"), Decimal("0.001"), Decimal("99.95")),
        ),
        liquidity_levels=3,
        liquidity_quantity=7,
        cancel_on_disconnect=True,
        dialect_business_reject_version=True,
    )
    assert found.first_logon_ns == 500_000_000
    assert found.busy_poll_ns == 0
    assert (found.max_connections, found.max_per_address) == (9, 5)
    assert (found.max_write_buffer, found.history_limit) == (65536, 10)


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:7", "[127.0.0.1:7]", "{address: 127.0.0.1:7}", "[{address: 127.0.0.1:7}]"]
)
def test_ways_to_write_a_listener(tmp_path, listen):
    assert gateway(tmp_path, f"{VENUE}  listen: {listen}\n").listen == (
        ListenSettings(Address("127.0.0.1", 7)),
    )


def test_port_0_may_be_listened_on_twice(tmp_path):
    found = gateway(tmp_path, VENUE + "  listen: [127.0.0.1:0, 127.0.0.1:0]\n")
    assert len(found.listen) == 2


@pytest.mark.parametrize(
    ("listen", "warned"),
    [("0.0.0.0:1", True), ("venue.example:1", True), ("[::1]:1", False), ("localhost:1", False)],
)
def test_listening_to_the_world_without_tls_is_a_warning(tmp_path, listen, warned):
    found = venue(tmp_path, f'{VENUE}  listen: "{listen}"\n')
    messages = [w.message for w in found.warnings]
    expected = f"{listen} can be reached from other machines, without TLS"
    assert messages == ([expected] if warned else [])


@pytest.mark.parametrize(
    ("allow", "warned"),
    [("10.0.0.0/8", False), ("0.0.0.0/0", True), ("10.0.0.0/8, '::/0'", True)],
)
def test_an_allow_list_makes_up_for_tls_unless_it_lists_everyone(tmp_path, allow, warned):
    found = venue(tmp_path, f"{VENUE}  listen: [{{address: 0.0.0.0:1, allow: [{allow}]}}]\n")
    assert [w.hint for w in found.warnings] == (
        ["add allow or tls, or listen on 127.0.0.1"] if warned else []
    )


def test_an_echo_venue_needs_no_instruments(tmp_path):
    found = venue(tmp_path, VENUE + "  mode: echo\n  instruments: [ABC]\n")
    assert found.gateway.venue.mode is VenueMode.ECHO
    assert [w.message for w in found.warnings] == ["only a venue that matches trades: not used"]


def test_one_bad_key_does_not_hide_what_is_wrong_with_another(tmp_path):
    text = """venue:
  mode: mach
  comp_id: ""
  sessions:
    - {begin_string: FIX.4.4, theirs: A, ours: V}
    - {begin_string: FIX.4.4, theirs: A, ours: V}
    - {begin_string: FIX.4.4, theirs: B}
"""
    assert [m.split(":")[0] for m in mistakes(write(tmp_path, text))] == ["2", "3", "6"]


def test_a_bad_list_of_sessions_is_not_taken_for_none(tmp_path):
    (found,) = mistakes(write(tmp_path, "venue:\n  sessions: [{theirs: A, begin_string: x}]\n"))
    assert found.startswith("2:40: expected FIX.4.0")


def test_a_stage_is_delayed_by_any_distribution_of_the_catalogue():
    durations = {"by", "low", "high", "mean", "deviation", "median", "p99", "usual", "rare"}
    for name, spec in DISTRIBUTIONS.items():
        params = {p.name: "5ms" if p.name in durations else "0.5" for p in spec.params}
        assert StageModel.model_validate({"delay": {name: params}}).delay is not None


def test_stages_that_only_say_their_times_take_none(tmp_path):
    found = gateway(tmp_path, VENUE + "  stages: {stamps: behind_gateway}\n")
    assert found.stages == VenueStages(stamps=RequestStamp.BEHIND_GATEWAY)


def test_instruments_are_for_a_venue_that_matches(tmp_path):
    text = VENUE + "  mode: echo\n  stages: {matching: {delay: 1ms, partition: instrument}}\n"
    (warning,) = venue(tmp_path, text).warnings
    assert (
        str(warning).splitlines()[0].endswith("only a venue that matches has instruments: not used")
    )
