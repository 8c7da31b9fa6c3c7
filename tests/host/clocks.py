"""A machine whose time passes only while somebody waits, and as a test says."""

from collections.abc import Iterator, Sequence

from fixgate.host.clocks import Clocks

EPOCH_NS = 1_800_000_000_000_000_000


class Machine:
    """Three clocks; each wait takes its time, and what is next in a list of delays.

    Args:
        delays_ns: By how much the next waits are late.
        ran_ns: What the process ran in each of them; 0 where there is none.
    """

    def __init__(self, delays_ns: Sequence[int] = (), ran_ns: Sequence[int] = ()) -> None:
        self.now_ns = 0
        self.used_ns = 0
        self._delays_ns: Iterator[int] = iter(delays_ns)
        self._ran_ns: Iterator[int] = iter(ran_ns)
        self.clocks = Clocks(
            wall_ns=lambda: EPOCH_NS + self.now_ns,
            steady_ns=lambda: self.now_ns,
            cpu_ns=lambda: self.used_ns,
            sleep=self._sleep,
        )

    def _sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9) + next(self._delays_ns, 0)
        self.used_ns += next(self._ran_ns, 0)
