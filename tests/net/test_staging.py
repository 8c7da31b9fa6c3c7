"""A venue that takes its time, in virtual time: every instant is exact."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.dice import Fixed, Spike, Uniform
from fixgate.history import Record
from fixgate.net.stages import StagePassed
from fixgate.venue.stages import (
    Partition,
    Pause,
    Reading,
    RequestStamp,
    StageName,
    StageSettings,
    VenueStages,
)
from tests.net.staged import MS, SECOND, START, Desk, World, cancel, order, play


def stages(**delays_ms: int) -> VenueStages:
    """Stages with fixed delays."""
    return VenueStages(**{name: StageSettings(Fixed(ms * MS)) for name, ms in delays_ms.items()})


def test_a_test_request_behind_a_slow_order_is_answered_first():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), "35=1|112=T|", order("B"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_000, "0 T"), (10_020, "8 A 0"), (10_020, "8 B 0")]
        assert world.passed("stage", "session", "msg_type", "name", "came_ns", "left_ns") == [
            ("matching", "DESK", "D", "A", 10_000, 10_020),
            ("matching", "DESK", "D", "B", 10_000, 10_020),
        ]

    play(test, stages(matching=20))


def test_a_slow_gateway_delays_both():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.say(order("A"), "35=1|112=T|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_005, "8 A 0"), (10_005, "0 T")]
        assert world.passed("stage", "msg_type", "name", "came_ns", "due_ns", "left_ns") == [
            ("gateway", "D", "A", 10_000, 10_005, 10_005),
            ("gateway", "1", "T", 10_000, 10_005, 10_005),
        ]

    play(test, stages(gateway=5))


def test_a_slow_way_out_delays_everything_behind_its_sending_time():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.say(order("A"), "35=1|112=T|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_007, "8 A 0"), (10_007, "0 T")]
        assert desk.field(52) == "20260105-10:00:10.000000"
        assert world.passed("stage", "msg_type", "name", "came_ns", "left_ns") == [
            ("reply", "8", "A", 10_000, 10_007),
            ("reply", "0", "T", 10_000, 10_007),
        ]

    play(test, stages(reply=7))


def test_slow_reports_delay_what_the_venue_says_in_front_of_its_sending_time():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), "35=1|112=T|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_000, "0 T"), (10_009, "8 A 0")]
        assert desk.field(52) == "20260105-10:00:10.009000"
        assert desk.field(60) == "20260105-10:00:10.000"
        assert world.passed("stage", "msg_type", "name", "came_ns", "left_ns") == [
            ("reports", "8", "A", 10_000, 10_009),
        ]

    play(test, stages(reports=9))


def test_all_stages_add_up():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.order("A")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_017, "8 A 0")]
        assert world.passed("stage", "came_ns", "left_ns") == [
            ("gateway", 10_000, 10_005),
            ("matching", 10_005, 10_013),
            ("reports", 10_013, 10_016),
            ("reply", 10_016, 10_017),
        ]

    play(test, stages(gateway=5, matching=8, reports=3, reply=1))


def test_the_truth_is_in_the_history_of_the_session_too():
    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(1)
        (party,) = (each for each in world.gateway.roster if each.client.key == "DESK")
        found = [each for each in party.history if isinstance(each.what, StagePassed)]
        came_ns = START + 10 * SECOND
        left_ns = came_ns + 20 * MS
        passed = StagePassed(StageName.MATCHING, "DESK", "D", "A", came_ns, left_ns, left_ns)
        assert found == [Record(left_ns, "~", passed)]

    play(test, stages(matching=20))


def test_a_whole_venue_is_one_queue():
    slow = VenueStages(matching=StageSettings(Fixed(5 * MS), max_rate=100))

    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        desk.say(*(order(f"A{n}") for n in range(3)))
        other.order("B", "XYZ")
        await asyncio.sleep(1)
        assert desk.taken() == [(20_005, "8 A0 0"), (20_015, "8 A1 0"), (20_025, "8 A2 0")]
        assert other.taken() == [(20_035, "8 B 0")]

    play(test, slow)


def test_instruments_that_are_matched_apart_do_not_wait_for_one_another():
    slow = VenueStages(
        matching=StageSettings(Fixed(5 * MS), max_rate=100),
        partition=Partition.INSTRUMENT,
    )

    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        desk.say(*(order(f"A{n}") for n in range(3)))
        other.order("B", "XYZ")
        other.order("C", "ZZZ")  # nobody trades that, and no client makes engines by the million
        await asyncio.sleep(1)
        assert [at for at, _ in desk.taken()] == [20_005, 20_015, 20_025]
        assert other.taken() == [(20_005, "8 B 0"), (20_005, "8 C 8")]

    play(test, slow)


def test_a_cancel_that_follows_its_order_finds_it():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), cancel("C", "A"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_020, "8 A 0"), (10_020, "8 C 4")]

    play(test, stages(matching=20))


def test_a_fill_that_is_decided_before_a_cancel_wins():
    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        desk.order("A")
        await asyncio.sleep(1)
        desk.taken()
        other.order("S", side=2)
        desk.say(cancel("C", "A"))
        await asyncio.sleep(1)
        assert desk.taken() == [(21_020, "8 A 2"), (21_020, "9 C")]
        assert other.taken() == [(21_020, "8 S 0"), (21_020, "8 S 2")]

    play(test, stages(matching=20))


def test_orders_of_a_client_that_has_gone_are_executed_and_its_reports_kept_for_it():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), "35=5|")
        await asyncio.sleep(0.01)
        assert desk.taken() == [(10_000, "5")]
        desk.pipe.close()
        await asyncio.sleep(1)
        assert world.passed("name", "left_ns") == [("A", 10_020)]
        again = await Desk(world.loop, "DESK").connect(number=3)
        await asyncio.sleep(1)
        again.taken()
        again.say("35=2|7=3|16=0|")
        await asyncio.sleep(1)
        assert again.taken()[0][1] == "8 A 0"
        assert again.field(43, 2) == "Y"

    play(test, stages(matching=20))


@pytest.mark.parametrize("partition", Partition)
def test_cancel_on_disconnect_comes_behind_the_orders_that_wait(partition: Partition):
    slow = replace(stages(matching=20), partition=partition)

    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        desk.order("A")
        await asyncio.sleep(0.001)
        desk.pipe.reset()
        back = Desk(world.loop, "DESK")
        await back.connect(number=2)
        back.order("B", "XYZ")  # of the new session: nobody cancels it
        await asyncio.sleep(1)
        other.order("S", side=2)
        other.order("T", "XYZ", side=2)
        await asyncio.sleep(1)
        heard = [what for _, what in other.taken()]
        assert heard == ["8 S 0", "8 T 0", "8 T 2"]
        assert [what for _, what in back.taken()] == ["A", "8 A 0", "8 A 4", "8 B 0", "8 B 2"]

    play(test, slow, cancel_on_disconnect=True)


def test_what_the_gateway_had_not_taken_when_the_connection_broke_is_asked_for_again():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.order("A")
        await asyncio.sleep(0.001)
        desk.pipe.reset()
        await asyncio.sleep(1)
        assert world.passed("name", "due_ns", "left_ns") == [("A", 10_005, None)]
        again = await Desk(world.loop, "DESK").connect(number=2)
        await asyncio.sleep(1)
        assert [what for _, what in again.taken()] == ["A", "2"]
        assert again.field(7) == "2"

    play(test, stages(gateway=5))


def test_the_end_of_a_connection_waits_behind_its_messages():
    async def test(world: World):
        desk = await world.desk()
        world.truth.clear()
        desk.order("A")
        desk.pipe.write_eof()
        await asyncio.sleep(1)
        assert desk.taken() == [(10_005, "8 A 0")]
        assert world.passed("name", "left_ns") == [("A", 10_005)]
        assert world.gateway.connections == 0

    play(test, stages(gateway=5))


def test_a_logout_is_answered_behind_everything_else_and_the_connection_closes_in_order():
    async def test(world: World):
        desk = await world.desk()
        desk.say("35=1|112=T|", "35=5|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_012, "0 T"), (10_012, "5")]
        assert desk.ended is None  # who has begun the Logout closes first
        desk.pipe.write_eof()
        await asyncio.sleep(0.01)
        assert desk.ended == "closed"
        assert world.gateway.connections == 0

    play(test, stages(gateway=5, reply=7))


def test_a_resend_goes_through_the_way_out_in_order():
    async def test(world: World):
        desk = await world.desk()
        desk.say(order("A"), order("B"), "35=2|7=2|16=0|", "35=1|112=T|")
        await asyncio.sleep(1)
        assert [what for _, what in desk.taken()] == ["8 A 0", "8 B 0", "8 A 0", "8 B 0", "0 T"]
        assert [desk.field(34, n) for n in range(1, 6)] == ["2", "3", "2", "3", "4"]

    play(test, stages(reply=7))


def test_duplicates_and_possible_resends_are_told_in_the_order_of_arrival():
    async def test(world: World):
        desk = await world.desk()
        again = order("A").replace("35=D|", "35=D|97=Y|")
        desk.say(order("A"), again, order("A"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_020, "8 A 0"), (10_020, "8 A 8")]

    play(test, stages(matching=20))


def test_a_venue_that_stops_does_what_it_has_been_asked_before():
    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(0.001)
        stopping = asyncio.create_task(world.gateway.stop())
        await asyncio.sleep(0.001)
        assert desk.taken() == [(10_001, "8 A 0"), (10_001, "5")]
        assert world.passed("due_ns", "left_ns") == [(20_000, 10_001)]
        desk.say("35=5|")
        await stopping

    play(test, stages(matching=10_000))


def test_a_venue_that_is_killed_does_nothing_more():
    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(0.001)
        world.gateway.kill()
        await asyncio.sleep(1)
        assert desk.taken() == []
        assert world.passed("name", "left_ns") == [("A", None)]

    play(test, stages(matching=20, reports=5))


def test_a_fault_of_ours_in_one_request_loses_no_other(caplog):
    async def test(world: World):
        desk = await world.desk()
        inner = world.gateway._stages.venue._inner
        asked, on_message = [], inner.on_message

        def broken(client, message, now_ns, *, poss_resend=False):
            asked.append(message)
            if len(asked) == 1:
                raise RuntimeError("of ours")
            return on_message(client, message, now_ns, poss_resend=poss_resend)

        inner.on_message = broken
        desk.say(order("A"), order("B"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_020, "8 B 0")]
        inner.on_message = on_message

    play(test, stages(matching=20))
    (said,) = caplog.records
    assert said.getMessage() == "! a request is lost by a fault of fixgate"


def test_heartbeats_go_on_while_orders_wait():
    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(25)
        assert desk.taken() == [(30_000, "0")]
        desk.say("35=0|")
        await asyncio.sleep(40)
        assert (70_000, "8 A 0") in desk.taken()

    play(test, stages(matching=60_000))


def test_a_pause_of_the_gateway_holds_up_every_connection():
    slow = VenueStages(gateway=StageSettings(pause=Pause(15 * SECOND, 80 * MS)))

    async def test(world: World):
        desk = await world.desk()  # the pause after its Logon is due at 15 s
        other = await world.desk("OTHER")
        desk.say("35=1|112=T|")
        await asyncio.sleep(0.03)
        other.say("35=1|112=U|")
        await asyncio.sleep(1)
        assert desk.taken() == [(20_080, "0 T")]
        assert other.taken() == [(20_080, "0 U")]

    play(test, slow)


def test_a_seed_says_it_all():
    slow = VenueStages(
        gateway=StageSettings(Uniform(0, 3 * MS)),
        matching=StageSettings(Spike(MS, 30 * MS, 0.3)),
        reply=StageSettings(Uniform(0, 3 * MS)),
    )

    async def test(world: World):
        desk = await world.desk()
        for number in range(20):
            desk.say(order(f"A{number}"), f"35=1|112=T{number}|")
            await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        world.heard = desk.taken()
        assert [desk.field(34, n) for n in range(len(desk.messages))] == [
            str(n + 1) for n in range(41)
        ]

    first, again = play(test, slow), play(test, slow)
    assert first.heard == again.heard
    assert first.truth == again.truth
    assert play(test, replace(slow, seed=2)).heard != first.heard


def test_a_set_clock_moves_no_stage():
    async def test(world: World):
        desk = await world.desk()
        clock = world.gateway.clock
        desk.order("A")
        await asyncio.sleep(0.005)
        world.loop.ahead_ns += 3600 * SECOND
        assert clock.follow() == 3600 * SECOND
        await asyncio.sleep(1)
        assert desk.taken() == [(10_020, "8 A 0")]
        # All that is said is by the clock as it goes now: differences are what was waited.
        assert desk.field(60) == "20260105-11:00:10.020000"
        assert desk.field(5979) == str(START + 3610 * SECOND)
        assert world.passed("came_ns", "left_ns") == [(3_610_000, 3_610_020)]

    play(test, replace(stages(matching=20), stamps=RequestStamp.BEHIND_GATEWAY))


DELAYS = st.builds(Uniform, st.just(0), st.integers(0, 40 * MS))
WHAT = st.lists(
    st.tuples(st.sampled_from(["DESK", "OTHER"]), st.sampled_from("BSCTW"), st.integers(0, 9)),
    max_size=15,
)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["gateway", "matching", "reports", "reply"]),
        st.builds(StageSettings, DELAYS, st.none(), st.sampled_from((None, 100))),
    ),
    WHAT,
)
def test_stages_change_when_things_happen_and_never_what(
    found: dict[str, StageSettings], acts: list[tuple[str, str, int]]
):
    """What orders meet keeps its order whoever sends it; only the gateway's lanes are apart."""

    def heard(slow: VenueStages | None) -> dict[str, list[str]]:
        async def test(world: World):
            desks = {name: await world.desk(name) for name in ("DESK", "OTHER")}
            for number, (name, what, other) in enumerate(acts):
                match what:
                    case "B" | "S":
                        desks[name].order(f"{number}", side=1 if what == "B" else 2)
                    case "C":
                        desks[name].say(cancel(f"{number}", f"{other}"))
                    case "T":
                        desks[name].say(f"35=1|112={number}|")
                    case "W":
                        await asyncio.sleep(other / 1000)
                if "gateway" in found:
                    await asyncio.sleep(1)
            await asyncio.sleep(20)
            for desk in desks.values():
                numbers = [int(desk.field(34, n)) for n in range(len(desk.messages))]
                assert numbers == sorted(numbers)
            world.heard = {name: [what for _, what in desk.taken()] for name, desk in desks.items()}

        return play(test, slow).heard

    def apart(all_heard: dict[str, list[str]]) -> list[list[str]]:
        """Heartbeats pass reports, but neither overtakes its own kind."""
        return [
            [each for each in heard if each.startswith("0 ") is answers]
            for heard in all_heard.values()
            for answers in (True, False)
        ]

    assert apart(heard(VenueStages(**found))) == apart(heard(None))


