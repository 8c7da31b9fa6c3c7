import simplefix
from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.resend import Resend
from fixgate.session.settings import Role, SessionId, SessionSettings
from fixgate.session.store import MemoryStore
from fixgate.session.writer import Writer
from tests.session.rig import Rig

NOW = 1_772_442_000_000_000_000
SETTINGS = SessionSettings(SessionId("FIX.4.4", "A", "B"), Role.ACCEPTOR)


def stored(kinds: str) -> MemoryStore:
    """Messages 1, 2, ...: ``a`` administrative, ``n`` news, ``-`` a number that holds nothing."""
    store = MemoryStore()
    for number, kind in enumerate(kinds, 1):
        message = simplefix.FixMessage()
        message.append_pair(8, "FIX.4.4")
        message.append_pair(35, "0" if kind == "a" else "B")
        for tag, value in ((34, number), (49, "A"), (52, "20260302-09:00:00.000"), (56, "B")):
            message.append_pair(tag, value)
        if kind == "-":
            store.set_next_out(number + 1, NOW)
        else:
            store.sent(number, message.encode(), NOW)
    return store


def answer(store: MemoryStore, begin: int, end: int, chunk_bytes: int) -> list[tuple[str, int]]:
    """What a ResendRequest brings: ``("B", number)`` or ``("4", NewSeqNo)``, in order."""
    resend = Resend(store, Writer(SETTINGS, 3), begin, end, again_to=end)
    told: list[tuple[str, int]] = []
    for _ in range(1000):
        messages, done = resend.chunk(NOW, chunk_bytes)
        for raw in messages:
            fields = dict(part.split("=", 1) for part in raw.decode().split("\x01")[:-1])
            told.append((fields["35"], int(fields["36" if fields["35"] == "4" else "34"])))
        if done:
            return told
    raise AssertionError("the answer never ends")


def test_a_chunk_that_fills_at_a_gap_fill_loses_nothing_and_ends():
    assert answer(stored("aannaana"), 1, 8, 1) == [
        ("4", 3),
        ("B", 3),
        ("B", 4),
        ("4", 7),
        ("B", 7),
        ("4", 9),
    ]


def test_a_day_of_heartbeats_is_passed_over_in_chunks():
    """Or every other session waits for as long as it takes to look at all of them."""
    store = stored("a" * 20_000)
    resend = Resend(store, Writer(SETTINGS, 3), 1, 20_000, again_to=20_000)
    chunks = []
    while not chunks or not chunks[-1][1]:
        chunks.append(resend.chunk(NOW, 1 << 16))
    assert len(chunks) > 10
    assert {b"".join(messages) for messages, _ in chunks[:-1]} == {b""}
    (fill,) = chunks[-1][0]
    assert b"\x0134=1\x01" in fill
    assert b"\x0136=20001\x01" in fill


def test_a_session_answers_others_while_it_passes_over():
    rig = Rig(store=stored("a" * 5000)).connect()
    rig.rx("35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=0")
    assert rig.session.resending
    rig.rx("35=1|34=3|112=X")
    assert rig.tx()[1:] == ["35=0|34=5002|112=X"]
    while rig.session.resending:
        rig.session.continue_resend(rig.now_ns)
    (fill,) = rig.tx()
    assert fill.startswith("35=4|34=1|43=Y|")
    assert fill.endswith("|36=5002|123=Y")


def test_a_huge_hole_costs_nothing():
    store = stored("n")
    store.set_next_out(10**12, NOW)
    assert answer(store, 1, 10**12 - 1, 1 << 16) == [("B", 1), ("4", 10**12)]


@given(
    kinds=st.text("an-", min_size=1, max_size=30),
    span=st.tuples(st.integers(1, 30), st.integers(0, 30)),
    chunk_bytes=st.integers(1, 600),
)
def test_the_answer_covers_every_number_once(kinds: str, span: tuple[int, int], chunk_bytes: int):
    begin = min(span[0], len(kinds))
    end = min(begin + span[1], len(kinds))
    reached = begin
    for kind, number in answer(stored(kinds), begin, end, chunk_bytes):
        if kind == "B":
            assert number == reached
            assert kinds[number - 1] == "n"
            reached += 1
        else:
            assert "n" not in kinds[reached - 1 : number - 1]
            assert number > reached
            reached = number
    assert reached == end + 1
