from __future__ import annotations

import pytest

from fixgate.health.flood import MAX_BYTES, RECORD_BYTES, FloodedHistory
from fixgate.history import Record
from fixgate.session.events import Reaction, Violation
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.fixtext import fix


def test_what_comes_from_the_venue_is_kept_up_to_a_limit():
    flooded = []
    history = FloodedHistory(3 * RECORD_BYTES, lambda: flooded.append(len(history)))
    for at_ns, glyph in enumerate("#~>" + "<=" * 4 + ">~#"):
        history.add(Record(at_ns, glyph, at_ns))
    assert "".join(record.glyph for record in history) == "#~><=<>~#"
    assert flooded == [6]  # once, when the fourth came


def test_who_is_told_may_add_to_it():
    history = FloodedHistory(RECORD_BYTES, lambda: history.add(Record(9, "#", "flooded")))
    for _ in range(3):
        history.add(Record(0, "<", b""))
    assert [record.what for record in history] == [b"", "flooded"]


def test_of_large_messages_fewer_are_kept():
    history = FloodedHistory(MAX_BYTES, lambda: None)
    for _ in range(3000):
        history.add(Record(0, "<", bytes(64_000)))
        history.add(Record(0, ">", b"ours"))
    kept = sum(len(data) for _, data in history.received())
    assert kept == 64_000 * (MAX_BYTES // (64_000 + RECORD_BYTES))
    assert len(list(history.sent())) == 3000


@pytest.mark.parametrize("fields", [50, 2000])
def test_what_an_event_holds_of_a_message_counts(fields):
    """A message of short fields that has been read takes a dozen times what it is long."""
    message = decode(fix("35=0|34=2|" + "|".join(f"{5000 + n}=x" for n in range(fields))))
    assert isinstance(message, Message)
    held = Violation("dictionary", 5000, 0, Reaction.NONE, "", message)
    history = FloodedHistory(MAX_BYTES, lambda: None)
    for _ in range(50_000):
        history.add(Record(0, "=", held))
    assert len(history) == MAX_BYTES // (RECORD_BYTES + 100 * len(message))
