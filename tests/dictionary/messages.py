"""Messages for the tests of this room: split from literals, by nothing of fixgate's own."""

from fixgate.dictionary import Problem, SessionRejectReason, Validator, validator_for
from fixgate.wire.message import Message

HEADER = "34=2|49=CLIENT|52=20261122-10:00:00|56=VENUE|"


def message(text: str) -> Message:
    """Split ``8=...|9=...|35=...|`` at the bars."""
    raw = text.replace("|", "\x01").encode("latin-1")
    pairs = [field.partition(b"=") for field in raw.split(b"\x01")[:-1]]
    return Message(raw, [int(tag) for tag, _, _ in pairs], [value for _, _, value in pairs])


def whole(begin_string: str, msg_type: str, body: str, *, header: str = HEADER) -> Message:
    """Put a body behind a header. BodyLength and CheckSum are the framer's business."""
    return message(f"8={begin_string}|9=100|35={msg_type}|{header}{body}10=000|")


def version(name: str) -> Validator:
    """Return the validator of ``FIX.4.0`` to ``FIX.5.0SP2``."""
    codes = {"FIX.5.0": "7", "FIX.5.0SP1": "8", "FIX.5.0SP2": "9"}
    return validator_for("FIXT.1.1", codes[name]) if name in codes else validator_for(name)


def begin_string(name: str) -> str:
    return "FIXT.1.1" if name >= "FIX.5" else name


def check(name: str, msg_type: str, body: str, *, header: str = HEADER) -> Problem | None:
    """Check a body in a version; again, because its shape and then its pattern is known."""
    sample = whole(begin_string(name), msg_type, body, header=header)
    first = version(name).check(sample)
    for _ in range(3):
        assert version(name).check(sample) == first
    return first


def verdict(problem: Problem | None) -> tuple[int, int | None] | None:
    """Reason and tag."""
    return None if problem is None else (int(problem.reason), problem.tag)


__all__ = [
    "HEADER",
    "SessionRejectReason",
    "begin_string",
    "check",
    "message",
    "verdict",
    "version",
    "whole",
]
