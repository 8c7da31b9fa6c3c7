import pytest

from fixgate.errors import LocalProtocolError
from fixgate.session.phase import TRANSITIONS, Input, Phase, step


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("happened", list(Input))
def test_table_or_loud_error(phase: Phase, happened: Input):
    wanted = TRANSITIONS[phase].get(happened)
    if wanted is None:
        with pytest.raises(LocalProtocolError) as caught:
            step(phase, happened)
        assert phase.value in str(caught.value)
        assert happened.value in str(caught.value)
    else:
        assert step(phase, happened) is wanted


def test_every_phase_is_reached_and_left():
    reached = {to for row in TRANSITIONS.values() for to in row.values()}
    assert reached == set(Phase) == set(TRANSITIONS)
    assert all(row[Input.CLOSED] is Phase.DISCONNECTED for row in TRANSITIONS.values())


def test_no_way_to_active_but_by_a_logon():
    ways = [how for row in TRANSITIONS.values() for how, to in row.items() if to is Phase.ACTIVE]
    assert set(ways) == {Input.LOGON_ACCEPTED}
