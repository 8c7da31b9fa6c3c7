from __future__ import annotations

from fixgate.health.flood import FloodedHistory
from fixgate.history import Record


def test_what_comes_from_the_venue_is_kept_up_to_a_limit():
    flooded = []
    history = FloodedHistory(3, lambda: flooded.append(len(history)))
    for at_ns, glyph in enumerate("#~>" + "<=" * 4 + ">~#"):
        history.add(Record(at_ns, glyph, at_ns))
    assert "".join(record.glyph for record in history) == "#~><=<>~#"
    assert flooded == [6]  # once, when the fourth came


def test_who_is_told_may_add_to_it():
    history = FloodedHistory(1, lambda: history.add(Record(9, "#", "flooded")))
    for _ in range(3):
        history.add(Record(0, "<", b""))
    assert [record.what for record in history] == [b"", "flooded"]
