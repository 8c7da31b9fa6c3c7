"""The shape of what files say about sequence numbers, resends, heartbeats and garbled input."""

from __future__ import annotations

from pydantic import Field

from fixgate.config import fields as f
from fixgate.config.base import Strict
from fixgate.session.policies import BeyondLimit, GarbledEnd, HeartbeatAnswer, RequestEnd, ResetFlag

__all__ = [
    "GarbledModel",
    "HeartbeatModel",
    "NumberingModel",
    "ResendsModel",
    "SessionLayer",
    "SessionNumberingModel",
    "VenueLayer",
    "VenueNumberingModel",
    "VenueResendsModel",
]


class NumberingModel(Strict):
    """What both sides tell each other about their sequence numbers."""

    next_expected: f.Bool = Field(
        default=False,
        description="Our Logon carries NextExpectedMsgSeqNum(789), from FIX 4.4: the other side "
        "resends what we miss without being asked.",
    )
    last_processed: f.Bool = Field(
        default=False,
        description="Every message carries LastMsgSeqNumProcessed(369), from FIX 4.2.",
    )
    highest: f.SeqNum = Field(
        default=(1 << 63) - 1,
        description="The last MsgSeqNum(34) that we use; then we log out, and nobody logs on "
        "before numbers restart. Default 2^63 - 1.",
    )


class SessionNumberingModel(NumberingModel):
    """What both sides tell each other about their sequence numbers."""

    unasked_reset: f.UnaskedReset = Field(
        default=ResetFlag.AS_ASKED,
        description="ResetSeqNumFlag(141)=Y in the venue's answer that we did not ask for: refuse, "
        "or follow and begin at 1 again.",
    )


class VenueNumberingModel(NumberingModel):
    """What both sides tell each other about their sequence numbers."""

    reset_flag: f.ResetFlagName = Field(
        default=ResetFlag.AS_ASKED,
        description="ResetSeqNumFlag(141)=Y in a Logon: allow (as asked), force (at every Logon), "
        "demand, or refuse.",
    )


class ResendsModel(Strict):
    """How missing messages are asked for."""

    request_size: f.Positive | None = Field(
        default=None,
        description="Numbers that one ResendRequest asks for, the next when they have come; by "
        "default all that are missing.",
    )
    request_end: f.RequestEndName = Field(
        default=RequestEnd.VERSION,
        description="EndSeqNo(16) of the last or only request: open (the version's own), zero, "
        "nines or exact.",
    )
    retry_after: f.Retry = Field(
        default=30_000_000_000,
        description="Ask again when nothing that is missing has come for so long; or never.",
    )
    retries: f.Count = Field(
        default=3, description="How often, before we log out (a check goes on); default 3."
    )


class VenueResendsModel(ResendsModel):
    """How missing messages are asked for and served."""

    serve_at_most: f.Positive | None = Field(
        default=None, description="Numbers of one ResendRequest that are sent again; default all."
    )
    serve_again: f.Count = Field(
        default=3,
        description="How often the same messages are sent when they are asked for again, on one "
        "connection; then we log out. Default 3.",
    )
    beyond: f.Beyond = Field(
        default=BeyondLimit.GAP_FILL,
        description="What a ResendRequest for more gets: gap_fill for the rest, or refuse.",
    )


class HeartbeatModel(Strict):
    """Which HeartBtInt(108) a venue agrees to."""

    min: f.Heartbeat = Field(default=0, description="The least that is taken; default 0s.")
    max: f.Heartbeat = Field(default=86_400, description="The most that is taken; default 24h.")
    zero: f.UserDefined | None = Field(
        default=None,
        description="0, no heartbeats: allow or reject; by default allowed where min is 0s.",
    )
    on_mismatch: f.HeartbeatMismatch = Field(
        default=HeartbeatAnswer.REFUSE,
        description="What any other value gets: refuse (a Logout that names the range), impose (a "
        "value of the venue's own) or accept.",
    )
    value: f.Heartbeat | None = Field(
        default=None, description="What the venue imposes; by default the nearest that it takes."
    )


class GarbledModel(Strict):
    """How much input that is no message is put up with on one connection."""

    limit: f.Count | None = Field(
        default=None, description="Pieces that are ignored; one more ends the session."
    )
    bad_sum: f.BadSum = Field(
        default=False,
        description="A wrong BodyLength(9) or CheckSum(10): ignore it, or end the session.",
    )
    then: f.GarbledThen = Field(
        default=GarbledEnd.LOGOUT, description="How it ends: logout (the default) or close."
    )


class SessionLayer(Strict):
    """What a session of a session file says about the session layer."""

    numbering: SessionNumberingModel = Field(
        default=SessionNumberingModel(),
        description="What our Logon and headers tell about sequence numbers.",
    )
    resends: ResendsModel = Field(
        default=ResendsModel(), description="How missing messages are asked for."
    )
    heartbeat_answer: f.HeartbeatTaken = Field(
        default=HeartbeatAnswer.ACCEPT,
        description="When the venue answers another HeartBtInt(108): accept it, or refuse.",
    )
    garbled: GarbledModel = Field(
        default=GarbledModel(), description="How much input that is no message is put up with."
    )


class VenueLayer(Strict):
    """What a venue says about the session layer, or one client of it instead."""

    numbering: VenueNumberingModel = Field(
        default=VenueNumberingModel(),
        description="What Logons and headers tell about sequence numbers. Of a client: what is "
        "left out is the venue's.",
    )
    resends: VenueResendsModel = Field(
        default=VenueResendsModel(),
        description="How missing messages are asked for and served. Of a client: what is left "
        "out is the venue's.",
    )
    heartbeat: HeartbeatModel = Field(
        default=HeartbeatModel(),
        description="Which HeartBtInt(108) of a Logon is agreed to. Of a client: what is left out "
        "is the venue's.",
    )
    garbled: GarbledModel = Field(
        default=GarbledModel(),
        description="How much input that is no message is put up with. Of a client: what is left "
        "out is the venue's.",
    )
