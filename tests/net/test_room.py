from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.net.room import Room


class Guest:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.had_to_go = False

    def make_room(self) -> None:
        self.had_to_go = True

    def close(self) -> None:
        raise AssertionError("a room closes nobody for good")


def enter(room: Room, origin: str, count: int = 1) -> list[Guest]:
    guests = [Guest(origin) for _ in range(count)]
    for guest in guests:
        assert room.enter(guest)
    return guests


def gone(guests: list[Guest]) -> list[int]:
    return [number for number, guest in enumerate(guests) if guest.had_to_go]


def test_a_full_room_of_strangers_makes_room_for_whoever_comes():
    room = Room(4, 4)
    strangers = enter(room, "stranger", 4)
    enter(room, "client")
    assert gone(strangers) == [0]  # who has waited longest
    assert len(room) == 4


def test_a_stranger_who_comes_again_and_again_pushes_out_only_its_own():
    room = Room(4, 4)
    (client,) = enter(room, "client")
    strangers = enter(room, "stranger", 50)
    assert not client.had_to_go
    assert gone(strangers) == list(range(47))


def test_among_many_strangers_the_most_numerous_make_room():
    room = Room(6, 6)
    one, two, three = (enter(room, name, count) for name, count in [("a", 1), ("b", 2), ("c", 3)])
    enter(room, "d")
    assert (gone(one), gone(two), gone(three)) == ([], [], [0])
    # Now b, c and d have two each, the newcomer counted: b had so many first.
    (d,) = enter(room, "d")
    assert (gone(one), gone(two), gone(three), d.had_to_go) == ([], [0], [0], False)


def test_a_seat_is_never_taken_away():
    room = Room(2, 2)
    seated = enter(room, "client", 2)
    for guest in seated:
        room.seat(guest)
    assert not room.enter(Guest("client"))
    assert not room.enter(Guest("stranger"))
    assert gone(seated) == []
    room.leave(seated[0])
    enter(room, "stranger")


def test_one_origin_has_so_many_places_seats_included():
    room = Room(10, 3)
    first, second, third = enter(room, "client", 3)
    room.seat(first)
    enter(room, "client")
    assert gone([first, second, third]) == [1]
    room.seat(third)
    assert len(room) == 3
    enter(room, "other", 3)
    assert len(room) == 6


def test_leaving_twice_is_leaving_once():
    room = Room(1, 1)
    (guest,) = enter(room, "a")
    room.leave(guest)
    room.leave(guest)
    assert len(room) == 0
    (guest,) = enter(room, "a")
    room.seat(guest)
    room.leave(guest)
    room.leave(guest)
    assert (len(room), room.waiting()) == (0, [])


def test_who_waits():
    room = Room(5, 5)
    one, two, three = (*enter(room, "a", 2), *enter(room, "b"))
    room.seat(one)
    assert room.waiting() == [two, three]


class Model:
    """The same rules by looking at everybody, every time."""

    def __init__(self, places: int, per_origin: int) -> None:
        self.places, self.per_origin = places, per_origin
        self.waiting: list[Guest] = []
        self.seated: list[Guest] = []

    def count(self, origin: str) -> int:
        return sum(guest.origin == origin for guest in self.waiting + self.seated)

    def may_have_to_go(self, origin: str) -> list[Guest] | None:
        """Who may make room for a newcomer of ``origin``; ``None`` when nobody has to."""
        counts = Counter(guest.origin for guest in self.waiting)
        if self.count(origin) >= self.per_origin:
            crowds = {origin}
        elif len(self.waiting) + len(self.seated) < self.places:
            return None
        else:
            most = max([counts[origin] + 1, *counts.values()])
            crowds = {name for name, count in counts.items() if count == most}
            if counts[origin] + 1 == most > max(counts.values(), default=0):
                crowds = {origin}
        return [
            next(guest for guest in self.waiting if guest.origin == crowd)
            for crowd in crowds
            if counts[crowd]
        ]


@pytest.mark.parametrize("per_origin", [1, 2, 4, 9])
@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("enter"), st.sampled_from("abcd")),
            st.tuples(st.sampled_from(["seat", "leave"]), st.integers(0, 8)),
        )
    )
)
@settings(deadline=None)
def test_against_a_model(per_origin, acts):
    room, model = Room(5, per_origin), Model(5, per_origin)
    for act, which in acts:
        if act == "enter":
            candidates = model.may_have_to_go(which)
            guest = Guest(which)
            assert room.enter(guest) is (candidates is None or bool(candidates))
            left = [each for each in model.waiting if each.had_to_go]
            assert len(left) == bool(candidates)
            assert all(each in candidates for each in left)
            model.waiting = [each for each in model.waiting if not each.had_to_go]
            if candidates is None or candidates:
                model.waiting.append(guest)
        elif act == "seat" and model.waiting:
            guest = model.waiting.pop(which % len(model.waiting))
            room.seat(guest)
            model.seated.append(guest)
        elif act == "leave" and (everybody := model.waiting + model.seated):
            guest = everybody[which % len(everybody)]
            room.leave(guest)
            (model.waiting if guest in model.waiting else model.seated).remove(guest)
        assert len(room) == len(model.waiting) + len(model.seated) <= 5
        assert set(room.waiting()) == set(model.waiting)
        assert not any(guest.had_to_go for guest in model.seated)
