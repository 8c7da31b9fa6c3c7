"""What a scenario has come to at a step, as far as the file alone can tell.

Steps are read in their order; this keeps what those before have named, armed, connected and ended,
so that a step that cannot work is a mistake before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from fixgate.config.fields import closest
from fixgate.config.scenarios.node import Node
from fixgate.config.source import shown
from fixgate.errors import ExpressionError
from fixgate.faults import ArmedFault, FaultSpec
from fixgate.faults.model import Blackhole, Cut, EndConnection, RefuseConnections, RefuseLogon
from fixgate.scenario.expressions import Expression, Reference
from fixgate.scenario.vocabulary import Vocabulary

__all__ = ["Armed", "Flow", "Line"]

_ENDING = (Blackhole, Cut, EndConnection, RefuseConnections, RefuseLogon)
"""With these nobody knows from the file alone whether there is a connection."""


_REFERENCE = re.compile(r"([A-Za-z_]\w*)\.(\w+)", re.ASCII)
_SECRET = re.compile(r"\$\{(?:env|file|cred|keyring):")


class Line(Enum):
    """Whether an actor of ours has a connection."""

    DOWN = "down"
    UP = "up"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Armed:
    """Something that `clear` can end: a fault, or a `never` where ``fault`` is ``None``.

    Attributes:
        where: The step.
        fault: The fault.
        spec: Its entry of the catalogue.
    """

    where: Node
    fault: ArmedFault | None = None
    spec: FaultSpec | None = None


@dataclass(slots=True)
class Flow:
    """The state between two steps.

    Attributes:
        vocabulary: Of the session.
        messages: What steps have named, with the MsgType(35) that it may have.
        defined: Where each name was given first.
        counters: Of the repeats around.
        lines: By actor of ours.
        since: By actor: the step since when it is so.
        armed: By actor and name.
    """

    vocabulary: Vocabulary
    messages: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    defined: dict[str, Node] = field(default_factory=dict)
    counters: list[str] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    since: dict[str, Node] = field(default_factory=dict)
    armed: dict[tuple[str, str], Armed] = field(default_factory=dict)

    def name(self, name: str, where: Node, msg_types: tuple[bytes, ...]) -> None:
        """Give a message a name; the same step may do so again."""
        first = self.defined.setdefault(name, where)
        if (first.document, first.path) != (where.document, where.path) or name in self.counters:
            place = f", first at {first.place}" if name not in self.counters else ""
            where.report(f"the name {shown(name)} is used twice{place}")
        self.messages[name] = msg_types

    def set_line(self, actor: str, line: Line, where: Node) -> None:
        """Say that an actor's connection is so from here on."""
        self.lines[actor] = line
        self.since[actor] = where

    def came_up(self, actor: str, where: Node) -> None:
        """Say that an actor has a connection, unless a fault that is armed may have ended it."""
        armed = (each.fault for (on, _), each in self.armed.items() if on == actor)
        ended = any(each is not None and isinstance(each.fault, _ENDING) for each in armed)
        self.set_line(actor, Line.UNKNOWN if ended else Line.UP, where)

    def line(self, actor: str) -> Line:
        """Return whether an actor has a connection."""
        return self.lines.get(actor, Line.DOWN)

    def must_be_up(self, actor: str, where: Node) -> None:
        """Tell that nothing can be done without a connection, if there is none for sure."""
        if self.line(actor) is not Line.DOWN:
            return
        self.lines[actor] = Line.UNKNOWN  # once is enough
        ended = self.since.get(actor)
        if ended is None:
            where.report(f"{actor} has not connected yet", "begin with a step 'connect'")
        else:
            where.report(f"the connection of {actor} has ended at {ended.place}", "connect again")

    def must_be_down(self, actor: str, where: Node) -> None:
        """Tell that there is a connection already, if there is one for sure."""
        if self.line(actor) is Line.UP:
            since = self.since[actor].place
            where.report(f"{actor} is connected already, since {since}")

    def all_unknown(self, where: Node) -> None:
        """Say that any connection may have ended, or have been made."""
        for actor in list(self.lines):
            self.set_line(actor, Line.UNKNOWN, where)

    def check(self, node: Node | None) -> None:
        """Tell every reference below a node to what no step before has named."""
        if node is None:
            return
        if isinstance(node.value, dict):
            for key, child in node.entries().items():
                if key != "raw":
                    self.check(child)
        elif isinstance(node.value, list):
            for child in node.items():
                self.check(child)
        elif isinstance(node.value, str) and node.value.startswith("="):
            try:
                references = Expression(node.value[1:].strip()).references
            except ExpressionError:
                return  # told where it was read
            for reference in references:
                self._check_reference(reference, node)
        elif isinstance(node.value, str):
            self._check_text(node.value, node)

    def _check_text(self, text: str, node: Node) -> None:
        """Tell a text that was meant to be an expression, and a secret that nobody looks up."""
        if found := _SECRET.search(text):
            message = f"{found[0]}...}} is looked up in session, client and venue only"
            node.report(message, "the session's own Logon carries its password")
        found = _REFERENCE.fullmatch(text)
        if found and found[1] in self.messages and self.vocabulary.tag(found[2]) is not None:
            node.report(f"{shown(text)} is a text here", f"did you mean '= {text}'?")

    def _check_reference(self, reference: Reference, node: Node) -> None:
        name, wanted, _ = reference
        if not wanted:
            if name not in self.counters:
                known = ", ".join(self.counters)
                hint = closest(name, self.counters) or (f"known here: {known}" if known else "")
                node.report(f"there is no counter {shown(name)} here", hint)
            return
        if name not in self.messages:
            hint = closest(name, self.messages)
            node.report(f"no step before this one has named a message {shown(name)}", hint)
            return
        tag = self.vocabulary.tag(wanted)
        if tag is None:
            hint = closest(wanted, self.vocabulary.field_names)
            node.report(f"{self.vocabulary.version} has no field {shown(wanted)}", hint)
            return
        types = self.messages[name]
        if types and not wanted.isdecimal() and not any(self._may_have(t, tag) for t in types):
            label = " or ".join(map(self.vocabulary.message_label, types))
            node.report(f"{name} is {label}, which has no {self.vocabulary.label(tag)}")

    def _may_have(self, msg_type: bytes, tag: int) -> bool:
        if self.vocabulary.message(msg_type) is None:
            return True
        members = self.vocabulary.members(msg_type)
        return any(m.tag == tag for m in members) or bool(self.vocabulary.holders(msg_type, tag))

    @contextmanager
    def counting(self, counter: str) -> Iterator[None]:
        """Know a counter while the steps of a repeat are read."""
        if counter:
            self.counters.append(counter)
        yield
        if counter:
            self.counters.pop()

    def copy(self, *, at_once: bool) -> Flow:
        """Return the same state, to go on from differently.

        Args:
            at_once: With the others: what one names, the others cannot name again.
        """
        defined = self.defined if at_once else dict(self.defined)
        return Flow(
            self.vocabulary, dict(self.messages), defined, list(self.counters),
            dict(self.lines), dict(self.since), dict(self.armed),
        )  # fmt: skip

    def join_any(self, ends: Iterable[Flow], where: Node) -> None:
        """Go on after one of several ways has been taken, whichever."""
        ways = list(ends)
        for way in ways:
            self.defined |= way.defined
        shared = set.intersection(*(set(way.messages) for way in ways))
        self.messages = {
            name: tuple(dict.fromkeys(t for way in ways for t in way.messages[name]))
            for name in shared
        }
        for actor in {actor for way in ways for actor in way.lines}:
            lines = {way.line(actor) for way in ways}
            if lines != {self.line(actor)}:
                line = lines.pop() if len(lines) == 1 else Line.UNKNOWN
                self.set_line(actor, line, where)

    def join_all(self, ends: Iterable[Flow], where: Node) -> None:
        """Go on after several ways have been taken at once."""
        before = dict(self.lines)
        for way in ends:
            self.messages |= way.messages
            self.armed |= way.armed
            for actor, line in way.lines.items():
                if line is not before.get(actor):
                    self.set_line(actor, line, where)
