from __future__ import annotations

import pytest

from fixgate.report.block import fold, labelled
from fixgate.report.layout import Glyphs

PLAIN = Glyphs.for_encoding("ascii")


@pytest.mark.parametrize(
    ("text", "between", "lines"),
    [
        ("short", "", ["short"]),
        ("35=A|34=1|49=ABC|", "", ["35=A|34=1|", "49=ABC|"]),
        ("one two three four", "", ["one two", "three four"]),
        ("a = 1, b = 2, c = 3", ", ", ["a = 1,", "b = 2, c = 3"]),
        ("aaaa bbbb cccc dddd", ", ", ["aaaa bbbb", "cccc dddd"]),
        ("x" * 25, ", ", ["x" * 12, "x" * 12, "x"]),
    ],
)
def test_fold(text, between, lines):
    assert fold(text, 12, between=between) == lines


def test_a_labelled_text_hangs_behind_its_label():
    rows = [row.plain for row in labelled("what", "one two\x1b three four five", 36, PLAIN)]
    assert rows == ["  what        one two\\x1b three four", "              five"]
