"""What is stolen, and who waits."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.load import Pressure, pressure, steal_ticks

CPU_PRESSURE = """\
some avg10=54.20 avg60=12.94 avg300=3.23 total=9114210975
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
"""
STAT = """\
cpu  2760858 681000 270165 961669 5417 0 8542 1932 0 0
cpu0 1322838 340136 123559 552732 1518 0 2184 954 0 0
intr 25286414 0 0
"""


def test_pressure():
    assert pressure(CPU_PRESSURE) == Pressure(54.2, 9114210975)
    assert pressure("full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n") is None
    assert pressure("some avg10=1 total=x\n") is None
    assert pressure(None) is None


def test_ticks_stolen():
    assert steal_ticks(STAT) == 1932
    assert steal_ticks("cpu  1 2 3 4\n") is None
    assert steal_ticks("") is None


@given(st.text())
def test_no_text_raises(text: str):
    assert pressure(text) is None or "some" in text
    assert pressure("some " + text) is None or "avg10=" in text
    assert steal_ticks(text) is None or "cpu" in text
