"""Our built-in dictionaries as QuickFIX reads them: the wheels of its binding bring none.

With them QuickFIX holds what it gets against the version's dictionary, as we do. Every message
can be written, but for FIX 5.0 SP2: with its components expanded that would be 20 MB, so of it
only those of order entry are.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from html import escape
from pathlib import Path

from fixgate.dictionary.loader import load_dictionary
from fixgate.dictionary.model import Dictionary, FieldUse, Member
from fixgate.dictionary.version import FixVersion

__all__ = ["quickfix_xml", "write_dictionaries"]

ORDER_ENTRY = (b"D", b"F", b"G", b"H", b"8", b"9", b"d", b"j")
"""NewOrderSingle, OrderCancelRequest, OrderCancelReplaceRequest, OrderStatusRequest,
ExecutionReport, OrderCancelReject, SecurityDefinition, BusinessMessageReject."""

_TOO_LARGE = FixVersion.FIX50SP2.value


def write_dictionaries(
    folder: Path,
    versions: Iterable[FixVersion],
    *,
    every_message: bool = False,
    also: Iterable[bytes] = (),
) -> None:
    """Write FIX44.xml and so on, for `fixgate.interop.settings.PeerSettings.dictionaries`.

    Args:
        folder: Made when it is not there.
        versions: What to write; FIXT11.xml comes with FIX 5.0 and later.
        every_message: Not only those of `ORDER_ENTRY`; without effect on FIX 5.0 SP2.
        also: MsgType(35) values of further messages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    some = frozenset(ORDER_ENTRY) | frozenset(also)
    names = {version.value for version in versions}
    names |= {"FIXT.1.1"} if any(name >= "FIX.5" for name in names) else set()
    for name in names:
        every = every_message and name != _TOO_LARGE
        text = quickfix_xml(load_dictionary(name), None if every else some)
        (folder / f"{name.replace('.', '')}.xml").write_text(text, encoding="utf-8")


def quickfix_xml(
    dictionary: Dictionary, some: Container[bytes] | None = frozenset(ORDER_ENTRY)
) -> str:
    """Return a dictionary as QuickFIX XML: admin messages and some others, ``None`` for all."""
    kind, major, rest = dictionary.version.split(".")
    minor, _, pack = rest.partition("SP")
    lines = [f'<fix type="{kind}" major="{major}" minor="{minor}" servicepack="{pack or 0}">']
    used: set[int] = set()
    for section, members in (("header", dictionary.header), ("trailer", dictionary.trailer)):
        lines += [f"<{section}>", *_members(dictionary, members, used), f"</{section}>"]
    lines.append("<messages>")
    for message in dictionary.messages.values():
        if some is None or message.is_admin or message.msg_type in some:
            category = "admin" if message.is_admin else "app"
            name, msg_type = _quoted(message.name), _quoted(message.msg_type.decode())
            lines.append(f'<message name={name} msgtype={msg_type} msgcat="{category}">')
            lines += [*_members(dictionary, message.members, used), "</message>"]
    lines += ["</messages>", "<components/>", "<fields>"]
    for tag in sorted(used):
        lines += _field(dictionary, tag)
    return "\n".join([*lines, "</fields>", "</fix>", ""])


def _members(dictionary: Dictionary, members: Iterable[Member], used: set[int]) -> Iterator[str]:
    for member in members:
        used.add(member.tag)
        name = _quoted(dictionary.fields[member.tag].name)
        required = "Y" if member.required else "N"
        if isinstance(member, FieldUse):
            yield f'<field name={name} required="{required}"/>'
        else:
            yield f'<group name={name} required="{required}">'
            yield from _members(dictionary, member.members, used)
            yield "</group>"


def _field(dictionary: Dictionary, tag: int) -> Iterator[str]:
    field = dictionary.fields[tag]
    # QuickFIX knows the types by the names of its own files: all capitals.
    head = f'<field number="{tag}" name={_quoted(field.name)} type="{field.type.value.upper()}"'
    if not field.values:
        yield f"{head}/>"
        return
    yield head + (' allowOtherValues="Y">' if field.allow_other_values else ">")
    for code, name in field.values.items():
        yield f"<value enum={_quoted(code.decode())} description={_quoted(name)}/>"
    yield "</field>"


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'
