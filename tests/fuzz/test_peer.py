from __future__ import annotations

import pytest

from fuzz.peer import build, timestamp
from tests.fixtext import fix, soh

NOW_NS = 1_772_442_000_123_000_000


def built(text: str, count: int = 0) -> bytes:
    return build(soh(text), b"FIX.4.4", next_in=7, next_out=9, now_ns=NOW_NS, count=count)


def test_what_is_missing_of_the_frame_is_filled_in():
    assert built("35=0|34=2|") == fix("35=0|34=2|")
    assert built("8=FIX.4.2|35=0|") == fix("35=0|", "FIX.4.2")


def test_what_is_written_of_the_frame_stays():
    assert built("9=5|35=0|").startswith(soh("8=FIX.4.4|9=5|35=0|10="))
    assert built("35=0|10=000|") == soh("8=FIX.4.4|9=5|35=0|10=000|")
    assert built("35=0|10=0|58=x|").startswith(soh("8=FIX.4.4|9=15|35=0|10=0|58=x|10="))


@pytest.mark.parametrize(
    ("token", "value"),
    [
        *(("{n}", "7"), ("{n+3}", "10"), ("{n-8}", "-1"), ("{o}", "9"), ("{o-1}", "8")),
        *(("{n+i}", "11"), ("{x}", "{x}"), ("{n+}", "{n+}"), ("{t}", "20260302-09:00:00.123")),
        *(("{t-60}", "20260302-08:59:00.123"), ("{t+1000000000}", "20571108-10:46:40.123")),
    ],
)
def test_tokens(token, value):
    assert built(f"35=0|34={token}|", count=4) == fix(f"35=0|34={value}|")


def test_a_clock_beyond_the_years_that_can_be_said():
    assert timestamp(-(10**20)) == b"00010102-00:00:00.000"
    assert timestamp(10**21) == b"99991230-00:00:00.000"
