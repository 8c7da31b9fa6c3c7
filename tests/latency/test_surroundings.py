"""Where the measuring runs, for whoever judges slow samples."""

from fixgate.latency.surroundings import placement_of
from fixgate.triage.context import Placement
from tests.host.judging.helpers import BEST, changed


def test_pinned_and_alone():
    assert placement_of(BEST) == Placement(pinned=True, isolated=True)


def test_pinned_among_others():
    assert placement_of(changed(process={"affinity": (0,)})) == Placement(
        pinned=True, isolated=False
    )


def test_anywhere():
    anywhere = changed(process={"affinity": tuple(range(8))}, processor={"isolated": ()})
    assert placement_of(anywhere) == Placement(pinned=False, isolated=False)


def test_not_known():
    assert placement_of(changed(process={"affinity": None})) == Placement()
