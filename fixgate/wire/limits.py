"""How much one message may ask of us."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_LIMITS", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a message that a peer sends; what is beyond them is garbled.

    The largest messages in practice are Logons with certificates and News with long texts, a few
    KiB each; QuickFIX has no bound, and a wrong BodyLength(9) makes it wait for gigabytes.

    Attributes:
        max_message_bytes: The whole message, from ``8=`` to the SOH after CheckSum(10).
        max_fields: Fields of one message, header and trailer included.
        max_tag_digits: Digits of a tag number.
    """

    max_message_bytes: int = 64 * 1024
    max_fields: int = 2048
    max_tag_digits: int = 9


DEFAULT_LIMITS = Limits()
"""What holds where nothing else is asked for."""
