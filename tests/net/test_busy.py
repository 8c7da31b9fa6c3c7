from fixgate.net import busy
from fixgate.net.busy import BusyPoll


class Loop:
    """Runs what is due, one iteration at a time."""

    def __init__(self):
        self.due = []

    def call_soon(self, callback):
        self.due.append(callback)

    def iterate(self):
        due, self.due = self.due, []
        for callback in due:
            callback()
        return bool(self.due)


def test_the_loop_is_kept_awake_after_the_last_message_and_no_longer(monkeypatch):
    now = 1_000
    monkeypatch.setattr(busy.time, "monotonic_ns", lambda: now)
    loop = Loop()
    poll = BusyPoll(loop, 50)
    assert not loop.due
    poll.extend()
    poll.extend()
    assert len(loop.due) == 1
    now = 1_010
    assert loop.iterate()
    now = 1_059
    assert loop.iterate()
    poll.extend()
    assert len(loop.due) == 1
    assert loop.iterate()
    now = 1_060
    assert loop.iterate()
    now = 1_109
    assert not loop.iterate()
    assert not loop.due
    poll.extend()
    assert loop.iterate()
