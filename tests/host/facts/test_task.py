"""Of /proc/PID, as Linux 6.18 writes it."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.task import labelled, migrations, run_delay_ns

STATUS = """\
Name:	python
State:	S (sleeping)
Cpus_allowed_list:	2-3
voluntary_ctxt_switches:	150
nonvoluntary_ctxt_switches:	12
"""
SCHED = """\
cat (8908, #threads: 1)
-------------------------------------------------------------------
se.exec_start                                :      23471081.748024
se.nr_migrations                             :                   17
nr_switches                                  :                    0
"""


def test_lines_by_their_labels():
    found = labelled(STATUS)
    assert found["Name"] == "python"
    assert found["Cpus_allowed_list"] == "2-3"
    assert found["nonvoluntary_ctxt_switches"] == "12"


def test_of_a_label_that_comes_again_the_first_counts():
    cpuinfo = "processor\t: 0\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\nflags\t\t: fpu\n"
    assert labelled(cpuinfo) == {"processor": "0", "flags": "fpu hypervisor"}


def test_time_waited_to_run():
    assert run_delay_ns("139558 42614 1\n") == 42614
    assert run_delay_ns("139558 0 1\n") == 0


def test_three_zeros_are_a_kernel_that_does_not_count():
    assert run_delay_ns("0 0 0\n") is None


def test_migrations():
    assert migrations(SCHED) == 17
    assert migrations(None) is None


@given(st.text())
def test_no_text_raises(text: str):
    delay_ns, moved = run_delay_ns(text), migrations(text)
    assert delay_ns is None or delay_ns >= 0
    assert moved is None or moved >= 0
    assert all(label in text for label in labelled(text))
