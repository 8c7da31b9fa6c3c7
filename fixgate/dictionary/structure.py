"""Checking which tags a message has, in which order; values are looked at afterwards.

What follows from the tags alone is worked out once for each *shape*, a message type with its
sequence of tags, and kept: the clients of a session send few shapes, each of them thousands of
times. A shape says which values need a look, so that the next message of it needs no walk, and
gives a regular expression that looks at all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixgate.dictionary.reasons import Problem, SessionRejectReason
from fixgate.dictionary.rules import FieldRule, GroupRules, MessageRules, Place
from fixgate.wire.data_fields import DATA_FIELDS

__all__ = ["Shape", "Walk"]

_USER_DEFINED = 5000  # Spec: FIX volume 1, user defined fields: tags 5000 and up
_ZONES = ("header", "body", "trailer")


@dataclass(frozen=True, slots=True)
class Shape:
    """A sequence of tags that is right, and the values still to be looked at.

    Attributes:
        tags: The tags, in the order of the wire.
        counts: Index of each NumInGroup, with the number of entries that follow it.
        rules: Index of each value that can be wrong and its rule, in the order of the wire.
        fault: What is wrong with the sequence, once every value in ``rules`` is right; ``None``
            for a sequence that is right.
    """

    tags: tuple[int, ...]
    counts: tuple[tuple[int, bytes], ...]
    rules: tuple[tuple[int, FieldRule], ...]
    fault: Problem | None = None

    def pattern(self, *, allow_empty: bool) -> bytes | None:
        """Return one regular expression for the whole messages of this shape that are valid.

        What it takes is valid; what it does not take need not be wrong (``NoHops(627)=02``).

        Args:
            allow_empty: A value that may be any bytes may be none at all.

        Returns:
            ``None`` for a shape with a field that measures another: that one may hold SOH.
        """
        if not DATA_FIELDS.keys().isdisjoint(self.tags):
            return None
        values = [b"[^\x01]*" if allow_empty else b"[^\x01]+"] * len(self.tags)
        for index, rule in self.rules:
            if rule.test is not None:
                values[index] = rule.pattern()
        for index, count in self.counts:
            values[index] = count
        return b"".join(b"%d=(?:%b)\x01" % field for field in zip(self.tags, values, strict=True))


class Walk:
    """One pass over the tags of one message.

    Args:
        rules: The rules of its type.
        tags: Every tag, in the order of the wire.
        allow_user_defined: Unknown tags from 5000 up may stand anywhere.
        any_group_order: After the delimiter, the fields of an entry may come in any order.
    """

    __slots__ = (
        "_any_group_order",
        "_counts",
        "_index",
        "_rules",
        "_tags",
        "_used",
        "_user_defined",
    )

    def __init__(
        self,
        rules: MessageRules,
        tags: Sequence[int],
        *,
        allow_user_defined: bool,
        any_group_order: bool,
    ) -> None:
        self._rules = rules
        self._tags = tags
        self._user_defined = allow_user_defined
        self._any_group_order = any_group_order
        self._index = 0
        self._used: list[tuple[int, FieldRule]] = []
        self._counts: list[tuple[int, bytes]] = []

    def run(self) -> Shape:
        """Return the shape of the message, with the first fault of its structure if it has one.

        Header, body and trailer come first, then what is missing; the rest is looked for in the
        order of the wire: a tag that is not known, not of this message, repeated, or wrong
        inside a group.
        """
        return self._shape(self._zones() or self._absent(set(self._tags)) or self._fields())

    def _zones(self) -> Problem | None:
        zone = 0
        for tag in self._tags:
            place = self._rules.places.get(tag)
            if place is not None:
                if place.position < zone:
                    return self._out_of_zone(place, zone)
                zone = place.position
        return None

    def _absent(self, present: set[int]) -> Problem | None:
        for tag in self._rules.required:
            if tag not in present:
                return self._missing(self._rules.places[tag], f"{self._rules.label} requires it")
        return None

    def _fields(self) -> Problem | None:
        tags, places = self._tags, self._rules.places
        seen: set[int] = set()
        while self._index < len(tags):
            tag = tags[self._index]
            place = places.get(tag)
            if place is None:
                if self._is_user_defined(tag):
                    self._index += 1
                    continue
                return self._foreign(tag)
            if tag in seen:
                return _problem(
                    SessionRejectReason.TAG_APPEARS_MORE_THAN_ONCE,
                    place,
                    f"{place.rule.label} appears more than once in {self._rules.label}",
                )
            seen.add(tag)
            problem = self._take(place, seen)
            if problem is not None:
                return problem
        return self._absent(seen)  # a field that stands only inside a group is missing outside

    def _shape(self, fault: Problem | None) -> Shape:
        return Shape(tuple(self._tags), tuple(self._counts), tuple(self._used), fault)

    def _take(self, place: Place, outside: set[int]) -> Problem | None:
        """Take the field at the index, and the entries that follow if it counts a group.

        ``outside`` has the tags seen so far outside all groups.
        """
        at = self._index
        self._index += 1
        if place.group is None:
            if place.rule.test is not None:
                self._used.append((at, place.rule))
            return None
        self._used.append((at, place.rule))
        return self._group(place.group, at, outside)

    def _group(self, group: GroupRules, count_at: int, outside: set[int]) -> Problem | None:
        tags, delimiter = self._tags, group.use.delimiter
        entries = 0
        while self._index < len(tags) and tags[self._index] == delimiter:
            entries += 1
            problem = self._entry(group, entries, outside)
            if problem is not None:
                return problem
        if not entries and self._index < len(tags):
            tag = tags[self._index]
            if tag in group.places and not self._fits_outside(tag, outside):
                first, expected = group.places[tag], group.places[delimiter]
                return _problem(
                    SessionRejectReason.REPEATING_GROUP_FIELDS_OUT_OF_ORDER,
                    first,
                    f"{first.rule.label} begins an entry of {group.label}, "
                    f"expected {expected.rule.label}",
                )
        self._counts.append((count_at, b"%d" % entries))
        return None

    def _entry(self, group: GroupRules, number: int, outside: set[int]) -> Problem | None:
        tags, places, delimiter = self._tags, group.places, group.use.delimiter
        seen: set[int] = set()
        last = -1
        while self._index < len(tags):
            tag = tags[self._index]
            place = places.get(tag)
            if place is None:
                if not self._is_user_defined(tag):
                    break
                self._index += 1
                continue
            if tag == delimiter and seen:
                break
            back = place.position < last and not self._any_group_order
            if back or tag in seen:
                if self._fits_outside(tag, outside):
                    break
                return self._disorder(group, number, place, repeated=tag in seen)
            last = place.position
            seen.add(tag)
            problem = self._take(place, outside)
            if problem is not None:
                return problem
        for tag in group.required:
            if tag not in seen:
                return self._missing(places[tag], f"entry {number} of {group.label} requires it")
        return None

    def _fits_outside(self, tag: int, outside: set[int]) -> bool:
        """Whether a tag that cannot stand in the group may be the body's own of that number."""
        return tag in self._rules.places and tag not in outside

    def _is_user_defined(self, tag: int) -> bool:
        return self._user_defined and tag >= _USER_DEFINED and not self._rules.knows(tag)

    # Faults.

    def _foreign(self, tag: int) -> Problem:
        rules = self._rules
        if not rules.knows(tag):
            text = f"tag {tag} is not defined in {rules.version}"
            if tag >= _USER_DEFINED:
                text = f"user-defined {text}"
            return Problem(SessionRejectReason.INVALID_TAG_NUMBER, tag, text)
        label = next(f"{f[tag].name}({tag})" for f in rules.layers if tag in f)
        holder = rules.holder(tag)
        if holder is None:
            return Problem(
                SessionRejectReason.TAG_NOT_DEFINED_FOR_THIS_MESSAGE_TYPE,
                tag,
                f"{label} is not a field of {rules.label}",
            )
        if holder.use.tag in self._tags:
            return Problem(
                SessionRejectReason.REPEATING_GROUP_FIELDS_OUT_OF_ORDER,
                tag,
                f"{label} stands outside the entries of its group {holder.label}",
            )
        return Problem(
            SessionRejectReason.TAG_NOT_DEFINED_FOR_THIS_MESSAGE_TYPE,
            tag,
            f"{label} stands in {rules.label} without its group {holder.label}",
        )

    def _out_of_zone(self, place: Place, zone: int) -> Problem:
        return _problem(
            SessionRejectReason.TAG_SPECIFIED_OUT_OF_REQUIRED_ORDER,
            place,
            f"{place.rule.label} is a {_ZONES[place.position]} field, "
            f"received after the {_ZONES[zone]} had begun",
        )

    def _missing(self, place: Place, who: str) -> Problem:
        return _problem(
            SessionRejectReason.REQUIRED_TAG_MISSING, place, f"{place.rule.label} is missing: {who}"
        )

    def _disorder(self, group: GroupRules, number: int, place: Place, *, repeated: bool) -> Problem:
        where = f"in entry {number} of {group.label}"
        if repeated:
            return _problem(
                SessionRejectReason.TAG_APPEARS_MORE_THAN_ONCE,
                place,
                f"{place.rule.label} appears more than once {where}",
            )
        return _problem(
            SessionRejectReason.REPEATING_GROUP_FIELDS_OUT_OF_ORDER,
            place,
            f"{place.rule.label} is out of order {where}",
        )


def _problem(reason: SessionRejectReason, place: Place, text: str) -> Problem:
    return Problem(reason, place.rule.tag, text)
