from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fixgate.health.model import Expectation, FillPrices, Level, OrderPlan, Status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.net.settings import Address, ClientTls, StoreSettings
from fixgate.session.dialect import QUICKFIX, STANDARD
from fixgate.session.routing import Routing
from fixgate.session.settings import Role, SessionId
from tests.config.helpers import SESSION, config, mistakes, plan, write


def test_the_least_that_a_session_is(tmp_path):
    found = plan(tmp_path, SESSION)
    assert found.name == "one"
    assert found.address == Address("127.0.0.1", 5001)
    assert found.session.id == SessionId("FIX.4.4", "A", "B")
    assert found.session.role is Role.INITIATOR
    assert found.session.observe
    assert not found.session.resend_application
    assert not found.session.reset_on_logon
    assert found.session.heartbeat_s == 30
    assert found.session.credentials is None
    assert found.session.dialect is STANDARD
    assert found.session.allow_user_defined
    assert found.level is Level.SESSION
    assert found.deadline_ns == 10_000_000_000
    assert found.tls is None
    assert found.order is None
    assert found.expectation is None
    assert found.group == ""
    assert found.source == f"{tmp_path}/some.yaml:2"


def test_every_field(tmp_path):
    found = plan(
        tmp_path,
        """
sessions:
  - name: all of it
    group: venue
    connect: "[::1]:9878"
    begin_string: FIXT.1.1
    application_version: FIX.5.0SP1
    ours: 0010
    theirs: no
    sender_sub_id: S
    sender_location_id: SL
    target_sub_id: T
    target_location_id: TL
    on_behalf_of_comp_id: OC
    on_behalf_of_sub_id: OS
    on_behalf_of_location_id: OL
    deliver_to_comp_id: DC
    deliver_to_sub_id: DS
    deliver_to_location_id: DL
    heartbeat: 2m
    username: me
    password: ${env:PW}
    reset_on_logon: true
    tls: {ca: ca.pem, server_name: venue.example, certificate: us.pem, key: us.key, warn_days: 7,
          crl: r.pem, pins: [sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=]}
    level: order
    deadline: 8s
    store: {path: kept, durability: os}
    test_requests: 5
    orders: {allow: true, symbol: ABC, side: sell, quantity: 2.5, price: 100.10, account: X}
    persistence: {allow: false, cut: all, away: 4s, messages: 2, order: rest,
                  cancel_on_disconnect: unknown, silence: 9s, withhold: 1}
    sending_time_tolerance: 500ms
    timestamp_precision: picoseconds
    dialect: quickfix
    user_defined_fields: reject
    expect: {status: fail, cause: tls-expired}
""",
        PW="pw",
    )
    session = found.session
    assert session.id == SessionId("FIXT.1.1", "0010", "no", "S", "SL", "T", "TL")
    assert session.default_appl_ver_id == "8"
    assert session.routing == Routing(
        (
            (115, b"OC"), (116, b"OS"), (128, b"DC"), (129, b"DS"), (144, b"OL"), (145, b"DL"),
        ),
        frozenset({b"DC"}),
        frozenset({b"OC"}),
    )  # fmt: skip
    assert session.heartbeat_s == 120
    assert session.credentials is not None
    assert (session.credentials.username, session.credentials.password) == ("me", "pw")
    assert session.reset_on_logon
    assert session.sending_time_tolerance_ns == 500_000_000
    assert session.timestamp_digits == 12
    assert session.dialect is QUICKFIX
    assert not session.allow_user_defined
    assert found.tls == ClientTls(
        ca=tmp_path / "ca.pem",
        server_name="venue.example",
        certificate=tmp_path / "us.pem",
        key=tmp_path / "us.key",
        crl=tmp_path / "r.pem",
        pins=("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",),
        warn_days=7,
    )
    assert found.address == Address("::1", 9878)
    assert found.group == "venue"
    assert found.level is Level.ORDER
    assert found.deadline_ns == 8_000_000_000
    assert found.store == StoreSettings(tmp_path / "kept")
    assert found.test_requests == 5
    assert found.order == OrderPlan("ABC", "2", Decimal("2.5"), Decimal("100.10"), "X")
    assert found.expectation == Expectation(Status.FAIL, "tls-expired")


