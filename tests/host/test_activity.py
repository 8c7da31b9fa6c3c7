"""Interrupts between two readings."""

from fixgate.host.activity import interrupts_between
from fixgate.host.model import Interrupts, Irq, Softirq


def test_what_came_in_between():
    before = Interrupts(
        (Irq("120", "eth0", (4,), 5, 100), Irq("121", "gone", None, 1, 1)),
        (Softirq("NET_RX", 10, 20), Softirq("OLD", 1, 1)),
    )
    after = Interrupts(
        (Irq("120", "eth0", (2,), 9, 100), Irq("122", "new", None, 3, 3)),
        (Softirq("NET_RX", 11, 25), Softirq("NEW", 1, 1)),
    )
    assert interrupts_between(before, after) == Interrupts(
        (Irq("120", "eth0", (2,), 4, 0),), (Softirq("NET_RX", 1, 5),)
    )


def test_counts_that_went_back_are_none():
    before = Interrupts((Irq("120", "eth0", (4,), 5, 100),), (Softirq("NET_RX", 10, 20),))
    after = Interrupts((Irq("120", "eth0", (4,), 0, 7),), (Softirq("NET_RX", 0, 0),))
    assert interrupts_between(before, after) == Interrupts(
        (Irq("120", "eth0", (4,), 0, 0),), (Softirq("NET_RX", 0, 0),)
    )
