from __future__ import annotations

import os
import signal

import pytest

from fixgate.cli.signals import noticing_ctrl_c


def test_the_first_ctrl_c_is_noticed_and_the_second_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with noticing_ctrl_c() as pressed:
        assert not pressed()
        os.kill(os.getpid(), signal.SIGINT)
        assert pressed()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
