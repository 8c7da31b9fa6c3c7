"""The echo venue: an order comes back to the session that sent it, body as received.

It is what acceptance definitions of FIX engines expect of an acceptor: they test the session,
and need an application that shows what reached it and adds nothing of its own.

NewOrderSingle(D), SecurityDefinition(d) from FIX 4.2 and XMLnonFIX(n) from FIX 4.3 come back with
every value byte for byte and the fields in ascending tag order; a repeating group stays whole
behind its count, its entries as received, a count of 0 included, and a data field stays behind its
length. PossResend(97), MessageEncoding(347) and XmlData(213) of the header are kept. An order whose
ClOrdID(11) the session has carried before is dropped when PossResend(97) is Y, and echoed
otherwise. Any other type is refused as unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fixgate.dictionary.version import FixVersion
from fixgate.venue.model import Client, Reply
from fixgate.venue.rejects import unsupported_message
from fixgate.wire.data_fields import DATA_FIELDS
from fixgate.wire.message import Message
from fixgate.wire.tags import MsgType, Tag

__all__ = ["HEADER_AND_TRAILER", "EchoVenue", "GroupLookup", "GroupShape", "no_groups"]

_HEADER = frozenset(
    (8, 9, 34, 35, 43, 49, 50, 52, 56, 57, 90, 91, 97, 115, 116, 122, 128, 129, 142, 143, 144)
)
_LATER_HEADER = frozenset((145, 212, 213, 347, 369, 370, 627, 628, 629, 630, 1128, 1129, 1156))
_TRAILER = frozenset((10, 89, 93))

HEADER_AND_TRAILER = _HEADER | _LATER_HEADER | _TRAILER
"""Fields of FIX 4.0 to FIXT 1.1 that the session writes anew: no part of an echoed body.

The entries of NoHops(627) are among them.
"""

_KEPT = (Tag.PossResend, Tag.MessageEncoding)
_MAX_REMEMBERED = 100_000
_MAX_COUNT_DIGITS = 9


@dataclass(frozen=True, slots=True)
class GroupShape:
    """What belongs to one repeating group.

    Attributes:
        delimiter: The tag that begins every entry.
        members: The tags of an entry, the delimiter and the counts of inner groups included.
        groups: The inner groups by the tag of their count.
    """

    delimiter: int
    members: frozenset[int]
    groups: Mapping[int, GroupShape] = field(default_factory=dict)


GroupLookup = Callable[[FixVersion, bytes], Mapping[int, GroupShape]]
"""Gives the groups of a message type, by the tag of their count."""


def no_groups(_version: FixVersion, _msg_type: bytes) -> Mapping[int, GroupShape]:
    """Know no groups: each field then stands for itself."""
    return {}


class EchoVenue:
    """Sends orders back; implements `fixgate.venue.model.Venue`."""

    def __init__(self, groups: GroupLookup = no_groups, *, name_version: bool = False) -> None:
        """Begin with no client.

        Args:
            groups: Where the shape of repeating groups is looked up.
            name_version: Add DefaultApplVerID(1137) to BusinessMessageReject on FIXT.
        """
        self._groups = groups
        self._name_version = name_version
        self._seen: dict[str, dict[bytes, None]] = {}

    def logged_on(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session is up; nothing is sent unasked."""
        return []

    def logged_out(self, client: Client, now_ns: int) -> list[Reply]:
        """A client's session has ended: its ClOrdIDs are forgotten."""
        self._seen.pop(client.key, None)
        return []

    def on_message(
        self, client: Client, message: Message, now_ns: int, *, poss_resend: bool = False
    ) -> list[Reply]:
        """Echo an order or a definition; refuse anything else.

        Args:
            client: Who sent it.
            message: In sequence, and valid by the dictionary.
            now_ns: UTC, nanoseconds.
            poss_resend: PossResend(97)=Y.

        Spec: session test cases 15, 19.a, 19.b and 21.
        """
        match message.msg_type:
            case MsgType.NewOrderSingle:
                if self._remember(client, message.get(Tag.ClOrdID)) and poss_resend:
                    return []
            case MsgType.SecurityDefinition if client.version.value >= "FIX.4.2":
                pass
            case MsgType.XMLnonFIX if client.version.value >= "FIX.4.3":
                pass
            case MsgType.BusinessMessageReject:
                return []
            case _:
                return [
                    unsupported_message(
                        client.key, client.version, message, name_version=self._name_version
                    )
                ]
        groups = self._groups(client.version, message.msg_type)
        return [Reply(client.key, message.msg_type, _body(message, groups), _header(message))]

    def _remember(self, client: Client, cl_ord_id: bytes | None) -> bool:
        """Note a ClOrdID(11); return whether this session has carried it before."""
        if cl_ord_id is None:
            return False
        seen = self._seen.setdefault(client.key, {})
        if cl_ord_id in seen:
            return True
        if len(seen) >= _MAX_REMEMBERED:
            del seen[next(iter(seen))]
        seen[cl_ord_id] = None
        return False


def _header(message: Message) -> tuple[tuple[int, bytes], ...]:
    """Return what the application sees of a header: XML, its encoding, and PossResend(97)."""
    kept = [(tag, value) for tag in _KEPT if (value := message.get(tag))]
    xml = message.get(Tag.XmlData)
    if xml and message.get(Tag.XmlDataLen) == b"%d" % len(xml):
        kept += ((Tag.XmlDataLen, b"%d" % len(xml)), (Tag.XmlData, xml))
    return tuple(sorted(kept))


def _body(message: Message, groups: Mapping[int, GroupShape]) -> bytes:
    tags, values = message.tags, message.values
    parts: list[tuple[int, bytes]] = []
    at = 0
    while at < len(tags):
        tag = tags[at]
        end = at + 1
        if tag in groups:
            end = _group_end(message, at, groups[tag])
        elif end < len(tags) and tags[end] == DATA_FIELDS.get(tag):
            end += 1  # the length says where the data ends only when it stands right before it
        if tag not in HEADER_AND_TRAILER:
            text = b"".join(b"%d=%b\x01" % (tags[i], values[i]) for i in range(at, end))
            parts.append((tag, text))
        at = end
    parts.sort(key=lambda part: part[0])
    return b"".join(text for _, text in parts)


def _group_end(message: Message, count_at: int, shape: GroupShape) -> int:
    """Return the index behind the last field of the group whose count stands at ``count_at``."""
    tags, count = message.tags, message.values[count_at]
    at = count_at + 1
    if not count.isdigit() or len(count) > _MAX_COUNT_DIGITS:
        return at
    for _ in range(int(count)):
        if at >= len(tags) or tags[at] != shape.delimiter:
            break
        begin = at
        while at < len(tags) and tags[at] in shape.members:
            if at > begin and tags[at] == shape.delimiter:
                break
            inner = shape.groups.get(tags[at])
            at = at + 1 if inner is None else _group_end(message, at, inner)
    return at
