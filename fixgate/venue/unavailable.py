"""The venue whose matching engine is away while its gateway is up: every order is sent back."""

from __future__ import annotations

from fixgate.venue.exchange import SERVED
from fixgate.venue.model import Client, Reply
from fixgate.venue.rejects import BusinessRejectReason, business_reject, unsupported_message
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType

__all__ = ["UnavailableVenue"]


class UnavailableVenue:
    """Refuses what the exchange would serve, because nobody is there to serve it.

    Spec: case 14.l, BusinessMessageReject(j) with BusinessRejectReason(380)=4; a type that the
    exchange never serves is case 2.r all the same.
    """

    def __init__(self, *, name_version: bool = False) -> None:
        """Refuse; ``name_version`` is as in `unsupported_message`."""
        self._name_version = name_version

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up; the gateway is, too."""
        return []

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended."""
        return []

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """Refuse one application message, but for one that refuses ours."""
        if message.msg_type == MsgType.BusinessMessageReject:
            return []
        if message.msg_type not in SERVED:
            name_version = self._name_version
            reply = unsupported_message(
                client.key, client.version, message, name_version=name_version
            )
        else:
            reply = business_reject(
                client.key,
                client.version,
                message,
                reason=BusinessRejectReason.APPLICATION_NOT_AVAILABLE,
                text=b"Application not available",
            )
        return [reply]
