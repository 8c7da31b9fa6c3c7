"""Prices and quantities as whole numbers of a step: exact, and quick to compare.

A `Scale` stands at the edge of the book. Outside are the decimals of FIX and the `Decimal` of
the settings; inside are plain integers, ticks for prices and lots for quantities.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

__all__ = ["AVERAGE_PLACES", "MAX_STEPS", "NumberFault", "Scale"]

MAX_STEPS = 10**12
"""The largest price in ticks and quantity in lots: far above real ones, and never a bignum."""

AVERAGE_PLACES = 8
"""Decimals that an average price which does not end is rounded to, half to even."""

_MAX_DIGITS = 40
"""Longer values are no price; int() itself refuses to read more than 4300 digits."""

_CACHE_LIMIT = 4096
"""Values remembered per direction; a full cache is emptied, so that no client can grow it."""


class NumberFault(Enum):
    """Why a value is no whole number of steps above 0."""

    NOT_A_NUMBER = "not a decimal number"
    NOT_POSITIVE = "not above 0"
    OFF_STEP = "not a multiple of the step"
    TOO_LARGE = "too large"


class Scale:
    """The exact conversion between decimal numbers and multiples of one step.

    Attributes:
        step: The size of one unit, such as the tick 0.01.
    """

    __slots__ = ("_form", "_parsed", "_places", "_shortest", "_step_units", "_texts", "step")

    def __init__(self, step: Decimal, form: bytes = b"%b", *, shortest: bool = False) -> None:
        """Make the scale of one step.

        Args:
            step: Above 0 and finite.
            form: What `parse` makes of a number, such as a whole field.
            shortest: Write no more decimals than the number needs, otherwise those of the step.

        Raises:
            ValueError: ``step`` is not above 0, or not finite.
        """
        if not step.is_finite() or step <= 0:
            raise ValueError(f"step of a scale: received {step}, expected a number above 0")
        self.step = step
        self._form = form
        self._shortest = shortest
        self._places = max(0, -int(step.normalize().as_tuple().exponent))
        self._step_units = int(step.scaleb(self._places))
        self._parsed: dict[bytes, tuple[int, bytes]] = {}
        self._texts: dict[int, bytes] = {}

    def parse(self, value: bytes) -> tuple[int, bytes] | None:
        """Read a FIX decimal as a number of steps.

        Args:
            value: Digits with at most one decimal point, as on the wire.

        Returns:
            1 to `MAX_STEPS` and the same number as `render` writes it, put into ``form``; or
            ``None``: `fault` then says why. Never raises.
        """
        number = self._parsed.get(value)
        if number is None:
            steps = self._read(value)
            if steps is None:
                return None
            number = steps, self._form % self.render(steps)
            if len(self._parsed) >= _CACHE_LIMIT:
                self._parsed.clear()
            self._parsed[value] = number
        return number

    def fault(self, value: bytes) -> NumberFault:
        """Say why `parse` returned ``None`` for ``value``."""
        negative = value.startswith(b"-")
        whole, _, fraction = value.removeprefix(b"-").partition(b".")
        if not (whole + fraction).isdigit():
            return NumberFault.NOT_A_NUMBER
        if negative or not (whole + fraction).strip(b"0"):
            return NumberFault.NOT_POSITIVE
        if len(value) > _MAX_DIGITS or Decimal(value.decode()) > self.step * MAX_STEPS:
            return NumberFault.TOO_LARGE
        return NumberFault.OFF_STEP

    def steps(self, number: Decimal) -> int:
        """Return how many whole steps fit into ``number``, rounding down."""
        return int(number // self.step)

    def render(self, steps: int) -> bytes:
        """Write a number of steps as a FIX decimal."""
        text = self._texts.get(steps)
        if text is None:
            text = _decimal(steps * self._step_units, self._places)
            if self._shortest and self._places:
                text = text.rstrip(b"0").rstrip(b".")
            if len(self._texts) >= _CACHE_LIMIT:
                self._texts.clear()
            self._texts[steps] = text
        return text

    def render_average(self, total: int, count: int) -> bytes:
        """Write ``total / count`` steps as a FIX decimal.

        Args:
            total: The sum, in steps, such as ticks times lots.
            count: What to divide by; 0 gives ``0``.

        Returns:
            The exact value, or, when it does not end within `AVERAGE_PLACES` decimals, the
            nearest with that many (half to even).
        """
        if not count:
            return b"0"
        steps, rest = divmod(total, count)
        if not rest:
            return self.render(steps)
        places = max(self._places, AVERAGE_PLACES)
        units, rest = divmod(total * self._step_units * 10 ** (places - self._places), count)
        if 2 * rest > count or (2 * rest == count and units & 1):
            units += 1
        while places > self._places and units % 10 == 0:
            units //= 10
            places -= 1
        return _decimal(units, places)

    def _read(self, value: bytes) -> int | None:
        if len(value) > _MAX_DIGITS:
            return None
        whole, _, fraction = value.partition(b".")
        if not (whole + fraction).isdigit():
            return None
        fraction = fraction.rstrip(b"0")
        missing = self._places - len(fraction)
        if missing < 0:
            return None
        steps, rest = divmod(int(whole + fraction or b"0") * 10**missing, self._step_units)
        return steps if not rest and 0 < steps <= MAX_STEPS else None


def _decimal(units: int, places: int) -> bytes:
    if not places:
        return b"%d" % units
    whole, fraction = divmod(units, 10**places)
    return b"%d.%0*d" % (whole, places, fraction)