def test_defaults_are_merged_mapping_by_mapping(tmp_path):
    found = config(
        tmp_path,
        """
defaults:
  connect: 127.0.0.1:5001
  begin_string: FIX.4.2
  theirs: V
  tls: {ca: ca.pem, server_name: a.example}
  orders: {symbol: ABC, price: 1}
sessions:
  - {name: one, ours: A}
  - {name: two, ours: B, begin_string: FIX.4.4, tls: {server_name: b.example},
     orders: {allow: true, fills: {buy: 2, sell: 0.5}}}
  - {name: three, ours: C, tls: false}
  - {name: four, ours: D, tls: true}
""",
    )
    one, two, three, four = found.plans
    assert one.tls == ClientTls(ca=tmp_path / "ca.pem", server_name="a.example")
    assert two.tls == ClientTls(ca=tmp_path / "ca.pem", server_name="b.example")
    assert three.tls is None
    assert four.tls == ClientTls()
    assert (one.session.id.begin_string, two.session.id.begin_string) == ("FIX.4.2", "FIX.4.4")
    assert one.order is None
    fills = FillPrices(Decimal(2), Decimal("0.5"))
    assert two.order == OrderPlan("ABC", "1", Decimal(1), Decimal(1), fills=fills)
    assert [p.source.rpartition(":")[2] for p in found.plans] == ["9", "10", "12", "13"]


def test_a_mistake_in_defaults_is_told_once_and_where_it_is(tmp_path):
    text = "defaults: {heartbeat: 30}\n" + SESSION + SESSION[9:].replace("one", "two")
    (found,) = mistakes(write(tmp_path, text))
    assert found.startswith("1:23: expected a duration")


def test_one_bad_session_does_not_hide_what_is_wrong_with_another(tmp_path):
    text = (
        SESSION + "    heartbeat: 30\n" + SESSION[9:].replace("one", "two") + "    level: order\n"
    )
    assert [m.split(":")[0] for m in mistakes(write(tmp_path, text))] == ["7", "14"]


@pytest.mark.parametrize(
    ("environ", "root"),
    [
        ({"XDG_STATE_HOME": "/state"}, "/state/fixgate"),
        ({"XDG_STATE_HOME": "not/absolute"}, "/users/me/.local/state/fixgate"),
        ({}, "/users/me/.local/state/fixgate"),
    ],
)
def test_numbers_are_kept_in_the_state_folder_by_default(tmp_path, environ, root):
    found = plan(tmp_path, SESSION, **environ)
    assert found.store.path == Path(root) / "sessions" / "127.0.0.1_5001"


def test_the_address_cannot_lead_out_of_the_state_folder(tmp_path):
    found = plan(tmp_path, SESSION.replace("127.0.0.1:5001", '"[fe80::1%eth0]:5001"'))
    assert found.store.path is not None
    assert found.store.path.name == "fe80__1_eth0_5001"


def test_a_store_in_memory_or_by_an_absolute_path(tmp_path):
    assert plan(tmp_path, SESSION + "    store: memory\n").store == StoreSettings()
    found = plan(tmp_path, SESSION + "    store: {path: /var/lib/fixgate}\n")
    assert found.store.path == Path("/var/lib/fixgate")


def test_warnings(tmp_path):
    text = SESSION.replace("127.0.0.1", "venue.example")
    text += "    username: me\n    password: ${env:PW}\n"
    (warning,) = config(tmp_path, text, PW="x").warnings
    assert (warning.line, warning.message) == (3, "the password goes out without TLS")
    found = config(tmp_path, SESSION + "    tls: {ca: none.pem, verify: false}\n")
    assert [w.message for w in found.warnings] == [
        "the venue's certificate is not verified",
        f"there is no file '{tmp_path}/none.pem' yet",
    ]
    pin = "sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    pinned = config(tmp_path, SESSION + f"    tls: {{verify: false, pins: [{pin}]}}\n")
    assert pinned.warnings == ()


PERSISTENT = """
sessions:
  - {name: a, connect: "127.0.0.1:1", begin_string: FIX.4.4, ours: A, theirs: B,
     orders: {allow: true, symbol: ABC, price: 5}, persistence: %s}
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{allow: true}", PersistencePlan()),
        ("{allow: true, cut: all}", PersistencePlan(cuts=tuple(Cut))),
        ("{allow: true, cut: silence, silence: 9s}",
         PersistencePlan(cuts=(Cut.SILENCE,), silence_ns=9_000_000_000)),
        ("{allow: true, cut: [rst, logout], away: 500ms, messages: 7, withhold: 2}",
         PersistencePlan(cuts=(Cut.RST, Cut.LOGOUT), away_ns=500_000_000, messages=7, withhold=2)),
        ("{allow: true, order: rest, cancel_on_disconnect: false}",
         PersistencePlan(orders=True, cancel_on_disconnect=False)),
        ("{allow: true, order: rest, cancel_on_disconnect: true}",
         PersistencePlan(orders=True, cancel_on_disconnect=True)),
        ("{allow: false, cut: all}", None),
        ("{}", None),
    ],
)  # fmt: skip
def test_persistence(tmp_path, written, expected):
    assert plan(tmp_path, PERSISTENT % written).persistence == expected
