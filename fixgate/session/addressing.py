"""Sub-ids and locations: which desk and which site the two sides of a session are.

Spec: FIX 4.4 volume 2, "FIX Message Routing" and Standard Message Header; the locations came with
FIX 4.1. A wrong one is a wrong identity: test case 2.k, as for CompIDs.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixgate.session.checks import HeaderChecks, show
from fixgate.session.routing import Checker, RoutedChecker
from fixgate.session.rules import Breach, Rule
from fixgate.session.settings import SessionId, SessionSettings
from fixgate.wire.message import Message
from fixgate.wire.tags import Tag, label

__all__ = ["AddressedChecks", "addresses", "checker_of", "demands", "header_checks"]

_Demands = tuple[tuple[int, bytes], ...]


def demands(ident: SessionId) -> _Demands:
    """Return the sub-ids and locations that the peer's messages must carry."""
    wanted = (
        (Tag.SenderSubID, ident.their_sub_id),
        (Tag.SenderLocationID, ident.their_location_id),
        (Tag.TargetSubID, ident.our_sub_id),
        (Tag.TargetLocationID, ident.our_location_id),
    )
    return tuple((tag, value.encode()) for tag, value in wanted if value)


def addresses(message: Message, wanted: _Demands) -> bool:
    """Whether a message carries all that is ``wanted``; see `demands`."""
    return all(message.get(tag) == value for tag, value in wanted)


def header_checks(settings: SessionSettings, checker: Checker) -> HeaderChecks:
    """Return the header checks of a session, with as much to compare as it needs."""
    kind = AddressedChecks if demands(settings.id) else HeaderChecks
    return kind(settings, checker)


def checker_of(settings: SessionSettings, checker: Checker) -> Checker:
    """Return the dictionary of a session, with third parties where it knows any."""
    return checker if settings.routing is None else RoutedChecker(checker, settings.routing)


class AddressedChecks(HeaderChecks):
    """Header checks that compare sub-ids and locations, too.

    Many venues do not repeat them, so that a prober takes a message without them.
    """

    __slots__ = ("_demands", "_lenient")

    def __init__(self, settings: SessionSettings, checker: Checker) -> None:
        super().__init__(settings, checker)
        self._demands = demands(settings.id)
        self._lenient = settings.observe

    def plain(self, message: Message, next_in: int, now_ns: int) -> bool:
        """As `HeaderChecks.plain`."""
        return super().plain(message, next_in, now_ns) and addresses(message, self._demands)

    def identity(self, message: Message) -> Iterator[Breach]:
        """Yield a wrong BeginString(8), CompID, sub-id or location. Spec: cases 2.i and 2.k."""
        yield from super().identity(message)
        for tag, wanted in self._demands:
            received = message.get(tag)
            if received != wanted and not (received is None and self._lenient):
                text = f"{label(tag)}: received {show(received)}, expected {show(wanted)}"
                yield Breach(Rule.COMP_ID, text, reason=9, tag=tag)
