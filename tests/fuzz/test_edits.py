from __future__ import annotations

import random

import pytest

from fuzz.edits import any_edits, changed_edits, edited

FILES = {"a": b"0123456789", "b": b"xyz"}


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("flip a 0 1", b"2123456789"),
        ("cut a 4", b"0123"),
        ("cut a 15", b"0123"),
        ("drop a 2 3", b"0156789"),
        ("zero a 8 9", b"01234567\0\0"),
        ("put a 1 6162", b"0ab123456789"),
        ("over a 1 6162", b"0ab3456789"),
        ("copy a 0 2 10", b"012345678901"),
        ("word a 7 -1", b"-1"),
        ("mend a", b"mended"),
    ],
)
def test_what_is_done_to_a_file(line, after):
    found, mended = edited(FILES, line.encode(), lambda data: b"mended")
    assert found == {**FILES, "a": after}
    assert mended == line.startswith("mend")


def test_files_go_and_get_other_names():
    assert edited(FILES, b"remove a\nrename b c")[0] == {"c": b"xyz"}
    for name in ("..", "x/y", "", "\x00"):
        assert edited(FILES, f"rename b {name}".encode())[0] == FILES


@pytest.mark.parametrize("line", ["", "flip", "flip a", "flip a x y", "put a 0 zz", "cut z 1", "?"])
def test_what_is_no_edit_is_passed_over(line):
    assert edited(FILES, line.encode())[0] == FILES


def test_nearly_every_edit_that_is_made_up_does_something():
    done = 0
    for seed in range(300):
        dice = random.Random(seed)
        script = b"\n".join(any_edits(dice, FILES, ("a", "c"), mends=True))
        done += edited(FILES, changed_edits(dice, script, []), lambda data: data + b"!")[0] != FILES
    assert done > 200
