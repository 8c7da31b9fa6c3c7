from __future__ import annotations

import sys

from fuzz.memory import held_bytes


def test_all_that_can_be_reached_is_counted_once():
    text = "x" * 1000
    held = [text, text, {"a": (text, "y" * 500)}]
    assert 1500 < held_bytes(held, ()) < 2600
    assert held_bytes(text, ()) == sys.getsizeof(text)


def test_what_belongs_to_others_is_not():
    shared = {"big": "x" * 10_000}
    assert held_bytes([shared], (shared,)) < 200
    assert held_bytes(held_bytes, ()) == 0, "code is nobody's"
