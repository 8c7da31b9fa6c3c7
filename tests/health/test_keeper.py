"""One session kept up, in virtual time: against a venue of ours, and against scripts."""

from __future__ import annotations

import asyncio
import itertools
from datetime import time

import pytest

from fixgate.errors import StoreError
from fixgate.health.standing import State
from fixgate.net import Clock
from fixgate.net.stores import open_store
from fixgate.session.logon_options import LogonOptions
from fixgate.session.policies import HeartbeatAnswer, HeartbeatPolicy
from fixgate.session.schedule import Schedule
from fixgate.session.settings import Credentials
from tests.health.kept import MONDAY, Desk, Place, ScriptedVenue, instant, plan, venue
from tests.virtual import SECOND, VirtualLoop, run_virtual

MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
OFFICE = Schedule(time(8), time(17))
AROUND = Schedule(time(22), time(22))
SECRET = "correct-horse"


def clock_of(loop: VirtualLoop) -> Clock:
    return Clock(loop.wall, loop.monotonic)


def polite(got: dict[int, str]) -> list[str]:
    """A venue that numbers its answers like the messages that it gets, and does what it should."""
    match got[35]:
        case "A":
            return [f"35=A|34=*|98=0|108={got[108]}"]
        case "1":
            return [f"35=0|34=*|112={got[112]}"]
        case "5":
            return ["35=5|34=*", ""]
    return []


def refusing(text: str, *more: str):
    return lambda got: [f"35=5|34=*|58={text}", *more, ""] if got[35] == "A" else []


def gaps(instants: list[int]) -> list[float]:
    return [(b - a) / SECOND for a, b in itertools.pairwise(instants)]


class TestUp:
    def test_it_comes_up_stays_and_logs_out(self):
        async def main(loop: VirtualLoop) -> None:
            clock = clock_of(loop)
            async with venue(loop, clock) as (gateway, accept):
                place = Place(loop, accept)
                async with Desk(loop, place, plan()) as desk:
                    up = await desk.until(State.UP)
                    assert up.text == "Logged on, HeartBtInt(108) 30 s."
                    assert (up.next_out, up.next_in, up.in_order) == (2, 2, True)
                    await asyncio.sleep(3600)
                    assert desk.now is up
                assert desk.states == ["up", "ended"]
                assert (desk.now.text, desk.now.in_order) == ("Logged out.", True)
                assert len(place.dialled) == 1
                (party,) = gateway.roster
                assert not party.logged_on

        run_virtual(MONDAY, main)

    def test_it_comes_back_when_the_line_breaks(self):
        async def main(loop: VirtualLoop) -> None:
            async with venue(loop, clock_of(loop)) as (_, accept):
                place = Place(loop, accept)
                async with Desk(loop, place, plan()) as desk:
                    for _ in range(3):
                        await desk.until(State.UP)
                        await asyncio.sleep(120)
                        place.pipes[-1].break_off()
                        waiting = await desk.until(State.WAITING, "lost")
                        assert waiting.next_ns is not None
                        assert waiting.next_ns - waiting.at_ns <= SECOND
                        assert not waiting.in_order
                    await desk.until(State.UP)
                    assert desk.states == ["up", "waiting lost"] * 3 + ["up"]

        run_virtual(MONDAY, main)

    def test_a_line_that_is_dead_is_noticed_and_left(self):
        async def main(loop: VirtualLoop) -> None:
            async with venue(loop, clock_of(loop)) as (_, accept):
                place = Place(loop, accept)
                async with Desk(loop, place, plan()) as desk:
                    await desk.until(State.UP)
                    place.pipes[-1].dead = True
                    place.pipes[-1]._peer.dead = True
                    await desk.until(State.WAITING, "mute")
                    assert 60 <= loop.now_ns / SECOND <= 80
                    await desk.until(State.UP)

        run_virtual(MONDAY, main)

    def test_a_venue_that_restarts_finds_us_where_we_were(self, tmp_path):
        async def main(loop: VirtualLoop) -> None:
            place = Place(loop)
            async with Desk(loop, place, plan(tmp_path / "ours")) as desk:
                for _ in range(3):
                    async with venue(loop, clock_of(loop), tmp_path / "theirs") as (_, accept):
                        place.accept = accept
                        await desk.until(State.UP)
                        await asyncio.sleep(300)
                    place.accept = None
                    gone = await desk.until(State.WAITING, "logged-out")
                    assert gone.text == 'The venue has logged us out: "the venue is closing".'
                    await desk.until(State.WAITING, "unreachable")
                    await asyncio.sleep(300)
            assert desk.now.reason == "unreachable"
            assert not desk.now.in_order

        run_virtual(MONDAY, main)

    def test_a_rule_that_the_venue_breaks_is_told_once_a_connection(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            place = Place(loop, venue.accept)
            async with Desk(loop, place, plan()) as desk:
                for _ in range(2):
                    await desk.until(State.UP, "")
                    for _ in range(3):
                        venue.connections[-1].say("35=0|34=*|43=Y")  # without OrigSendingTime(122)
                    told = await desk.until(State.UP, "orig-sending-time-missing")
                    assert told.text.startswith(
                        "The venue broke the rule orig-sending-time-missing: OrigSendingTime(122)"
                    )
                    place.pipes[-1].break_off()
            assert [s for s in desk.states if s.startswith("up ")] == [
                "up orig-sending-time-missing"
            ] * 2

        run_virtual(MONDAY, main)

    def test_what_the_venue_breaks_with_its_logon_is_told_when_we_are_up(self):
        def skewed(got: dict[int, str]) -> list[str]:
            return ["35=A|34=*|98=0|108=30|9999=x"] if got[35] == "A" else polite(got)

        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, skewed)
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                await desk.until(State.UP, "dictionary")
                assert desk.states == ["up", "up dictionary"]

        run_virtual(MONDAY, main)


