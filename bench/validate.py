"""What validation costs: a NewOrderSingle by its shape, beside a walk through all of its fields.

    python bench/validate.py

Both give the same verdict. The walk is what `check` does for a shape that it has not seen; the
floor is the least that any check in Python does, one test of a set for each field. Best of many
repeats, in one run, so that the ratios hold on a noisy machine.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from timeit import Timer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fixgate.dictionary import ValidationOptions, Validator, load_dictionary
from fixgate.wire.message import Message

REPEATS = 40
LOOPS = 2_000

ORDER = (
    "8=FIX.4.4|9=146|35=D|34=2|49=CLIENT|52=20261122-17:02:33.123|56=VENUE|11=ORD-0001|21=1|"
    "38=100|40=2|44=100.25|54=1|55=ABC|59=0|60=20261122-17:02:33.123|10=128|"
)
WITH_PARTIES = ORDER.replace("21=1|", "453=2|448=DESK|447=D|452=11|448=BROKER|447=D|452=1|21=1|")


def message(text: str) -> Message:
    raw = text.replace("|", "\x01").encode()
    pairs = [field.partition(b"=") for field in raw.split(b"\x01")[:-1]]
    return Message(raw, [int(tag) for tag, _, _ in pairs], [value for _, _, value in pairs])


class Walking(Validator):
    """Forgets every shape."""

    __slots__ = ()

    def _keep(self, *_: object) -> None:
        pass


def floor(known: frozenset[int], sample: Message) -> Callable[[], object]:
    def run() -> bool:
        for tag, value in zip(sample.tags, sample.values, strict=True):
            if tag not in known or not value:
                return False
        return True

    return run


def best_ns(call: Callable[[], object]) -> float:
    call()
    return min(Timer(call).repeat(REPEATS, LOOPS)) / LOOPS * 1e9


def main() -> None:
    gc.disable()
    dictionary = load_dictionary("FIX.4.4")
    cached = Validator(dictionary, options=ValidationOptions())
    walking = Walking(dictionary, options=ValidationOptions())
    known = frozenset(dictionary.fields)
    print(f"{'':28} {'shape':>9} {'walk':>9} {'floor':>9}   walk/shape  shape/floor")
    for name, text in (("NewOrderSingle", ORDER), ("NewOrderSingle, 2 parties", WITH_PARTIES)):
        sample = message(text)
        assert cached.check(sample) is None
        assert walking.check(sample) is None
        shape = best_ns(partial(cached.check, sample))
        walk = best_ns(partial(walking.check, sample))
        least = best_ns(floor(known, sample))
        print(
            f"{f'{name}, {len(sample.tags)} fields':36} {shape:6.0f} ns {walk:6.0f} ns "
            f"{least:6.0f} ns {walk / shape:8.1f} {shape / least:8.1f}"
        )


if __name__ == "__main__":
    main()
