"""What chronyc prints, by its manual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.chrony import tracking
from fixgate.host.model import Chrony
from tests.host.machines import TRACKING

UNSYNCHRONISED = "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n"  # noqa: E501 - one line


def test_a_clock_that_is_kept():
    found = tracking(TRACKING)
    assert found == Chrony("ntp1.desk.example", 2, -1204, 80_000, 20_000, "Normal")
    assert found.most_ns == 61_204


def test_a_clock_that_nobody_keeps():
    found = tracking(UNSYNCHRONISED)
    assert found == Chrony("", 0, 0, 10**9, 10**9, "Not synchronised")


@pytest.mark.parametrize("text", [None, "", "506 Cannot talk to daemon\n", "a,b,c"])
def test_no_account(text: str | None):
    assert tracking(text) is None


@given(
    st.text()
    | st.lists(st.text(alphabet="0123456789.-+ab"), min_size=14, max_size=14).map(",".join)
)
def test_no_text_raises(text: str):
    found = tracking(text)
    assert found is None or found.root_delay_ns >= 0 or "-" in text
