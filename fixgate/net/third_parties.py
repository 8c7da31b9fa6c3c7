"""A venue whose answers go back the way that its clients' messages came.

An order on behalf of somebody is answered with DeliverToCompID(128) naming that somebody, the
executions that follow hours later included. The venue itself knows nothing of routes; this stands
between it and the gateway, and only where third parties are configured.

Spec: FIX 4.4 volume 2, "FIX Message Routing"; FIX Session Layer Test Cases 18.
"""

from __future__ import annotations

from fixgate.net.settings import GatewaySettings
from fixgate.session.writer import Header, reverse_route
from fixgate.venue import Client, Reply, Venue
from fixgate.venue.bodies import value_of
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["MAX_ROUTES", "RoutedVenue", "with_routes"]

MAX_ROUTES = 1_000_000
"""Orders on behalf of somebody that may be open at once; beyond it the oldest loses its route."""

_FINAL = frozenset({b"2", b"4", b"8", b"C"})
_REJECTED = b"8"


def with_routes(venue: Venue, settings: GatewaySettings) -> Venue:
    """Return the venue, with routes when any session of the gateway knows third parties."""
    sessions = (settings.template, *(known.session for known in settings.sessions))
    routed = any(session.routing is not None for session in sessions)
    return RoutedVenue(venue) if routed else venue


class RoutedVenue:
    """Adds routes to the replies of a venue; implements `fixgate.venue.Venue`.

    Args:
        inner: The venue.
    """

    def __init__(self, inner: Venue) -> None:
        self._inner = inner
        self._routes: dict[tuple[str, bytes], Header] = {}

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up."""
        return [self._follow(reply) for reply in self._inner.logged_on(client, now_ns)]

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended, cleanly or not."""
        return [self._follow(reply) for reply in self._inner.logged_out(client, now_ns)]

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """An application message came: its answers go back in reverse."""
        replies = self._inner.on_message(client, message, now_ns, poss_resend=poss_resend)
        route, cl_ord_id = reverse_route(message), message.get(Tag.ClOrdID)
        routed = []
        for reply in replies:
            if reply.client_key == client.key and _answers(reply, cl_ord_id):
                self._remember(reply, message, route)
                routed.append(_along(reply, route))
            else:
                routed.append(self._follow(reply))
        return routed

    def _remember(self, reply: Reply, message: Message, route: Header) -> None:
        """Note the route of an order that has been taken, and forget that of the one before."""
        status = value_of(reply.body, Tag.OrdStatus)
        takes = message.msg_type in (MsgType.NewOrderSingle, MsgType.OrderCancelReplaceRequest)
        if not takes or reply.msg_type != MsgType.ExecutionReport or status == _REJECTED:
            return
        replaced, cl_ord_id = message.get(Tag.OrigClOrdID), message.get(Tag.ClOrdID)
        if replaced is not None:
            self._routes.pop((reply.client_key, replaced), None)
        key = (reply.client_key, cl_ord_id or b"")
        self._routes.pop(key, None)
        if route and status not in _FINAL:
            self._routes[key] = route
            if len(self._routes) > MAX_ROUTES:
                del self._routes[next(iter(self._routes))]

    def _follow(self, reply: Reply) -> Reply:
        """Send a report on the way of the order that it is about."""
        if reply.msg_type != MsgType.ExecutionReport:
            return reply
        key = (reply.client_key, value_of(reply.body, Tag.ClOrdID) or b"")
        route = self._routes.get(key, ())
        if route and value_of(reply.body, Tag.OrdStatus) in _FINAL:
            del self._routes[key]
        return _along(reply, route)


def _answers(reply: Reply, cl_ord_id: bytes | None) -> bool:
    """Whether a reply to the client is about its message, not about an older order of its."""
    about_orders = reply.msg_type == MsgType.ExecutionReport
    return not about_orders or value_of(reply.body, Tag.ClOrdID) == cl_ord_id


def _along(reply: Reply, route: Header) -> Reply:
    return reply._replace(header=tuple(sorted((*reply.header, *route)))) if route else reply