def test_no_more_than_a_bound_waits_in_front_of_the_session_and_behind_it():
    async def test(world: World):
        desk = await world.desk()
        text = "x" * 2000
        for number in range(100):
            desk.say(f"35=1|112={number}{text}|")
        await asyncio.sleep(0.1)
        (party,) = (each for each in world.gateway.roster if each.client.key == "DESK")
        assert not party.endpoint._transport.is_reading()
        await asyncio.sleep(60)
        assert [what.split("x")[0] for _, what in desk.taken() if what.startswith("0 ")] == [
            f"0 {number}" for number in range(100)
        ]

    play(test, stages(gateway=500))
    play(test, stages(reply=500))


def test_a_client_for_whom_too_much_waits_is_refused_and_nobody_else():
    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        world.gateway._stages.venue._max_waiting = 2
        desk.say(order("A"), order("B"), order("C"))
        other.order("S")
        await asyncio.sleep(0.001)
        assert desk.taken() == [(20_000, "j")]
        assert desk.field(58) == "Too many requests and reports wait: at most 2"
        await asyncio.sleep(1)
        assert desk.taken() == [(20_040, "8 A 0"), (20_040, "8 B 0")]
        assert other.taken() == [(20_040, "8 S 0")]
        desk.order("D")
        await asyncio.sleep(1)
        assert desk.taken() == [(21_041, "8 D 0")]

    play(test, stages(matching=20, reports=20))


