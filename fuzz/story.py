r"""A story: what happens to one session, a step a line, so that a failure reads as a transcript.

::

    # found: what it was kept for
    session role=acceptor version=FIX.4.4 dialect=quickfix
    rx 35=D|34={n}|49=TRADER|52={t}|56=EXCH|11=A|
    wait 31

SOH is written ``|``; a bar, a backslash and bytes that are not printable are written ``\xNN``. Any
bytes are a story: what is no step is input of the peer's, as it stands.

==========  =========================================================================
step        what happens
==========  =========================================================================
rx FIELDS   The peer sends a message: what of BeginString(8), BodyLength(9) and
            CheckSum(10) is not written is filled in, rightly.
raw BYTES   The peer sends these bytes.
noise SEED  The bytes of the next message are damaged.
cut BYTES   The next message comes in pieces.
again N     The message before comes N times more.
wait S      So many seconds pass; the session is woken when it asks for it.
jump S      The clock is set forward or back, which nobody finds out.
step S      The same, and the session is told.
slip S      The same, and it is found out when the session doubts a time.
wake        The session is woken although nothing is due.
drop        The connection is lost.
send        The application sends a message.
test        The owner sends a TestRequest.
logout      The owner logs out.
==========  =========================================================================

In the fields of ``rx``, ``{n}`` is the number that the session expects next, ``{o}`` its own next
number and ``{t}`` its clock as a UTCTimestamp; ``{n+3}``, ``{o-1}`` and ``{t-200}`` (seconds) are
relative to them, and ``{n+i}`` counts up with ``again``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["MESSAGES", "Step", "Story", "readable", "unreadable"]

MESSAGES = ("rx", "raw")
"""The steps that are input of the peer's."""

_NUMBERS = ("noise", "cut", "again", "wait", "jump", "step", "slip")
_PLAIN = ("wake", "drop", "send", "test", "logout")
_UNSAFE = re.compile(rb"[^\x01\x20-\x5b\x5d-\x7b\x7d\x7e]")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_BAR = bytes.maketrans(b"\x01", b"|")
_SOH = bytes.maketrans(b"|", b"\x01")
# A step of an absurd size would be a hang of our own making.
_MOST = {
    "again": 3000.0, "cut": 1e6, "noise": 2.0**64,
    "wait": 1e6, "jump": 1e9, "step": 1e9, "slip": 1e9,
}  # fmt: skip


def readable(data: bytes) -> bytes:
    """Return bytes as they stand in a story."""
    if _UNSAFE.search(data) is None:
        return data.translate(_BAR)
    return _UNSAFE.sub(_escape, data).translate(_BAR)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\x%02x" % found[0][0]


def unreadable(text: bytes) -> bytes:
    """Return the bytes that `readable` made text of."""
    if b"\\" not in text:
        return text.translate(_SOH)
    parts, done = [], 0
    for found in _ESCAPED.finditer(text):
        parts.append(text[done : found.start()].translate(_SOH))
        parts.append(bytes.fromhex(found[1].decode()))
        done = found.end()
    parts.append(text[done:].translate(_SOH))
    return b"".join(parts)


@dataclass(slots=True)
class Step:
    """One line.

    Attributes:
        verb: Its first word.
        data: The bytes of a message; empty for other steps.
        number: Of the steps that have one.
    """

    verb: str
    data: bytes = b""
    number: float = 0

    def line(self) -> bytes:
        """Return the step as it is written."""
        verb = self.verb.encode()
        if self.verb in MESSAGES:
            return b"%b %b" % (verb, readable(self.data))
        return b"%b %.12g" % (verb, self.number) if self.verb in _NUMBERS else verb


@dataclass(slots=True)
class Story:
    """What a session is configured to be, and what happens to it.

    Attributes:
        options: Words of the first line, see `fuzz.cast`.
        steps: In order.
    """

    options: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def text(self) -> bytes:
        """Return the story as it is written."""
        words = " ".join(f"{key}={value}" for key, value in self.options.items())
        lines = [f"session {words}".rstrip().encode(), *(step.line() for step in self.steps)]
        return b"\n".join([*lines, b""])

    @classmethod
    def parse(cls, data: bytes) -> Story:
        """Read a story; never fails."""
        story = cls()
        for line in data.split(b"\n"):
            verb, _, rest = line.partition(b" ")
            if verb == b"session":
                words = rest.decode("latin-1").split()
                story.options = {k: v for k, _, v in (word.partition("=") for word in words)}
            elif line and not line.startswith(b"#"):
                story.steps.append(_step(verb.decode("latin-1"), rest, line))
        return story


def _step(verb: str, rest: bytes, line: bytes) -> Step:
    if verb in MESSAGES:
        return Step(verb, unreadable(rest))
    if verb in _PLAIN and not rest:
        return Step(verb)
    if verb in _NUMBERS:
        try:
            number = float(rest)
        except ValueError:
            number = float("nan")
        if abs(number) <= _MOST[verb]:
            return Step(verb, number=number)
    return Step("raw", unreadable(line))
