from hypothesis import given
from hypothesis import strategies as st

from fixgate.session.liveness import Due, Liveness

SECOND = 1_000_000_000


def started(interval: int = 10, *, mute: bool = False) -> Liveness:
    liveness = Liveness(mute_while_challenged=mute)
    liveness.start(interval, 0)
    return liveness


def test_heartbeat_after_the_interval_and_not_before():
    liveness = started()
    assert liveness.deadline_ns == 10 * SECOND
    assert liveness.due(10 * SECOND - 1) is None
    assert liveness.due(10 * SECOND) is Due.HEARTBEAT


def test_challenge_at_1_2_and_end_at_2_4_intervals():
    liveness = started()
    liveness.spoke_ns = 5 * SECOND
    assert liveness.deadline_ns == 12 * SECOND
    assert liveness.due(12 * SECOND) is Due.TEST_REQUEST
    liveness.challenged(12 * SECOND)
    liveness.spoke_ns = 20 * SECOND
    assert liveness.deadline_ns == 24 * SECOND
    assert liveness.due(24 * SECOND) is Due.GIVE_UP


def test_an_answered_challenge_stays_answered_when_the_clock_steps():
    liveness = started()
    liveness.challenged(12 * SECOND)
    liveness.heard_ns = liveness.spoke_ns = 13 * SECOND
    liveness.clock_stepped(-13 * SECOND)
    assert liveness.heard_ns == 0
    assert liveness.deadline_ns == 10 * SECOND
    assert liveness.due(12 * SECOND) is Due.TEST_REQUEST


def test_a_late_challenge_leaves_the_peer_as_much_time_to_answer():
    liveness = started()
    assert liveness.due(600 * SECOND) is Due.TEST_REQUEST
    liveness.challenged(600 * SECOND)
    liveness.spoke_ns = 605 * SECOND
    assert liveness.deadline_ns == 612 * SECOND
    assert liveness.due(612 * SECOND - 1) is None
    assert liveness.due(612 * SECOND) is Due.GIVE_UP


def test_hearing_anything_ends_the_challenge():
    liveness = started()
    liveness.challenged(12 * SECOND)
    liveness.heard_ns = 13 * SECOND
    liveness.spoke_ns = 13 * SECOND
    assert liveness.due(24 * SECOND) is Due.HEARTBEAT
    assert liveness.due(25 * SECOND + SECOND) is Due.TEST_REQUEST


def test_mute_while_challenged():
    liveness = started(mute=True)
    liveness.challenged(12 * SECOND)
    assert liveness.due(23 * SECOND) is None
    assert liveness.deadline_ns == 24 * SECOND


def test_an_answer_is_overdue_after_two_tenths_of_the_interval():
    liveness = started()
    assert not liveness.unanswered(600 * SECOND)  # nothing has been asked
    liveness.challenged(12 * SECOND)
    assert not liveness.unanswered(14 * SECOND - 1)
    assert liveness.unanswered(14 * SECOND)
    liveness.heard_ns = 14 * SECOND
    assert not liveness.unanswered(20 * SECOND)


def test_nothing_is_overdue_without_heartbeats():
    liveness = started(0)
    liveness.challenged(12 * SECOND)
    assert not liveness.unanswered(600 * SECOND)
    liveness = started()
    liveness.challenged(12 * SECOND)
    liveness.stop()
    assert not liveness.unanswered(600 * SECOND)


def test_zero_and_stop_switch_it_off():
    assert started(0).deadline_ns is None
    assert started(0).due(10**18) is None
    liveness = started()
    liveness.stop()
    assert liveness.deadline_ns is None


@given(
    interval=st.integers(1, 3600),
    steps=st.lists(st.tuples(st.integers(0, 10**11), st.sampled_from("hsw")), max_size=30),
)
def test_something_is_due_at_the_deadline_and_nothing_before(
    interval: int, steps: list[tuple[int, str]]
):
    liveness, now = started(interval), 0
    for wait, what in steps:
        now += wait
        if what == "h":
            liveness.heard_ns = now
        elif what == "s":
            liveness.spoke_ns = now
        elif liveness.due(now) is Due.TEST_REQUEST:
            liveness.challenged(now)
        deadline = liveness.deadline_ns
        assert deadline is not None
        if now < deadline:
            assert liveness.due(deadline - 1) is None
        assert liveness.due(max(now, deadline)) is not None
