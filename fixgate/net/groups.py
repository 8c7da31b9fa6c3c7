"""Tells an echo venue, which knows no dictionary, where repeating groups begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from fixgate.dictionary import FixVersion, GroupUse, Member, load_dictionary
from fixgate.venue import GroupShape

__all__ = ["group_shapes"]


@lru_cache(maxsize=1024)
def group_shapes(version: FixVersion, msg_type: bytes) -> Mapping[int, GroupShape]:
    """Return the groups of a message type by the tag of their count; empty when unknown."""
    message = load_dictionary(version.value).messages.get(msg_type)
    return {} if message is None else _shapes(message.members)


def _shapes(members: Iterable[Member]) -> dict[int, GroupShape]:
    return {use.tag: _shape(use) for use in members if isinstance(use, GroupUse)}


def _shape(group: GroupUse) -> GroupShape:
    tags = frozenset(member.tag for member in group.members)
    return GroupShape(group.delimiter, tags, _shapes(group.members))
