from __future__ import annotations

from fuzz.shrink import shrink


def test_only_what_fails_is_left():
    data = b"\n".join([b"session", *(b"rx 35=%d|58=x|11=y|" % n for n in range(50)), b"drop"])
    small = shrink(data, lambda each: b"35=7|" in each and b"drop" in each)
    assert small == b"35=7|drop"


def test_what_does_not_fail_without_a_byte_stays():
    assert shrink(b"abc", lambda each: each == b"abc") == b"abc"
    assert shrink(b"", lambda each: True) == b""


def test_nobody_waits_for_ever():
    asked = []
    shrink(b"a" * 1000, lambda each: bool(asked.append(each)), within_s=0)
    assert len(asked) == 0
