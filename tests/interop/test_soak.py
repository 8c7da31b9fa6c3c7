"""Random sessions between QuickFIX and us; `make interop-soak` plays long ones.

A failure prints its seed: ``make interop-soak SEEDS=7 STEPS=150`` plays the same choices again.
What the two processes make of them may differ each time.
"""

from __future__ import annotations

import os
import random

import pytest

from fixgate.dictionary import FixVersion
from fixgate.interop import PeerRole, PeerSession, PeerSettings, QuickFixPeer
from fixgate.net import Gateway, GatewaySettings, ListenSettings, VenueSession
from fixgate.net.groups import group_shapes
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.venue import VenueSettings, default_instruments, make_venue
from tests.interop.rig import LOOPBACK
from tests.interop.soak import AcceptorEnd, InitiatorEnd, Recorder, Soak, Theirs

STEPS = int(os.environ.get("FIXGATE_SOAK_STEPS", "150"))
SEEDS = [int(word) for word in os.environ.get("FIXGATE_SOAK_SEEDS", "1 2").split()]

pytestmark = [pytest.mark.interop, pytest.mark.timeout(60 + STEPS)]

VERSIONS = (FixVersion.FIX42, FixVersion.FIX44, FixVersion.FIX50SP2)


async def play(soaks: list[Soak], choose: random.Random) -> None:
    for soak in soaks:
        await soak.log_on()
    for _ in range(STEPS):
        await choose.choice(soaks).step()
    for soak in soaks:
        await soak.log_on()
    for soak in soaks:
        await soak.agree()
        assert len(soak.theirs.sent) + len(soak.theirs.received) > STEPS // 10


@pytest.mark.parametrize("seed", SEEDS)
async def test_our_acceptor_and_quickfix_s_initiator_agree(seed, tmp_path, dictionaries):
    choose = random.Random(seed)
    sessions = tuple(PeerSession(version, version.name, "VENUE") for version in VERSIONS)
    known = tuple(
        VenueSession(
            each.ours,
            SessionSettings(
                SessionId(each.version.begin_string, "VENUE", each.ours),
                Role.ACCEPTOR,
                default_appl_ver_id=each.version.appl_ver_id,
            ),
        )
        for each in sessions
    )
    settings = VenueSettings(liquidity_levels=0, instruments=default_instruments())
    recorder = Recorder(make_venue(settings, groups=group_shapes))
    gateway = Gateway(
        GatewaySettings(
            "soak", (ListenSettings(LOOPBACK),), template=known[0].session, sessions=known
        ),
        venue=recorder,
    )
    await gateway.start()
    theirs = {str(each): Theirs() for each in sessions}
    try:
        async with await QuickFixPeer.start(
            PeerSettings(
                PeerRole.INITIATOR,
                sessions,
                tmp_path,
                port=gateway.addresses[0].port,
                dictionaries=dictionaries,
            ),
            on_event=lambda e: theirs[e.session].take(e) if e.session in theirs else None,
        ) as peer:
            soaks = [
                Soak(
                    choose,
                    peer,
                    each,
                    AcceptorEnd(gateway, recorder, each),
                    theirs[str(each)],
                )
                for each in sessions
            ]
            await play(soaks, choose)
    except BaseException:
        print(f"seed {seed}: FIXGATE_SOAK_SEEDS={seed} FIXGATE_SOAK_STEPS={STEPS}")
        raise
    finally:
        await gateway.stop()


@pytest.mark.parametrize("seed", SEEDS)
async def test_quickfix_s_acceptor_and_our_initiator_agree(seed, tmp_path, dictionaries):
    choose = random.Random(seed)
    sessions = tuple(PeerSession(version, "STREET", version.name) for version in VERSIONS)
    theirs = {str(each): Theirs() for each in sessions}
    try:
        async with await QuickFixPeer.start(
            PeerSettings(PeerRole.ACCEPTOR, sessions, tmp_path, dictionaries=dictionaries),
            on_event=lambda e: theirs[e.session].take(e) if e.session in theirs else None,
        ) as peer:
            soaks = [
                Soak(
                    choose,
                    peer,
                    each,
                    InitiatorEnd(peer, each),
                    theirs[str(each)],
                )
                for each in sessions
            ]
            await play(soaks, choose)
            for soak in soaks:
                soak.ours.drop()
    except BaseException:
        print(f"seed {seed}: FIXGATE_SOAK_SEEDS={seed} FIXGATE_SOAK_STEPS={STEPS}")
        raise
