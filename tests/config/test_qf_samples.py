"""Files as desks have them, of every engine: what comes of them means the same.

The expectations are what each engine does with the file, by its own documentation and source.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fixgate.cli import main
from fixgate.config import SessionsConfig, VenueConfig, import_quickfix, load
from fixgate.net.settings import Durability
from fixgate.session.policies import HeartbeatAnswer, HeartbeatPolicy, RequestEnd
from fixgate.session.settings import SessionId

SAMPLES = Path(__file__).parent.parent / "data" / "quickfix"
ENVIRON = {"HOME": "/u", "FIX_PASSWORD_DESK_VENUE": "secret"}


def loaded(tmp_path, name):
    found = import_quickfix(SAMPLES / f"{name}.cfg")
    path = tmp_path / f"{name}.yaml"
    path.write_text(found.text)
    for file in ("venue.pem", "venue.key", "clients.pem"):
        (tmp_path / file).touch(mode=0o600)
    told = {note.key: note.line for note in found.notes}
    return load(path, environ=ENVIRON), told


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.stem)
def test_every_sample_passes_config_check(tmp_path, path):
    made = str(tmp_path / "made.yaml")
    runner = CliRunner()
    imported = runner.invoke(main, ["config", "import", str(path), "-o", made])
    assert imported.exit_code == 0
    assert "hunter2" not in imported.output + Path(made).read_text()
    checked = runner.invoke(main, ["config", "check", made, "--no-secrets"])
    assert checked.exit_code == 0, checked.output


def test_cpp_initiators(tmp_path):
    config, told = loaded(tmp_path, "cpp-buyside")
    assert isinstance(config, SessionsConfig)
    orders, copy = config.plans
    assert (str(orders.address), str(copy.address)) == (
        "fix.broker.example:9823", "fix.broker.example:9824",
    )  # fmt: skip
    assert orders.session.id == SessionId("FIX.4.4", "DESK", "BROKER")
    assert copy.session.id == SessionId("FIX.4.2", "DESK-DC", "BROKER")
    assert (orders.session.heartbeat_s, copy.session.heartbeat_s) == (30, 60)
    assert (orders.session.reset_on_logon, copy.session.reset_on_logon) == (False, True)
    assert orders.session.sending_time_tolerance_ns == 60_000_000_000
    assert orders.session.timestamp_digits == 6
    assert orders.session.allow_user_defined
    assert orders.session.schedule is not None
    assert orders.session.schedule == orders.session.reset_schedule
    assert orders.store.durability is Durability.OS
    assert orders.store.path == tmp_path / "store" / "fixgate"
    assert told == {
        "ReconnectInterval": 4, "FileStorePath": 5, "FileLogPath": 6, "DataDictionary": 12,
        "HttpAcceptPort": 13, "SocketConnectHost1": 30, "SocketConnectPort1": 31,
        "SendNextExpectedMsgSeqNum": 41,
    }  # fmt: skip


def test_j_acceptors(tmp_path):
    config, told = loaded(tmp_path, "j-venue")
    assert isinstance(config, VenueConfig)
    gateway = config.gateway
    assert [str(each.address) for each in gateway.listen] == ["127.0.0.1:9880"]
    assert gateway.store.durability is Durability.GROUP
    sessions = [each.session for each in gateway.sessions]
    assert [each.id for each in sessions] == [
        SessionId("FIX.4.4", "EXCH", "FUND", their_sub_id="EQ"),
        SessionId("FIX.4.4", "EXCH", "FUND", their_sub_id="FI"),
        SessionId("FIX.4.4", "EXCH", "BANK"),
    ]
    assert {str(each.entry.allow) for each in gateway.sessions} == {"10.1.2.3, 10.1.2.4"}
    names = [each.name for each in gateway.sessions]
    assert names[:2] == ["Fund, equities", "Fund, fixed income"]
    for each in sessions:
        assert each.resends.request_size == 2500
        assert each.resends.request_end is RequestEnd.EXACT
        assert (each.numbering.next_expected, each.numbering.last_processed) == (True, True)
        assert each.allow_empty_values
        assert each.schedule is None
    assert [each.timestamp_digits for each in sessions] == [6, 3, 6]
    assert [each.reset_on_logon for each in sessions] == [False, False, True]
    assert told == {"FileStorePath": 7, "FileLogPath": 9, "FileLogHeartbeats": 10}


def test_j_initiator_with_a_logon_of_its_own(tmp_path):
    config, told = loaded(tmp_path, "j-logon")
    assert isinstance(config, SessionsConfig)
    (plan,) = config.plans
    session = plan.session
    assert session.id == SessionId("FIXT.1.1", "DESK", "VENUE", "ALGO1", "LDN")
    assert session.default_appl_ver_id == "9"
    assert session.credentials is not None
    assert (session.credentials.username, session.credentials.password) == ("desk", "secret")
    assert session.logon.test_session is True
    assert session.sending_time_tolerance_ns == 5_000_000_000
    assert session.heartbeat_s == 15
    assert plan.store.durability is Durability.GROUP
    assert plan.tls is not None
    assert (plan.tls.server_name, plan.tls.verify) == ("fix.venue.example", True)
    assert told == {
        "SocketKeyStore": 9, "SocketKeyStorePassword": 10, "FileStorePath": 14, "LogonTag1": 27,
    }  # fmt: skip


def test_n_initiator(tmp_path):
    config, told = loaded(tmp_path, "n-client")
    assert isinstance(config, SessionsConfig)
    (plan,) = config.plans
    session = plan.session
    assert session.id == SessionId("FIX.4.4", "CLIENT1", "EXECUTOR")
    assert session.reset_on_logon
    assert session.resends.request_size == 1000
    assert session.resends.request_end is RequestEnd.VERSION
    assert session.timestamp_digits == 0
    assert plan.tls is not None
    assert (plan.tls.server_name, plan.tls.verify) == ("venue.example", True)
    assert told == {
        "ReconnectInterval": 4, "FileStorePath": 5, "FileLogPath": 6, "DataDictionary": 10,
        "LogoutTimeout": 13, "SSLProtocols": 21,
    }  # fmt: skip


def test_go_acceptors_with_heartbeats_of_their_own(tmp_path):
    config, told = loaded(tmp_path, "go-acceptor")
    assert isinstance(config, VenueConfig)
    gateway = config.gateway
    assert gateway.accept_any
    (listen,) = gateway.listen
    assert str(listen.address) == "0.0.0.0:5001"
    assert listen.tls is not None
    assert listen.tls.client_ca == tmp_path / "clients.pem"
    old, new = (each.session for each in gateway.sessions)
    assert old.id == SessionId("FIX.4.2", "ISLD", "TW", "GW1")
    assert new.id == SessionId("FIXT.1.1", "ISLD", "TW", "GW1")
    for each in (old, new):
        assert each.heartbeats == HeartbeatPolicy(45, 45, False, HeartbeatAnswer.IMPOSE, 45)
        assert each.schedule is not None
    assert (old.resends.request_size, new.resends.request_size) == (None, 100)
    assert (old.numbering.next_expected, new.numbering.next_expected) == (False, True)
    assert told == {
        "FileLogPath": 7, "FileStorePath": 8, "TransportDataDictionary": 26,
        "AppDataDictionary": 27, "ResetSeqTime": 30,
    }  # fmt: skip


def test_go_acceptor_that_lists_nobody(tmp_path):
    config, told = loaded(tmp_path, "go-anybody")
    assert isinstance(config, VenueConfig)
    gateway = config.gateway
    assert (gateway.accept_any, gateway.sessions) == (True, ())
    assert gateway.template.numbering.last_processed
    assert gateway.template.sending_time_tolerance_ns == 30_000_000_000
    assert not gateway.template.reset_on_logon
    assert str(gateway.listen[0].allow) == "10.1.0.0/16"
    assert told == {"[DEFAULT]": 1, "FileStorePath": 9}
