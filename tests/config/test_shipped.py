from __future__ import annotations

from pathlib import Path

import pytest

from fixgate.config import SessionsConfig, load, shipped_files, shipped_text, summary
from fixgate.config.models import ExpectModel, OrdersModel, SessionModel, TlsModel
from fixgate.config.policies import GarbledModel, ResendsModel, SessionNumberingModel
from fixgate.net.settings import Address
from fixgate.session.dialect import QUICKFIX
from fixgate.venue.model import VenueMode

SESSIONS = Path(__file__).parents[2] / "sessions"


def test_what_ships():
    assert shipped_files() == (
        "conformance.yaml",
        "fleet.yaml",
        "persistence.yaml",
        "session-explained.yaml",
        "venue-local.yaml",
        "venue-slow.yaml",
        "venue-tls.yaml",
    )
    assert shipped_text("fleet") == (SESSIONS / "fleet.yaml").read_text(encoding="utf-8")
    with pytest.raises(KeyError):
        shipped_text("../pyproject")


def test_in_a_wheel_they_are_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "_shipped" / "sessions").mkdir(parents=True)
    (tmp_path / "_shipped" / "sessions" / "only.yaml").write_text("text", encoding="utf-8")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    assert shipped_files() == ("only.yaml",)
    assert shipped_text("only") == "text"


@pytest.mark.parametrize("name", shipped_files())
def test_every_file_loads_and_says_what_it_is(name):
    load(SESSIONS / name, environ={"HOME": "/users/me"})
    text = shipped_text(name)
    assert text.startswith("# yaml-language-server: $schema=fixgate.schema.json\n")
    assert summary(text).endswith(".")


def test_only_the_certificates_of_the_tls_venue_are_missing():
    for name in shipped_files():
        warnings = load(SESSIONS / name, environ={"HOME": "/users/me"}).warnings
        assert [w.column for w in warnings] == ([22, 14] if name == "venue-tls.yaml" else [])


def test_the_venue_of_the_acceptance_definitions():
    found = load(SESSIONS / "conformance.yaml")
    assert not isinstance(found, SessionsConfig)
    gateway = found.gateway
    assert [listen.address for listen in gateway.listen] == [Address("127.0.0.1", 5001)]
    assert gateway.venue.mode is VenueMode.ECHO
    assert gateway.store.path is None
    assert not gateway.accept_any
    sessions = {
        (s.session.id.begin_string, s.session.default_appl_ver_id, s.session.id.theirs)
        for s in gateway.sessions
    }
    assert sessions == {
        ("FIX.4.0", None, "TW40"),
        ("FIX.4.1", None, "TW41"),
        ("FIX.4.2", None, "TW42"),
        ("FIX.4.3", None, "TW43"),
        ("FIX.4.4", None, "TW44"),
        ("FIXT.1.1", "7", "TW50"),
        ("FIXT.1.1", "8", "TW50SP1"),
        ("FIXT.1.1", "9", "TW50SP2"),
        ("FIX.4.4", None, "TW"),
        ("FIX.4.4", None, "NO_CHECK_FIELDS_HAVE_VALUES"),
    }
    for each in gateway.sessions:
        assert each.session.id.ours == "ISLD"
        assert each.session.reset_on_logon
        assert each.session.dialect is QUICKFIX
        assert each.session.credentials is None
        assert each.session.sending_time_tolerance_ns == 120_000_000_000


def test_the_fleet_fits_the_local_venue():
    fleet = load(SESSIONS / "fleet.yaml", environ={"HOME": "/users/me"})
    venue = load(SESSIONS / "venue-local.yaml")
    assert isinstance(fleet, SessionsConfig)
    assert not isinstance(venue, SessionsConfig)
    assert {p.address for p in fleet.plans} == {venue.gateway.listen[0].address}
    traded = {i.symbol for i in venue.gateway.venue.instruments}
    for plan in fleet.plans:  # both sides remember, or neither; FIX 4.0 cannot forget
        remembers = plan.session.id.begin_string == "FIX.4.0"
        assert plan.session.reset_on_logon is not remembers
        assert (plan.store.path is not None) is remembers
    assert venue.gateway.store.path is not None
    assert {p.order.symbol for p in fleet.plans if p.order} <= traded


@pytest.mark.parametrize(
    "model",
    [
        SessionModel,
        TlsModel,
        OrdersModel,
        ExpectModel,
        SessionNumberingModel,
        ResendsModel,
        GarbledModel,
    ],
)
def test_the_explained_session_explains_every_field(model):
    text = shipped_text("session-explained")
    for key in model.model_fields:
        assert f"{key}:" in text, key
