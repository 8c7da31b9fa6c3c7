"""/proc/interrupts and /proc/softirqs, as Linux 6.18 writes them."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.interrupts import InterruptRow, interrupt_rows

INTERRUPTS = """\
           CPU0       CPU2       
 36:          0    5116854 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
LOC:    7902792    8072650   Local timer interrupts
ERR:          0
MIS:          0
"""  # noqa: W291 - as it is
SOFTIRQS = """\
                    CPU0       CPU1
          HI:          0          1
      NET_RX:     859714     982500
"""


def test_lines_of_devices_and_of_cpus():
    assert interrupt_rows(INTERRUPTS) == (
        InterruptRow("36", ((0, 0), (2, 5116854)), "PCI-MSIX-0000:00:02.0 1-edge virtio1-req.0"),
        InterruptRow("LOC", ((0, 7902792), (2, 8072650)), "Local timer interrupts"),
    )


def test_softirqs():
    assert interrupt_rows(SOFTIRQS)[1] == InterruptRow("NET_RX", ((0, 859714), (1, 982500)), "")


def test_no_table():
    assert interrupt_rows(None) == ()
    assert interrupt_rows("CPU0 CPUx\n 1: 2 3\n") == ()
    assert interrupt_rows("\n 1: 2 3\n") == ()


@given(st.text() | st.text(alphabet="CPU0123 :\nx").map(lambda rest: "CPU0 CPU1\n" + rest))
def test_no_text_raises(text: str):
    assert len(interrupt_rows(text)) <= len(text.splitlines())
