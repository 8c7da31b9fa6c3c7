"""Faults of the connection, and of what is answered in the session's place."""

from __future__ import annotations

from dataclasses import replace

from fixgate.faults.effect import Effect, Outcome, Parcel, Scene, Stage, changed
from fixgate.faults.model import Cut, EndConnection, Ending, RefusedBy, RefuseLogon
from fixgate.faults.rewriting import RawFields, assemble, fields_of
from fixgate.wire.message import Message
from fixgate.wire.tags import HEADER_TAGS, MsgType, Tag
from fixgate.wire.timestamps import format_utc_timestamp, parse_utc_timestamp

__all__ = [
    "BlackholeEffect",
    "CutEffect",
    "EndEffect",
    "GapFillEffect",
    "RefuseLogonEffect",
]

_WORDS = {
    Ending.FIN: "our half of the connection is closed",
    Ending.RST: "the connection is reset",
    Ending.SILENT: "the connection is forgotten without a packet",
}
# Of a message of ours, what stays in one that is made up in its place.
_NOT_KEPT = {8, 9, 10, 34, 35, 43, 52, 97, 122, 369}


class EndEffect(Effect):
    """Ends the connection."""

    __slots__ = ("_how",)
    stage = Stage.ORDER

    def __init__(self, fault: EndConnection) -> None:
        self._how = fault.how

    def begin(self, scene: Scene) -> Outcome | None:
        """End it now."""
        return Outcome((Parcel(b"", None, scene.now_ns, self._how),), _WORDS[self._how])

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """End it behind this."""
        if not chosen:
            return None
        return Outcome((replace(parcel, then=self._how),), f"behind it {_WORDS[self._how]}")


class CutEffect(Effect):
    """Ends the connection in the middle of a message."""

    __slots__ = ("_fault",)

    def __init__(self, fault: Cut) -> None:
        self._fault = fault

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let the beginning go, and end the connection."""
        if not chosen:
            return None
        size, after, how = len(parcel.data), self._fault.after_bytes, self._fault.how
        left = size // 2 if after is None else min(after, size)
        cut = replace(parcel, data=parcel.data[:left], then=how)
        return Outcome((cut,), f"after {left} of {size} bytes {_WORDS[how]}")


class BlackholeEffect(Effect):
    """Lets everything vanish, in both directions, from what is chosen first on.

    Args:
        ends_ns: When it is over by itself.
    """

    __slots__ = ("_going", "ends_ns")
    stage = Stage.LINE

    def __init__(self, ends_ns: int | None) -> None:
        self._going = False
        self.ends_ns = ends_ns

    def begin(self, scene: Scene) -> Outcome | None:
        """Let everything vanish."""
        self._going = True
        return Outcome((), "from now on everything vanishes")

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Let it vanish."""
        if not chosen and not self.dark(scene.now_ns):
            return None
        did = "" if self._going else "from here on everything vanishes"
        self._going = True
        return Outcome((), did)

    def dark(self, now_ns: int) -> bool:
        """Return whether nothing gets through."""
        return self._going and (self.ends_ns is None or now_ns < self.ends_ns)


class GapFillEffect(Effect):
    """Answers a ResendRequest in the session's place, which takes it for a Heartbeat."""

    __slots__ = ()

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Answer it."""
        message = parcel.message
        if not chosen or message is None or scene.last_out is None:
            return None
        begin = message.get(Tag.BeginSeqNo) or b""
        if not begin.isdigit() or len(begin) > 20:
            return None
        answer = _gap_fill(scene.last_out, int(begin), scene.next_out, scene.now_ns)
        fields: RawFields = [
            (b"%d" % tag, MsgType.Heartbeat if tag == Tag.MsgType else value)
            for tag, value in message.fields()
            if tag in HEADER_TAGS or tag == Tag.CheckSum
        ]
        did = f"answered by a GapFill from {int(begin)} to {scene.next_out}"
        return Outcome((changed(parcel, assemble(fields)),), did, back=answer)


def _gap_fill(ours: Message, begin: int, next_out: int, now_ns: int) -> bytes:
    sent = parse_utc_timestamp(ours.get(Tag.SendingTime) or b"")
    now = format_utc_timestamp(now_ns, sent.digits if sent is not None else 3)
    return assemble(
        [
            (b"8", ours.begin_string),
            (b"9", b"0"),
            (b"35", MsgType.SequenceReset),
            (b"34", b"%d" % begin),
            (b"43", b"Y"),
            *_identity(ours),
            (b"52", now),
            (b"122", now),
            (b"123", b"Y"),
            (b"36", b"%d" % next_out),
            (b"10", b"000"),
        ]
    )


def _identity(ours: Message) -> RawFields:
    return [
        (b"%d" % tag, value)
        for tag, value in ours.fields()
        if tag in HEADER_TAGS and tag not in _NOT_KEPT
    ]


class RefuseLogonEffect(Effect):
    """Puts a refusal in the place of our Logon, and lets nothing follow it."""

    __slots__ = ("_fault",)

    def __init__(self, fault: RefuseLogon) -> None:
        self._fault = fault

    def apply(self, parcel: Parcel, scene: Scene, *, chosen: bool) -> Outcome | None:
        """Refuse."""
        if not chosen or parcel.message is None:
            return None
        text = self._fault.text.encode("utf-8").replace(b"\x01", b" ")
        said: RawFields = [(b"58", text)] if text else []
        match self._fault.by:
            case RefusedBy.SILENCE:
                return Outcome((), "the Logon is not answered", mute=True)
            case RefusedBy.LOGOUT:
                kind, did = MsgType.Logout, "a Logout instead of the Logon"
            case RefusedBy.REJECT:
                kind, did = MsgType.Reject, "a Reject instead of the Logon"
                refused = scene.last_in or parcel.message
                number = refused.get(Tag.MsgSeqNum) or b"1"
                said = [(b"45", number), *_ref_msg_type(parcel.message), *said]
        header = [
            (tag, kind if tag == b"35" else value)
            for tag, value in fields_of(parcel.data)
            if tag.isdigit() and len(tag) < 9 and int(tag) in HEADER_TAGS
        ]
        refusal = assemble([*header, *said, (b"10", b"000")])
        return Outcome((replace(changed(parcel, refusal), then=Ending.FIN),), did, mute=True)


def _ref_msg_type(message: Message) -> RawFields:
    # Spec: RefMsgType(372) is there from FIX 4.2 on.
    old = message.begin_string in (b"FIX.4.0", b"FIX.4.1")
    return [] if old else [(b"372", MsgType.Logon)]