# A venue that stops reading.


def test_a_venue_that_stops_reading_leaves_what_comes_in_its_socket():
    deaf = VenueStages(reading=Reading(stop_after=2, lasting_ns=5 * SECOND))

    async def test(world: World):
        desk = await world.desk()  # its Logon is the first
        desk.say("35=1|112=T|")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_000, "0 T")]
        desk.say("35=1|112=U|")
        await asyncio.sleep(10)
        assert desk.taken() == [(15_000, "0 U")]
        assert world.passed("stage", "name", "came_ns", "left_ns") == [
            ("reading", "T", 10_000, 15_000)
        ]
        desk.say("35=1|112=V|")
        desk.say("35=1|112=W|")
        await asyncio.sleep(10)
        # U and V make two again.
        assert desk.taken() == [(21_000, "0 V"), (26_000, "0 W")]

    play(test, deaf)


def test_a_venue_that_does_not_read_holds_no_silence_against_its_peer():
    deaf = VenueStages(reading=Reading(stop_after=2, lasting_ns=300 * SECOND))

    async def test(world: World):
        desk = await world.desk()
        desk.say("35=1|112=T|")
        await asyncio.sleep(299)
        assert desk.taken() == [(10_000, "0 T")]
        desk.say("35=1|112=U|")
        await asyncio.sleep(5)
        assert (310_000, "0 U") in desk.taken()
        assert desk.ended is None

    play(test, deaf)