class TestDown:
    def test_a_venue_out_of_reach_is_tried_more_and_more_rarely(self):
        async def main(loop: VirtualLoop) -> None:
            async with venue(loop, clock_of(loop)) as (_, accept):
                place = Place(loop)
                async with Desk(loop, place, plan()) as desk:
                    await asyncio.sleep(3600)
                    waits = gaps(place.dialled)
                    assert [round(wait, -1) for wait in waits[:3]] == [0, 0, 0]
                    assert all(48 <= wait <= 73 for wait in waits[7:])
                    assert desk.now.text == (
                        "venue.example:9876 refused the TCP connection: the host answers, the port "
                        "is closed."
                    )
                    assert (desk.now.reason, desk.now.cause) == ("unreachable", "refused")
                    assert desk.now.tries == len(place.dialled)
                    place.accept = accept
                    await desk.until(State.UP)
                    assert desk.now.tries == 0

        run_virtual(MONDAY, main)

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (refusing("Gateway busy"), "refused"),
            (refusing("the session is closed"), "venue-closed"),
            (refusing("Already logged on"), "duplicate"),
            (lambda got: [""], "closed-unanswered"),
            (lambda got: [], "unanswered"),
            (lambda got: [f"35=3|34=1|45={got[34]}|58=no"], "refused"),
            (lambda got: ["35=A|34=*|98=0|108=5"], "not-agreed"),
        ],
    )
    def test_a_venue_that_refuses_is_left_in_peace(self, answer, reason):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, answer)
            stubborn = HeartbeatPolicy(on_mismatch=HeartbeatAnswer.REFUSE)
            made = plan(heartbeats=stubborn)
            async with Desk(loop, Place(loop, venue.accept), made) as desk:
                await asyncio.sleep(4 * 3600)
                waits = gaps(venue.logons)
                assert min(waits) >= 60
                assert 35 <= len(waits) <= 60
                assert desk.now.reason == reason
                assert set(desk.states) == {f"waiting {reason}"}
                venue.answer = polite
                await desk.until(State.UP)

        run_virtual(MONDAY, main)

    @pytest.mark.usefixtures("few_looks")
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Invalid password", "credentials-refused"),
            ("Account locked", "account-locked"),
            ("Password expired", "password-expired"),
            ("MsgSeqNum too low, expecting 812 but received 1", "numbers-disagree"),
        ],
    )
    def test_where_another_logon_does_harm_there_is_none(self, text, reason):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing(text))
            made = plan(credentials=Credentials("desk", SECRET))
            async with Desk(loop, Place(loop, venue.accept), made) as desk:
                stopped = await desk.until(State.STOPPED, reason)
                assert stopped.next_ns is None
                assert not stopped.in_order
                await asyncio.sleep(86_400)
                assert len(venue.logons) == 1
                # Somebody has mended it, and says so.
                venue.answer = polite
                desk.keeper.retry()
                await desk.until(State.UP)
                assert len(venue.logons) == 2
            assert SECRET not in repr(desk.told)

        run_virtual(MONDAY, main)

    def test_even_told_to_try_again_it_waits_for_the_minute(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing("Invalid password"))
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                await desk.until(State.STOPPED)
                for _ in range(5):
                    desk.keeper.retry()
                    await asyncio.sleep(1)
                assert desk.now.state is State.WAITING
                await asyncio.sleep(120)
                assert len(venue.logons) == 2
                assert gaps(venue.logons)[0] >= 60
                assert desk.now.state is State.STOPPED

        run_virtual(MONDAY, main)

    def test_told_to_try_again_nothing_else_changes(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing("Gateway busy"))
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                waiting = await desk.until(State.WAITING)
                desk.keeper.retry()
                await asyncio.sleep(1)
                assert desk.now is waiting

        run_virtual(MONDAY, main)

    def test_a_venue_that_lets_us_in_and_drops_us_is_not_hammered(self):
        def fickle(got: dict[int, str]) -> list[str]:
            return [*polite(got), ""]

        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, fickle)
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                await asyncio.sleep(3600)
                assert 55 <= len(venue.logons) <= 80
                assert gaps(venue.logons)[-1] >= 48
                assert desk.states[:2] == ["up", "waiting lost"]

        run_virtual(MONDAY, main)

    def test_no_logon_within_a_minute_of_a_refused_one_though_the_line_broke_between(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing("Gateway busy"))
            place = Place(loop, venue.accept)
            async with Desk(loop, place, plan()) as desk:
                await desk.until(State.WAITING, "refused")
                for _ in range(20):
                    place.accept = None
                    await desk.until(State.WAITING, "unreachable")
                    place.accept = venue.accept
                    await desk.until(State.WAITING, "refused")
                assert min(gaps(venue.logons)) >= 60

        run_virtual(MONDAY, main)

    def test_a_connection_that_is_gone_before_our_logon(self, monkeypatch):
        async def main(loop: VirtualLoop) -> None:
            async def gone(factory, *, sock):
                raise OSError(107, "Transport endpoint is not connected")

            monkeypatch.setattr(loop, "create_connection", gone)
            place = Place(loop, lambda pipe: None)
            async with Desk(loop, place, plan()) as desk:
                waiting = await desk.until(State.WAITING)
                assert (waiting.reason, waiting.cause) == ("unreachable", "closed-at-connect")

        run_virtual(MONDAY, main)

    def test_a_password_that_was_changed_stays_changed(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            made = plan(
                credentials=Credentials("desk", SECRET), logon=LogonOptions(new_password="battery")
            )
            place = Place(loop, venue.accept)
            async with Desk(loop, place, made) as desk:
                await desk.until(State.UP)
                place.pipes[-1].break_off()
                await desk.until(State.WAITING)
                await desk.until(State.UP)
            first, second = (each.got[0] for each in venue.connections)
            assert (first[554], first[925]) == (SECRET, "battery")
            assert (second[554], 925 in second) == ("battery", False)

        run_virtual(MONDAY, main)


class TestOurOwnSide:
    def test_a_store_that_somebody_else_holds(self, tmp_path):
        async def main(loop: VirtualLoop) -> None:
            made = plan(tmp_path)
            other = open_store(made.store, made.session.id, loop.wall())
            async with venue(loop, clock_of(loop)) as (_, accept):
                place = Place(loop, accept)
                async with Desk(loop, place, made) as desk:
                    waiting = await desk.until(State.WAITING, "store-unusable")
                    assert str(tmp_path) in waiting.text
                    assert (waiting.next_out, waiting.next_in) == (0, 0)
                    assert place.dialled == []
                    other.close()
                    await desk.until(State.UP)
                again = open_store(made.store, made.session.id, loop.wall())
                assert (again.next_out, again.next_in) == (3, 3)
                again.close()

        run_virtual(MONDAY, main)

    def test_a_disk_that_is_full_for_a_while(self, monkeypatch):
        async def main(loop: VirtualLoop) -> None:
            async with (
                venue(loop, clock_of(loop)) as (_, accept),
                Desk(loop, Place(loop, accept), plan()) as desk,
            ):
                await desk.until(State.UP)
                store = desk.keeper._session.store

                def full():
                    raise StoreError("disk", "No space left on device")

                monkeypatch.setattr(store, "flush", full, raising=False)
                waiting = await desk.until(State.WAITING, "store-unusable")
                assert "No space left on device" in waiting.text
                monkeypatch.undo()
                await desk.until(State.UP)

        run_virtual(MONDAY, main)

    def test_a_fault_of_ours_is_told_without_secrets_and_got_over(self, caplog):
        async def main(loop: VirtualLoop) -> None:
            async with venue(loop, clock_of(loop)) as (_, accept):
                place = Place(loop, accept)
                dial = place.dial

                async def broken(run):
                    place.dial = dial
                    raise RuntimeError(f"a fault that repeats {SECRET}")

                made = plan(credentials=Credentials("desk", SECRET))
                desk = Desk(loop, place, made)
                desk.keeper._dial = broken
                async with desk:
                    await desk.until(State.WAITING, "fault")
                    desk.keeper._dial = dial
                    await desk.until(State.UP)
            assert "RuntimeError: a fault that repeats ***" in caplog.text
            assert SECRET not in caplog.text

        run_virtual(MONDAY, main)

    @pytest.mark.parametrize("reason", ["store", "closed"])
    def test_a_store_that_cannot_be_closed_is_told(self, reason, monkeypatch, caplog):
        async def main(loop: VirtualLoop) -> None:
            async with (
                venue(loop, clock_of(loop)) as (_, accept),
                Desk(loop, Place(loop, accept), plan()) as desk,
            ):
                await desk.until(State.UP)

                def full():
                    raise StoreError("disk", reason)

                monkeypatch.setattr(desk.keeper._session.store, "close", full, raising=False)
            assert f"! desk: disk: {reason}" in caplog.text

        run_virtual(MONDAY, main)


class TestTheEnd:
    """Told to stop, in every state."""

    def ended(self, answer, *, after: float, **changes: object) -> tuple[Desk, ScriptedVenue]:
        async def main(loop: VirtualLoop) -> tuple[Desk, ScriptedVenue]:
            venue = ScriptedVenue(loop, answer)
            async with Desk(loop, Place(loop, venue.accept), plan(**changes)) as desk:
                await asyncio.sleep(after)
                began = loop.now_ns
            assert loop.now_ns - began <= 3 * SECOND
            assert desk.now.state is State.ENDED
            return desk, venue

        return run_virtual(MONDAY, main)

    def test_up(self):
        desk, venue = self.ended(polite, after=60)
        assert (desk.now.text, desk.now.in_order) == ("Logged out.", True)
        assert venue.connections[0].got[-1][35] == "5"

    def test_up_with_a_venue_that_does_not_answer(self):
        desk, _ = self.ended(lambda got: polite(got) if got[35] == "A" else [], after=10)
        assert desk.now.text == "Logged out; the venue did not answer."
        assert desk.now.in_order

    def test_up_with_a_venue_that_only_closes(self):
        desk, _ = self.ended(lambda got: polite(got) if got[35] == "A" else [""], after=10)
        assert desk.now.text == "Logged out; the venue did not answer."

    def test_while_it_connects(self):
        desk, venue = self.ended(polite, after=0.0005)
        assert venue.logons == []
        assert not desk.now.in_order

    def test_before_the_venue_has_answered_our_logon(self):
        desk, venue = self.ended(lambda got: [], after=3)
        assert [got[35] for got in venue.connections[0].got] == ["A"]
        assert not desk.now.in_order

    def test_waiting(self):
        desk, _ = self.ended(refusing("Gateway busy"), after=3)
        assert (desk.now.reason, desk.now.in_order) == ("refused", False)

    def test_stopped(self):
        desk, _ = self.ended(refusing("Account locked"), after=3)
        assert (desk.now.reason, desk.now.in_order) == ("account-locked", False)

    def test_closed(self):
        desk, venue = self.ended(polite, after=3, schedule=Schedule(time(12), time(13)))
        assert venue.connections == []
        assert (desk.now.reason, desk.now.in_order) == ("closed", True)


@pytest.fixture
def few_looks(monkeypatch):
    """Looking at the clock once a second is what days of virtual time are made of."""
    monkeypatch.setattr("fixgate.net.clock_watch.LOOK_S", 60.0)


@pytest.mark.usefixtures("few_looks")
class TestHours:
    def test_it_sleeps_until_the_opening_and_goes_at_the_end(self):
        async def main(loop: VirtualLoop) -> None:
            hours = {"schedule": OFFICE, "reset_schedule": OFFICE}
            async with venue(loop, clock_of(loop), **hours) as (_, accept):
                place = Place(loop, accept)
                async with Desk(loop, place, plan(**hours)) as desk:
                    closed = await desk.until(State.CLOSED, "closed")
                    opening = instant(2026, 3, 2, 8)
                    assert closed.in_order
                    assert 5 <= (closed.next_ns - opening) / SECOND <= 10
                    for day in range(5):
                        await desk.until(State.UP)
                        assert loop.wall() - opening - day * 24 * HOUR <= 11 * SECOND
                        assert desk.now.next_out == 2
                        closed = await desk.until(State.CLOSED)
                        assert loop.wall() - instant(2026, 3, 2 + day, 17) <= 2 * SECOND
                assert set(desk.states) == {"closed closed", "up", "ended closed"}
                assert desk.now.in_order
                assert len(place.dialled) == 5

        run_virtual(instant(2026, 3, 2, 6), main)

    def test_numbers_restart_by_agreement_and_it_is_back_in_seconds(self):
        async def main(loop: VirtualLoop) -> None:
            async with (
                venue(loop, clock_of(loop), reset_schedule=AROUND) as (_, accept),
                Desk(loop, Place(loop, accept), plan(reset_schedule=AROUND)) as desk,
            ):
                for _ in range(5):
                    up = await desk.until(State.UP)
                    assert (up.next_out, up.next_in) == (2, 2)
                    waiting = await desk.until(State.WAITING)
                    assert (waiting.next_ns - waiting.at_ns) <= 61 * SECOND
                # Whose clock is first may be either's.
                assert {s for s in desk.states if s != "up"} <= {
                    "waiting numbers-restart", "waiting logged-out"
                }  # fmt: skip

        run_virtual(MONDAY, main)

    def test_numbers_that_disagree_are_tried_again_when_they_restart(self):
        async def main(loop: VirtualLoop) -> None:
            lost = refusing("MsgSeqNum too low, expecting 812 but received 1")
            venue = ScriptedVenue(loop, lost)
            made = plan(reset_schedule=AROUND)
            async with Desk(loop, Place(loop, venue.accept), made) as desk:
                waiting = await desk.until(State.WAITING, "numbers-disagree")
                restart = instant(2026, 3, 2, 22)
                assert 5 <= (waiting.next_ns - restart) / SECOND <= 10
                assert not waiting.in_order
                venue.answer = polite
                await desk.until(State.UP)
                assert 5 <= (loop.wall() - restart) / SECOND <= 11
                assert [each.got[0][34] for each in venue.connections] == ["1", "1"]

        run_virtual(MONDAY, main)

    def test_right_after_a_restart_a_late_venue_is_waited_for(self):
        async def main(loop: VirtualLoop) -> None:
            restart = instant(2026, 3, 2, 22)

            def late(got: dict[int, str]) -> list[str]:
                # The venue restarts its numbers half a minute after us, and begins with 1.
                if loop.wall() < restart + 30 * SECOND:
                    return refusing("MsgSeqNum too low, expecting 812 but received 1")(got)
                if got[35] == "A":
                    return ["35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=0"]
                return []

            venue = ScriptedVenue(loop, late)
            made = plan(reset_schedule=AROUND)
            async with Desk(loop, Place(loop, venue.accept), made) as desk:
                waiting = await desk.until(State.WAITING, "restart-awaited")
                assert 60 <= (waiting.next_ns - loop.wall()) / SECOND <= 76
                await desk.until(State.UP)
                assert loop.wall() - restart <= 2 * MINUTE

        run_virtual(instant(2026, 3, 2, 21, 59, 59), main)


STEPS = pytest.mark.parametrize("step", [HOUR, -HOUR, SECOND, -SECOND])


class TestTheClock:
    @STEPS
    def test_a_step_while_it_is_up_ends_nothing(self, step):
        async def main(loop: VirtualLoop) -> None:
            async with (
                venue(loop, clock_of(loop)) as (_, accept),
                Desk(loop, Place(loop, accept), plan()) as desk,
            ):
                await desk.until(State.UP)
                for _ in range(10):
                    await asyncio.sleep(47)
                    loop.ahead_ns += step
                await asyncio.sleep(300)
                assert desk.states == ["up"]

        run_virtual(MONDAY, main)

    def test_an_hours_sleep_in_which_the_venue_gave_us_up(self):
        """The monotonic clock stood still, the wall clock went on; so did the venue's timers."""

        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            place = Place(loop, venue.accept)
            async with Desk(loop, place, plan()) as desk:
                await desk.until(State.UP)
                await asyncio.sleep(300)
                loop.ahead_ns += HOUR
                venue.connections[-1].say("35=5|34=*|58=no heartbeat")
                venue.connections[-1].say("")
                await desk.until(State.WAITING)
                await desk.until(State.UP)
                logon = venue.connections[-1].got[0]
                assert logon[52].startswith("20260302-10:0")

        run_virtual(MONDAY, main)

    @STEPS
    def test_a_wait_lasts_as_long_as_it_was_to(self, step):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing("Gateway busy"))
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                for _ in range(6):
                    await desk.until(State.WAITING)
                    await asyncio.sleep(20)
                    loop.ahead_ns += step
                    await desk.until(State.CONNECTING)
                assert all(60 <= wait <= 376 for wait in gaps(venue.logons))

        run_virtual(MONDAY, main)

    def test_an_opening_that_a_step_brings_is_not_slept_through(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            async with Desk(loop, Place(loop, venue.accept), plan(schedule=OFFICE)) as desk:
                await desk.until(State.CLOSED)
                loop.ahead_ns += 2 * HOUR  # 06:00 has become 08:00
                await asyncio.sleep(15)
                assert desk.now.state is State.UP

        run_virtual(instant(2026, 3, 2, 6), main)

    def test_an_opening_that_a_step_takes_away_is_waited_for(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            async with Desk(loop, Place(loop, venue.accept), plan(schedule=OFFICE)) as desk:
                await desk.until(State.UP)  # 09:00
                loop.ahead_ns -= 2 * HOUR
                closed = await desk.until(State.CLOSED)
                assert 5 <= (closed.next_ns - instant(2026, 3, 2, 8)) / SECOND <= 10
                await desk.until(State.UP)

        run_virtual(MONDAY, main)

    def test_a_step_back_makes_the_next_opening_an_earlier_one(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            async with Desk(loop, Place(loop, venue.accept), plan(schedule=OFFICE)) as desk:
                first = await desk.until(State.CLOSED)  # 18:00
                assert first.next_ns >= instant(2026, 3, 3, 8)
                loop.ahead_ns -= 12 * HOUR
                await asyncio.sleep(2)
                assert instant(2026, 3, 2, 8) <= desk.now.next_ns < instant(2026, 3, 2, 9)

        run_virtual(instant(2026, 3, 2, 18), main)

    def test_a_step_over_the_end_of_the_hours_logs_out_in_order(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, polite)
            async with Desk(loop, Place(loop, venue.accept), plan(schedule=OFFICE)) as desk:
                await desk.until(State.UP)
                loop.ahead_ns += 10 * HOUR
                closed = await desk.until(State.CLOSED, "closed")
                assert closed.next_ns >= instant(2026, 3, 3, 8)
                assert venue.connections[-1].got[-1][35] == "5"

        run_virtual(MONDAY, main)

    def test_numbers_that_disagree_hear_of_a_restart_that_a_step_brought(self):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing("MsgSeqNum too low, expecting 812 but received 1"))
            made = plan(reset_schedule=AROUND)
            async with Desk(loop, Place(loop, venue.accept), made) as desk:
                await desk.until(State.WAITING, "numbers-disagree")
                venue.answer = polite
                loop.ahead_ns -= HOUR
                await asyncio.sleep(2)
                assert desk.now.next_ns <= instant(2026, 3, 2, 22, 0, 10)
                loop.ahead_ns += 20 * HOUR
                await asyncio.sleep(60)
                assert desk.now.state is State.UP

        run_virtual(MONDAY, main)

    @pytest.mark.parametrize("text", ["Account locked", "Gateway busy"])
    def test_no_step_hastens_a_logon_after_a_refusal(self, text):
        async def main(loop: VirtualLoop) -> None:
            venue = ScriptedVenue(loop, refusing(text))
            async with Desk(loop, Place(loop, venue.accept), plan()) as desk:
                await asyncio.sleep(5)
                for step in (HOUR, -2 * HOUR, 24 * HOUR, -30 * HOUR):
                    loop.ahead_ns += step
                    await asyncio.sleep(5)
                assert len(venue.logons) == 1
                if text == "Account locked":
                    desk.keeper.retry()
                await asyncio.sleep(120)
                assert len(venue.logons) == 2
                assert gaps(venue.logons)[0] >= 60

        run_virtual(MONDAY, main)
