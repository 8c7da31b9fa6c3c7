from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from fixgate.net.descriptors import fitted, needed, within_descriptors
from fixgate.net.settings import (
    Address,
    GatewaySettings,
    ListenSettings,
    StoreSettings,
    VenueSession,
)
from fixgate.net.stores import DESCRIPTORS_PER_STORE, open_store
from fixgate.session.settings import Role, SessionId, SessionSettings

CLIENT = SessionSettings(SessionId("FIX.4.4", "VENUE", "CLIENT"), Role.ACCEPTOR)
VENUE = GatewaySettings("test", (ListenSettings(Address("127.0.0.1", 0)),), CLIENT)
ON_DISK = replace(VENUE, store=StoreSettings(Path("store")))
KNOWN = tuple(VenueSession(str(number), CLIENT) for number in range(100))


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (VENUE, 65 + 2000),
        (replace(VENUE, accept_any=True, sessions=KNOWN), 65 + 2000),
        (replace(ON_DISK, sessions=KNOWN), 65 + 2000 + 300),
        (replace(ON_DISK, accept_any=True), 65 + 2000 + 30_000),
    ],
)
def test_what_a_venue_needs(settings, count):
    assert needed(settings) == count
    assert fitted(settings, count) == (settings, None)


def test_connections_are_lowered_to_what_there_is():
    changed, warning = fitted(VENUE, 256)
    assert changed == replace(VENUE, max_connections=191)
    assert warning == (
        "the system lets 256 files be open (ulimit -n): 191 connections at once instead of 2000"
    )


def test_stores_of_listed_clients_come_first():
    changed, _ = fitted(replace(ON_DISK, sessions=KNOWN), 1024)
    assert changed.max_connections == 1024 - 65 - 300


def test_clients_that_nobody_listed_share_what_there_is():
    changed, warning = fitted(replace(ON_DISK, accept_any=True), 1024)
    assert (changed.max_connections, changed.max_on_demand) == (479, 160)
    assert needed(changed) <= 1024
    assert warning is not None


def test_fewer_stores_for_those_are_no_reason_to_warn():
    changed, warning = fitted(replace(ON_DISK, accept_any=True), 20_000)
    assert (changed.max_connections, changed.max_on_demand) == (2000, 5978)
    assert warning is None


@pytest.mark.parametrize("limit", [0, 20, 64])
def test_there_is_always_one_place(limit):
    for settings in (VENUE, replace(ON_DISK, accept_any=True)):
        changed, _ = fitted(settings, limit)
        assert changed.max_connections >= 1
        assert changed.max_on_demand >= 1


def test_a_venue_that_fits_is_left_alone():
    small = replace(VENUE, max_connections=5)
    assert within_descriptors(small) == (small, None)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_a_store_has_so_many_files_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    store = open_store(StoreSettings(tmp_path), CLIENT.id, 0)
    opened = len(os.listdir("/proc/self/fd")) - before
    store.close()
    assert opened <= DESCRIPTORS_PER_STORE