def test_a_venue_that_does_not_read_can_be_stopped():
    deaf = VenueStages(reading=Reading(stop_after=1, lasting_ns=300 * SECOND))

    async def test(world: World):
        desk = await world.desk()
        await world.gateway.stop()
        assert [what for _, what in desk.taken()] == ["5"]
        assert world.gateway.connections == 0
        assert world.loop.now_ns < 13 * SECOND

    play(test, deaf)


# Stamps.


def test_without_stamps_nothing_is_said():
    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(1)
        assert desk.field(5979) is None
        assert desk.field(60) == "20260105-10:00:10.020"

    play(test, stages(matching=20))


@pytest.mark.parametrize(
    ("stamps", "asked_ns"),
    [
        (RequestStamp.BEHIND_GATEWAY, START + 10_005 * MS),
        (RequestStamp.BEFORE_GATEWAY, START + 10_000 * MS),
    ],
)
def test_a_venue_says_its_own_times(stamps: RequestStamp, asked_ns: int):
    slow = stages(gateway=5, matching=20, reports=3, reply=1)

    async def test(world: World):
        desk = await world.desk()
        desk.order("A")
        await asyncio.sleep(1)
        assert desk.taken() == [(10_029, "8 A 0")]
        assert desk.field(5979) == str(asked_ns)
        assert desk.field(60) == "20260105-10:00:10.025000"
        assert desk.field(52) == "20260105-10:00:10.028000"
        assert desk.field(768) is None

    play(test, replace(slow, stamps=stamps))


