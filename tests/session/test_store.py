from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.store import MemoryStore


def kept(store: MemoryStore) -> list[int]:
    return [number for number, _ in store.messages(1, 1 << 62)]


def test_the_oldest_messages_are_let_go_of_first():
    store = MemoryStore(kept_bytes=100)
    for number in range(1, 12):
        store.sent(number, b"x" * 10, 0)
    assert kept(store) == list(range(2, 12))
    store.sent(12, b"x" * 95, 0)
    assert kept(store) == [12]
    assert store.next_out == 13


def test_a_message_larger_than_all_that_is_kept_is_not_kept():
    store = MemoryStore(kept_bytes=100)
    store.sent(1, b"x", 0)
    store.sent(2, b"x" * 101, 0)
    assert kept(store) == []
    store.sent(3, b"y" * 100, 0)
    assert kept(store) == [3]


def test_a_reset_makes_room():
    store = MemoryStore(kept_bytes=100)
    store.sent(1, b"x" * 90, 0)
    store.reset(5)
    store.sent(1, b"y" * 90, 0)
    assert kept(store) == [1]


@given(st.lists(st.one_of(st.integers(0, 60), st.just("reset")), max_size=60))
def test_what_is_kept_is_the_newest_that_fits(steps):
    store = MemoryStore(kept_bytes=100)
    sent: list[bytes] = []
    for step in steps:
        if step == "reset":
            store.reset(0)
            sent.clear()
        else:
            sent.append(b"m" * step)
            store.sent(len(sent), sent[-1], 0)
    found = list(store.messages(1, 1 << 62))
    assert sum(len(message) for _, message in found) <= 100
    assert found == [(n, sent[n - 1]) for n in range(len(sent) - len(found) + 1, len(sent) + 1)]
    if len(found) < len(sent):
        room = 100 - sum(len(message) for _, message in found)
        assert len(sent[len(sent) - len(found) - 1]) > room
