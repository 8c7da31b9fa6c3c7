from __future__ import annotations

from fixgate.history import History, Record


def test_since_is_from_the_newest_beginning_on():
    history = History(limit=5)
    assert history.since(lambda what: True) == ()
    for number, what in enumerate("abacd"):
        history.add((number, "#", what))
    assert history.since(lambda what: what == "a") == (
        Record(2, "#", "a"), Record(3, "#", "c"), Record(4, "#", "d")
    )  # fmt: skip
    assert history.since(lambda what: what == "d") == (Record(4, "#", "d"),)
    assert history.since(lambda what: False) == tuple(history)