def test_fix_50_says_when_matching_had_it_and_was_done():
    slow = replace(stages(gateway=5, matching=20), stamps=RequestStamp.BEFORE_GATEWAY)

    async def test(world: World):
        desk = await world.desk("MODERN", "FIXT.1.1")
        desk.order("A")
        await asyncio.sleep(1)
        assert (
            b"\x01".join(
                (
                    b"\x01768=2",
                    b"769=20260105-10:00:10.005000000",
                    b"770=2",
                    b"769=20260105-10:00:10.025000000",
                    b"770=3",
                    b"5979=%d" % (START + 10 * SECOND),
                    b"10=",
                )
            )
            in desk.messages[-1]
        )
        assert desk.field(60) == "20260105-10:00:10.025000000"

    play(test, slow)


def test_a_client_whose_order_is_met_by_another_is_told_no_request_time():
    async def test(world: World):
        desk = await world.desk()
        other = await world.desk("OTHER")
        desk.order("A")
        await asyncio.sleep(1)
        other.order("S", side=2)
        await asyncio.sleep(1)
        assert desk.taken()[-1] == (21_000, "8 A 2")
        assert desk.field(5979) is None
        assert desk.field(60) == "20260105-10:00:21.000000"
        assert other.field(5979) == str(START + 21 * SECOND)

    play(test, VenueStages(stamps=RequestStamp.BEHIND_GATEWAY))


def test_refusals_are_stamped_too():
    async def test(world: World):
        desk = await world.desk()
        desk.say(cancel("C", "NOBODY"))
        await asyncio.sleep(1)
        assert desk.taken() == [(10_020, "9 C")]
        assert desk.field(60) == "20260105-10:00:10.020000"
        assert desk.field(5979) == str(START + 10 * SECOND)
        desk.say("35=V|262=M|263=0|264=0|267=1|269=0|146=1|55=ABC|")
        await asyncio.sleep(1)
        assert [what for _, what in desk.taken()] == ["j"]
        assert desk.field(5979) == str(START + 11 * SECOND)

    play(test, replace(stages(matching=20), stamps=RequestStamp.BEHIND_GATEWAY))
