from __future__ import annotations

import pytest

from fixgate.errors import StoreError
from fixgate.net.outgoing import Outgoing


class SlowStore:
    """Stores nothing; says what the test tells it to say."""

    def __init__(self) -> None:
        self.answers: list[int | StoreError] = []
        self.hear = None

    def watch(self, on_stored):
        self.hear = on_stored

    def flush(self) -> int:
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, StoreError):
            raise answer
        return answer


class Talker:
    """What `Outgoing` sees of a session."""

    def __init__(self) -> None:
        self.store = SlowStore()
        self.says: list[bytes] = []

    def output(self) -> bytes:
        return self.says.pop(0) if self.says else b""


class Rig:
    def __init__(self) -> None:
        self.session = Talker()
        self.store = self.session.store
        self.written: list[bytes] = []
        self.gone_on = 0
        self.failures: list[str] = []
        self.outgoing = Outgoing(
            self.session, write=self.written.append, go_on=self.go_on, failed=self.failed
        )

    def go_on(self):
        self.gone_on += 1

    def failed(self, error):
        self.failures.append(str(error))

    def turn(self, says: bytes, answer: int | StoreError) -> None:
        self.session.says.append(says)
        self.store.answers.append(answer)
        self.outgoing.push()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_what_is_stored_is_written_at_once(rig):
    rig.turn(b"a", 0)
    rig.turn(b"", 0)
    assert rig.written == [b"a"]
    assert rig.outgoing.held_bytes == 0


def test_nothing_is_written_before_it_is_stored_and_all_in_order(rig):
    rig.turn(b"a", 1)
    rig.turn(b"bc", 2)
    rig.turn(b"", 2)
    rig.turn(b"d", 2)
    assert (rig.written, rig.outgoing.held_bytes) == ([], 4)
    rig.store.hear(1, None)
    assert (rig.written, rig.outgoing.held_bytes, rig.gone_on) == ([b"a"], 3, 1)
    rig.turn(b"e", 3)
    rig.store.hear(2, None)
    assert rig.written == [b"a", b"bc", b"d"]
    rig.store.hear(3, None)
    assert rig.written[-1] == b"e"
    rig.store.hear(4, None)  # of somebody else's messages
    assert rig.gone_on == 3


def test_who_has_waited_for_the_store_has_waited_for_all(rig):
    rig.turn(b"a", 1)
    rig.turn(b"b", 1)

    def flush():
        rig.store.hear(1, None)
        return 0

    rig.store.flush = flush
    rig.session.says.append(b"c")
    rig.outgoing.push()
    assert rig.written == [b"a", b"b", b"c"]


def test_what_could_not_be_stored_waits_until_it_can(rig):
    with pytest.raises(StoreError, match="full"):
        rig.turn(b"a", StoreError("disk", "full"))
    assert rig.outgoing.held_bytes == 1
    rig.turn(b"b", 0)
    assert rig.written == [b"a", b"b"]
    assert rig.outgoing.held_bytes == 0


def test_what_fails_behind_our_back_is_told_and_stays_held(rig):
    rig.turn(b"a", 1)
    rig.store.hear(1, StoreError("disk", "full"))
    assert rig.failures == ["disk: full"]
    assert rig.written == []
    rig.turn(b"b", 2)
    rig.store.hear(2, None)
    assert rig.written == [b"a", b"b"]


def test_a_connection_that_is_gone_hears_nothing(rig):
    rig.turn(b"a", 1)
    rig.outgoing.close()
    assert rig.store.hear is None
    assert rig.outgoing.held_bytes == 0
