"""Judging a message: the first fault in it, or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fixgate.dictionary.model import Dictionary, MessageDef
from fixgate.dictionary.reasons import Problem, SessionRejectReason
from fixgate.dictionary.rules import Rulebook, shown
from fixgate.dictionary.structure import Shape, Walk
from fixgate.errors import DictionaryError
from fixgate.wire.message import Message
from fixgate.wire.stray import stray_delimiter

__all__ = ["ValidationOptions", "Validator"]

_LONGEST_NUMBER = 20  # digits of the longest number that `datatypes` takes without a look
_SHAPES_KEPT = 512  # in each of two generations
_LONGEST_SHAPE = 256  # tags; longer messages are walked each time

_SIGHTINGS = 64  # of a shape before it is worth a regular expression, which takes a millisecond
# Bytes. One takes a microsecond to compile, and whoever sends it has all others wait for that: an
# ExecutionReport of 30 fields has 2,000, the groups of a Market Data message 20,000.
_LONGEST_PATTERN = 4096

_Key = tuple[bytes, tuple[int, ...]]
_Match = Callable[[bytes], object]


class _Seen:
    """A shape, and how often it is still to be seen before its pattern is compiled."""

    __slots__ = ("match", "shape", "to_go")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.match: _Match | None = None
        self.to_go = _SIGHTINGS


@dataclass(frozen=True, slots=True)
class ValidationOptions:
    """What to let pass that the specification does not.

    Attributes:
        allow_user_defined: Tags from 5000 up that the dictionary does not know may stand
            anywhere, with any value. Otherwise they are unknown tags.
        allow_empty_values: ``58=`` is a value where the type is a string.
        any_group_order: The fields of a group entry may come in any order after its delimiter,
            as some engines write them.
    """

    allow_user_defined: bool = False
    allow_empty_values: bool = False
    any_group_order: bool = False


class Validator:
    """Checks the messages of sessions of one version. Shared by sessions; holds none of theirs.

    The order of the checks, each over the whole message before the next:

    1. empty values (4), values with SOH that are no data (17);
    2. MsgType(35) (11);
    3. header, body and trailer (14);
    4. required fields, header first (1);
    5. field by field in the order of the wire: unknown tags (0), tags of other messages (2),
       repeated tags (13), order inside groups (15), what an entry lacks (1), format (6), code
       (5), number of entries (16).

    The standard names no order. This one finds the fault that a reader of the message meets
    first, and where two faults stand in one message it finds the one that QuickFIX finds.

    Spec: FIX Session Layer Test Cases 1.0, cases 2.q and 14.a to 14.k.

    Args:
        dictionary: Of the application; the whole version before FIX 5.0.
        transport: ``FIXT.1.1`` for an application that runs over it, otherwise ``None``.
        options: What to let pass.

    Raises:
        DictionaryError: A transport was given as application, or the application has no
            session layer of its own and no transport came with it.
    """

    __slots__ = ("_book", "_new", "_old", "_usual", "dictionary", "options", "transport")

    def __init__(
        self,
        dictionary: Dictionary,
        *,
        transport: Dictionary | None = None,
        options: ValidationOptions = ValidationOptions(),
    ) -> None:
        if dictionary.is_transport:
            raise DictionaryError(dictionary.version, "is a transport: needs an application")
        if transport is None and dictionary.is_application:
            raise DictionaryError(dictionary.version, "needs the transport dictionary FIXT.1.1")
        if transport is not None and not transport.is_transport:
            raise DictionaryError(transport.version, "is no transport, expected FIXT.1.1")
        self.dictionary = dictionary
        self.transport = transport or dictionary
        self.options = options
        self._book = Rulebook(dictionary, self.transport)
        self._new: dict[_Key, _Seen] = {}
        self._old: dict[_Key, _Seen] = {}
        # What the last messages of each type looked like: most often the next one does, too.
        self._usual: dict[bytes, _Match] = {}

    def check(self, message: Message) -> Problem | None:
        """Return the first fault of a message, or ``None`` when it is valid.

        Whatever the message holds, nothing is raised.

        Args:
            message: As decoded: BodyLength(9) and CheckSum(10) are right.
        """
        usual = self._usual.get(message.msg_type)
        if usual is not None and usual(message.raw):
            return None
        key = (message.msg_type, tuple(message.tags))
        seen = self._new.get(key)
        if seen is not None and self._matches(seen, message):
            return None
        return self._examine(message, key)

    def _matches(self, seen: _Seen, message: Message) -> bool:
        if seen.match is None:
            seen.to_go -= 1
            if seen.to_go:
                return False
            pattern = seen.shape.pattern(allow_empty=self.options.allow_empty_values)
            if pattern is None or len(pattern) > _LONGEST_PATTERN:
                return False
            seen.match = re.compile(pattern).fullmatch
        if not seen.match(message.raw):
            return False
        self._usual[message.msg_type] = seen.match
        return True

    def prepare(self, *msg_types: bytes) -> None:
        """Compile the rules of message types now, not when the first message of each comes.

        Takes milliseconds for each, most in FIX 5.0 SP2; unknown types are passed over.
        """
        for msg_type in msg_types:
            self._book.message(msg_type)

    def _examine(self, message: Message, key: _Key) -> Problem | None:
        """Check step by step, and keep the shape if it is right."""
        problem = None if self.options.allow_empty_values else self._empty(message)
        problem = problem or self._delimiter(message)
        if problem is not None:
            return problem
        shape = self._shape(key)
        if isinstance(shape, Problem):
            return shape
        counts = dict(shape.counts)
        for index, rule in shape.rules:
            problem = rule.problem(message.values[index])
            if problem is None and index in counts:
                problem = self._count(message, index, int(counts[index]))
            if problem is not None:
                return problem
        return shape.fault

    def _shape(self, key: _Key) -> Shape | Problem:
        seen = self._new.get(key) or self._old.get(key)
        if seen is None:
            msg_type, tags = key
            rules = self._book.message(msg_type)
            if rules is None:
                return Problem(
                    SessionRejectReason.INVALID_MSG_TYPE,
                    35,
                    f"MsgType(35): received {shown(35, msg_type)}, "
                    f"which {self.dictionary.version} does not define",
                )
            walk = Walk(
                rules,
                tags,
                allow_user_defined=self.options.allow_user_defined,
                any_group_order=self.options.any_group_order,
            )
            shape = walk.run()
            if shape.fault is not None or len(tags) > _LONGEST_SHAPE:
                return shape
            seen = _Seen(shape)
        if key not in self._new:
            self._keep(key, seen)
        return seen.shape

    def _keep(self, key: _Key, seen: _Seen) -> None:
        # Two generations: when the new one is full it becomes the old one, and shapes in use
        # come back from there. Constant work for each message, however many shapes a hostile
        # peer makes up, and the shapes of the others survive.
        if len(self._new) >= _SHAPES_KEPT:
            self._old, self._new = self._new, {}
        self._new[key] = seen

    def _empty(self, message: Message) -> Problem | None:
        for tag, value in zip(message.tags, message.values, strict=True):
            if not value:
                return Problem(
                    SessionRejectReason.TAG_SPECIFIED_WITHOUT_A_VALUE,
                    tag,
                    f"{self.label(tag)} has no value",
                )
        return None

    def _delimiter(self, message: Message) -> Problem | None:
        index = stray_delimiter(message)
        if index is None:
            return None
        tag, value = message.tags[index], message.values[index]
        return Problem(
            SessionRejectReason.NON_DATA_VALUE_INCLUDES_FIELD_DELIMITER,
            tag,
            f"{self.label(tag)}: received {shown(tag, value)}, expected no SOH inside",
        )

    def _count(self, message: Message, index: int, entries: int) -> Problem | None:
        tag, value = message.tags[index], message.values[index]
        # 20 digits at most where the format has been checked; dictionaries may say String.
        if value.isdigit() and len(value) <= _LONGEST_NUMBER and int(value) == entries:
            return None
        return Problem(
            SessionRejectReason.INCORRECT_NUM_IN_GROUP_COUNT,
            tag,
            f"{self.label(tag)}: received {shown(tag, value)}, counted {entries} entries",
        )

    def label(self, tag: int) -> str:
        """Return the field as texts name it: ``ClOrdID(11)``, or ``tag 5001`` if unknown."""
        known = tag in self.dictionary.fields
        return (self.dictionary if known else self.transport).label(tag)

    def message(self, msg_type: bytes) -> MessageDef | None:
        """Return the message type, or ``None`` when the version does not define it."""
        return self._book.definition(msg_type)

    def knows(self, msg_type: bytes) -> bool:
        """Return whether the version defines this MsgType(35)."""
        return self._book.definition(msg_type) is not None

    def is_admin(self, msg_type: bytes) -> bool:
        """Return whether the type belongs to the session; ``False`` when it is not defined."""
        definition = self._book.definition(msg_type)
        return definition is not None and definition.is_admin

    def knows_reason(self, reason: SessionRejectReason) -> bool:
        """Return whether SessionRejectReason(373) has this value in the version.

        ``False`` throughout for FIX 4.0 and 4.1, which have no such field.
        """
        found = self.transport.fields.get(373)
        return found is not None and b"%d" % reason in found.values

    def groups(self, message: Message, count_tag: int) -> list[list[tuple[int, bytes]]]:
        """Return the entries of a repeating group, each as its fields in the order of the wire.

        Fields of groups nested in an entry are in it too. A message that lacks the group, or
        whose type has none of that count, has no entries.

        Args:
            message: A message that `check` has found valid.
            count_tag: The NumInGroup field of a group outside other groups.
        """
        rules = self._book.message(message.msg_type)
        place = rules.places.get(count_tag) if rules else None
        if rules is None or place is None or place.group is None:
            return []
        fields = zip(message.tags, message.values, strict=True)
        for tag, _ in fields:
            if tag == count_tag:
                break
        group = place.group
        entries: list[list[tuple[int, bytes]]] = []
        for tag, value in fields:
            if tag == group.use.delimiter:
                entries.append([])
            elif not entries or not (group.holds(tag) or not rules.knows(tag)):
                break
            entries[-1].append((tag, value))
        return entries
