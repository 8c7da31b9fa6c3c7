"""A decoded FIX message: its bytes, its fields in order, and the first value of each tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fixgate.wire.mask import mask

__all__ = ["Message"]


class Message:
    """One whole message whose BodyLength(9) and CheckSum(10) have been verified.

    Fields keep the order in which they came; duplicate and unknown tags are kept. Values are
    bytes, untouched. Instances are never changed after they are made.

    Args:
        raw: As below.
        tags: As below.
        values: As below.
        unique: No tag comes twice: the caller knows.

    Attributes:
        raw: The message as on the wire, from ``8=`` to the SOH after CheckSum(10).
        tags: Every tag number, in order, duplicates included.
        values: The value of each tag in ``tags``.
        msg_type: MsgType(35), the third field.
        begin_string: BeginString(8), the first field.
        get: Returns the first value of a tag, or ``None`` when the message does not carry it.
    """

    __slots__ = ("_first", "get", "msg_type", "raw", "tags", "values")

    get: Callable[[int], bytes | None]

    def __init__(
        self, raw: bytes, tags: Sequence[int], values: Sequence[bytes], *, unique: bool = False
    ) -> None:
        self.raw = raw
        self.tags = tags
        self.values = values
        self.msg_type = values[2]
        first = dict(zip(tags, values))  # noqa: B905  strict costs on the order path
        if not unique and len(first) != len(tags):
            first = dict(zip(reversed(tags), reversed(values)))  # noqa: B905  as above
        self._first = first
        self.get = first.get  # bound once: a message is asked some twenty times

    @property
    def begin_string(self) -> bytes:
        """BeginString(8)."""
        return self.values[0]

    @property
    def has_duplicates(self) -> bool:
        """Some tag comes more than once: a repeating group, or a mistake."""
        return len(self._first) != len(self.tags)

    def __getitem__(self, tag: int) -> bytes:
        return self._first[tag]

    def __contains__(self, tag: object) -> bool:
        return tag in self._first

    def __len__(self) -> int:
        return len(self.tags)

    def fields(self) -> Iterator[tuple[int, bytes]]:
        """Yield ``(tag, value)`` in the order of the wire."""
        return zip(self.tags, self.values, strict=True)

    def __repr__(self) -> str:
        return f"Message({mask(self.raw)!r})"
