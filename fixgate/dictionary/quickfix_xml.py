"""Reading a dictionary from a QuickFIX XML file.

The file is the user's: it is read with limits (`xml_tree`), and whatever is wrong with it is
said with its line. What the files that ship with engines are known to do is taken as it is
meant: a member named twice in one message counts once, and in FIX 4.0 and 4.1 the type ``CHAR``
is a string.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from fixgate.dictionary.datatypes import FieldType
from fixgate.dictionary.model import Dictionary, FieldDef, FieldUse, GroupUse, Member, MessageDef
from fixgate.dictionary.version import FixVersion
from fixgate.dictionary.xml_tree import Node, mistake, read_tree
from fixgate.errors import DictionaryError

__all__ = ["read_quickfix_xml"]

_VERSIONS = (*(version.value for version in FixVersion), "FIXT.1.1")
_TYPES = {kind.value.upper(): kind for kind in FieldType} | {
    "DATE": FieldType.LOCAL_MKT_DATE,
    "TIME": FieldType.UTC_TIMESTAMP,
    "UTCDATE": FieldType.UTC_DATE_ONLY,
}
_MAX_TAG = 999_999_999
_MAX_NESTING = 32
# What hostile reuse of components may unfold to; FIX 5.0 SP2 unfolds to 40 000.
_MAX_MEMBERS = 1_000_000
_SECTIONS = ("header", "trailer", "messages", "components", "fields")


def read_quickfix_xml(path: str | Path, *, version: str | None = None) -> Dictionary:
    """Read a QuickFIX XML dictionary.

    Args:
        path: The file; at most 16 MiB, no DTD, no compression.
        version: What the file must be for, such as ``FIX.4.4``; any when ``None``.

    Raises:
        DictionaryError: It cannot be read, is something else, or contradicts itself; with the
            line, what was found and what was expected.
    """
    name = str(path)
    return _Reader(name, read_tree(name)).dictionary(version)


class _Expansion(NamedTuple):
    """Members with all components expanded, and how deep groups and components nest in them."""

    members: tuple[Member, ...]
    height: int


class _Reader:
    def __init__(self, path: str, root: Node) -> None:
        self._path = path
        self._root = root
        self._tags: dict[str, int] = {}
        self._components: dict[str, Node] = {}
        self._expanded: dict[tuple[str, bool], _Expansion] = {}
        self._open: list[str] = []
        self._size = 0

    def dictionary(self, expected: str | None) -> Dictionary:
        version = self._version()
        if expected is not None and version != expected:
            raise self._mistake(self._root, f"is for {version}, expected {expected}")
        sections = self._sections()
        fields = self._fields(sections["fields"], version)
        self._tags = {found.name: tag for tag, found in fields.items()}
        self._components = self._named(sections.get("components"), "component")
        for component in self._components:
            self._component(self._components[component], component, required=True)
        header = self._section_members(sections.get("header"))
        trailer = self._section_members(sections.get("trailer"))
        self._check_frame(version, header, trailer)
        messages = self._messages(sections["messages"])
        return Dictionary(version, fields, messages, header=header, trailer=trailer)

    def _mistake(self, node: Node, reason: str) -> DictionaryError:
        return mistake(self._path, reason, node.line)

    def _attribute(self, node: Node, name: str) -> str:
        value = node.attributes.get(name, "")
        if not value:
            raise self._mistake(node, f"<{node.name}> has no {name}, expected {name}='...'")
        return value

    def _version(self) -> str:
        kind = self._root.attributes.get("type", "FIX")
        major, minor = self._attribute(self._root, "major"), self._attribute(self._root, "minor")
        pack = self._root.attributes.get("servicepack", "0")
        version = f"{kind}.{major}.{minor}" + (f"SP{pack}" if pack != "0" else "")
        if version not in _VERSIONS:
            raise self._mistake(
                self._root, f"is for {version!r}, expected one of {', '.join(_VERSIONS)}"
            )
        return version

    def _sections(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for node in self._root.children:
            if node.name not in _SECTIONS:
                raise self._unexpected(node, _SECTIONS)
            if node.name in found:
                raise self._mistake(node, f"a second <{node.name}>, expected one")
            found[node.name] = node
        for name in ("fields", "messages"):
            if name not in found:
                raise self._mistake(self._root, f"<fix> has no <{name}>")
        return found

    def _unexpected(self, node: Node, allowed: tuple[str, ...]) -> DictionaryError:
        names = " or ".join(f"<{name}>" for name in allowed)
        return self._mistake(node, f"unexpected <{node.name}>, expected {names}")

    def _children(self, node: Node | None, *allowed: str) -> list[Node]:
        children = node.children if node else []
        for child in children:
            if child.name not in allowed:
                raise self._unexpected(child, allowed)
        return children

    def _named(self, parent: Node | None, kind: str) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for node in self._children(parent, kind):
            name = self._attribute(node, "name")
            if name in found:
                raise self._mistake(
                    node, f"{kind} {name} is defined twice, first in line {found[name].line}"
                )
            found[name] = node
        return found

    # Fields.

    def _fields(self, section: Node, version: str) -> dict[int, FieldDef]:
        found: dict[int, FieldDef] = {}
        lines: dict[int, int] = {}
        for name, node in self._named(section, "field").items():
            tag = self._tag(node)
            if tag in found:
                raise self._mistake(
                    node,
                    f"tag {tag} is both {name} and {found[tag].name}, first in line {lines[tag]}",
                )
            found[tag] = self._field(node, tag, name, version)
            lines[tag] = node.line
        return found

    def _tag(self, node: Node) -> int:
        text = self._attribute(node, "number")
        # Digits only, and few of them, before the conversion.
        if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0:
            return int(text)
        raise self._mistake(node, f"number={text[:40]!r}, expected a tag from 1 to {_MAX_TAG}")

    def _field(self, node: Node, tag: int, name: str, version: str) -> FieldDef:
        text = self._attribute(node, "type")
        kind = _TYPES.get(text.upper())
        if kind is None:
            raise self._mistake(node, f"{name}({tag}) has type {text!r}, which is no FIX data type")
        if kind is FieldType.CHAR and version < "FIX.4.2":
            kind = FieldType.STRING
        codes: dict[bytes, str] = {}
        for value in self._children(node, "value"):
            code = self._attribute(value, "enum").encode()
            if code in codes:
                raise self._mistake(value, f"{name}({tag}) lists {code.decode()!r} twice")
            codes[code] = value.attributes.get("description", "")
        others = node.attributes.get("allowOtherValues", "N") in ("Y", "true")
        return FieldDef(tag, name, kind, codes, allow_other_values=others)

    # Members.

    def _section_members(self, section: Node | None) -> tuple[Member, ...]:
        return self._members(section, required=True, depth=0).members if section else ()

    def _members(self, parent: Node, *, required: bool, depth: int) -> _Expansion:
        """Return the members of ``parent``, components expanded.

        Args:
            parent: A message, header, trailer, group or component.
            required: Whether what is required in ``parent`` is required where it is used.
            depth: Groups and components around it.
        """
        found: dict[int, Member] = {}
        height = 0
        for node in self._children(parent, "field", "group", "component"):
            name = self._attribute(node, "name")
            must = self._required(node, name) and required
            if node.name == "component":
                inner = self._component(node, name, required=must, depth=depth + 1)
            elif node.name == "group":
                inner = self._group(node, name, required=must, depth=depth + 1)
            else:
                inner = _Expansion((FieldUse(self._defined(node, name), must),), 0)
            for member in inner.members:
                self._merge(found, member, node)
            height = max(height, inner.height)
            if depth + height > _MAX_NESTING:
                raise self._too_deep(node)
        self._size += len(found)
        if self._size > _MAX_MEMBERS:
            raise self._mistake(parent, f"components expand to more than {_MAX_MEMBERS} members")
        return _Expansion(tuple(found.values()), height)

    def _too_deep(self, node: Node) -> DictionaryError:
        return self._mistake(node, f"groups and components nest deeper than {_MAX_NESTING}")

    def _merge(self, found: dict[int, Member], member: Member, node: Node) -> None:
        known = found.setdefault(member.tag, member)
        if known is member:
            return
        if isinstance(known, GroupUse) or isinstance(member, GroupUse):
            raise self._mistake(
                node, f"tag {member.tag} counts a group here and is used a second time beside it"
            )
        found[member.tag] = FieldUse(member.tag, known.required or member.required)

    def _required(self, node: Node, name: str) -> bool:
        text = node.attributes.get("required")
        if text not in ("Y", "N"):
            raise self._mistake(node, f"{name} has required={text!r}, expected 'Y' or 'N'")
        return text == "Y"

    def _defined(self, node: Node, name: str) -> int:
        tag = self._tags.get(name)
        if tag is None:
            raise self._mistake(node, f"<{node.name}> {name} is not defined in <fields>")
        return tag

    def _group(self, node: Node, name: str, *, required: bool, depth: int) -> _Expansion:
        tag = self._defined(node, name)
        if depth > _MAX_NESTING:
            raise self._too_deep(node)
        members, height = self._members(node, required=True, depth=depth)
        if not members:
            raise self._mistake(node, f"group {name}({tag}) has no members, expected a delimiter")
        if any(member.tag == tag for member in members):
            raise self._mistake(node, f"group {name}({tag}) holds its own count")
        return _Expansion((GroupUse(tag, required, members),), height + 1)

    def _component(self, node: Node, name: str, *, required: bool, depth: int = 0) -> _Expansion:
        if name in self._open:
            path = " > ".join([*self._open[self._open.index(name) :], name])
            raise self._mistake(node, f"component {name} contains itself: {path}")
        definition = self._components.get(name)
        if definition is None:
            raise self._mistake(node, f"component {name} is not defined in <components>")
        if depth > _MAX_NESTING:
            raise self._too_deep(node)
        # Each is expanded once, however often it is used: nesting cannot multiply the work.
        found = self._expanded.get((name, required))
        if found is None:
            self._open.append(name)
            members, height = self._members(definition, required=required, depth=depth)
            self._open.pop()
            found = _Expansion(members, height + 1)
            self._expanded[name, required] = found
        return found

    # Messages.

    def _messages(self, section: Node) -> dict[bytes, MessageDef]:
        found: dict[bytes, MessageDef] = {}
        for name, node in self._named(section, "message").items():
            msg_type = self._attribute(node, "msgtype").encode()
            if msg_type in found:
                raise self._mistake(
                    node,
                    f"MsgType(35) {msg_type.decode()!r} is both {name} and {found[msg_type].name}",
                )
            category = node.attributes.get("msgcat")
            if category not in ("admin", "app"):
                raise self._mistake(node, f"msgcat={category!r}, expected 'admin' or 'app'")
            body = self._members(node, required=True, depth=0)
            found[msg_type] = MessageDef(msg_type, name, category == "admin", body.members)
        if not found:
            raise self._mistake(section, "<messages> is empty")
        return found

    def _check_frame(
        self, version: str, header: tuple[Member, ...], trailer: tuple[Member, ...]
    ) -> None:
        """Refuse a version with a session layer whose header or trailer cannot frame a message."""
        if not version.startswith("FIXT") and version >= "FIX.5":
            return
        head, tail = {member.tag for member in header}, {member.tag for member in trailer}
        for place, tags, present in (("header", (8, 9, 35), head), ("trailer", (10,), tail)):
            for tag in tags:
                if tag not in present:
                    raise self._mistake(self._root, f"the {place} of {version} has no tag {tag}")
