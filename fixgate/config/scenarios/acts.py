"""Steps that do something: connect, disconnect, logout, send, send_raw, set_seqnum."""

from __future__ import annotations

from fixgate.config import units
from fixgate.config.scenarios import sentences, values
from fixgate.config.scenarios.flow import Line
from fixgate.config.scenarios.kind import Given, Option, StepKind
from fixgate.config.scenarios.messages import message_type
from fixgate.config.scenarios.node import Node, UnusableError, known_keys
from fixgate.config.scenarios.options import AS, FIELDS, NOTHING, ON, WITHIN, itself
from fixgate.config.scenarios.sending import sent_fields
from fixgate.config.scenarios.story import Story
from fixgate.config.source import shown
from fixgate.errors import ExpressionError
from fixgate.scenario.expressions import Expression, Value
from fixgate.scenario.model import Need, Side
from fixgate.scenario.steps import (
    Connect,
    Disconnect,
    HowClosed,
    Logout,
    Send,
    SendRaw,
    SetSeqNum,
    Step,
)
from fixgate.wire import MsgType, Tag

__all__ = ["ACTS", "SOH"]

SOH = b"\x01"
_HIGHEST = 2**63 - 1
_ORDERS = frozenset(
    {MsgType.NewOrderSingle, MsgType.OrderCancelRequest, MsgType.OrderCancelReplaceRequest}
)


def _nothing(node: Node, story: Story) -> None:
    if node.value is not None:
        message = f"'{node.path[-1]}' has nothing behind it; received {shown(node.value)}"
        raise node.report(message, "'on' says which actor")


CONNECT = Option("connect", _nothing, "Nothing.", NOTHING)
LOGON = Option(
    "logon", lambda node, story: values.flag(node),
    "false: only the connection, no Logon; nothing is sent but what steps send.",
    {"type": "boolean"},
)  # fmt: skip


def _connect(given: Given) -> tuple[Step, ...]:
    given.flow.must_be_down(given.on, given.node)
    given.flow.came_up(given.on, given.node)
    logon = given.take(LOGON, True)
    within = given.take(WITHIN, given.story.within_ns)
    client = given.story.actors[given.on].side is Side.CLIENT
    text = "connect" if client else "let the client connect"
    text += " and exchange Logons" if logon else ", without a Logon"
    text += f", within {units.format_duration(within)}"
    return (Connect(given.place(text), given.on, logon, within),)


def _how(node: Node, story: Story) -> HowClosed:
    return HowClosed.FIN if node.value is None else values.one_of(node, HowClosed)


DISCONNECT = Option(
    "disconnect", _how,
    "`fin` (the default), `rst`, or `silent`: the connection is forgotten without a packet.",
    {"enum": [None, *(how.value for how in HowClosed)]},
)  # fmt: skip
_HOW_TEXTS = {
    HowClosed.FIN: "close the connection",
    HowClosed.RST: "reset the connection",
    HowClosed.SILENT: "forget the connection without a packet",
}


def _disconnect(given: Given) -> tuple[Step, ...]:
    given.flow.must_be_up(given.on, given.node)
    given.flow.set_line(given.on, Line.DOWN, given.node)
    how = given.take(DISCONNECT, HowClosed.FIN)
    return (Disconnect(given.place(_HOW_TEXTS[how]), given.on, how),)


LOGOUT = Option("logout", _nothing, "Nothing.", NOTHING)
TEXT = Option(
    "text", lambda node, story: node.text(), "Text(58) of the Logout.", {"type": "string"}
)


def _logout(given: Given) -> tuple[Step, ...]:
    given.flow.must_be_up(given.on, given.node)
    given.flow.set_line(given.on, Line.DOWN, given.node)
    text, within = given.take(TEXT, ""), given.take(WITHIN, given.story.within_ns)
    sentence = f"log out{f' with Text(58) = {text}' if text else ''}"
    sentence += f", within {units.format_duration(within)}"
    return (Logout(given.place(sentence), given.on, text, within),)


SEND = Option(
    "send", lambda node, story: message_type(node, story.vocabulary, unknown=True),
    "A message by its name or MsgType(35).", {"type": ["string", "integer"]},
)  # fmt: skip
SENT_WITH = Option(
    "with", itself,
    "Fields and their values; required ones that are not here have defaults, `absent` leaves one "
    "out, `{raw: TEXT}` is not checked. MsgSeqNum `\"@\"` is the session's next number.",
    FIELDS,
)  # fmt: skip


def _send(given: Given) -> tuple[Step, ...]:
    story, vocabulary = given.story, given.story.vocabulary
    msg_type = given.get(SEND)
    assert msg_type is not None, "it is the action"
    given.flow.must_be_up(given.on, given.node)
    written = given.get(SENT_WITH)
    given.flow.check(written)
    fields = sent_fields(written, given.at(SEND), msg_type, story.session, vocabulary)
    name = given.take(AS, "")
    if name:
        given.flow.name(name, given.at(AS), (msg_type,))
    # Orders of ours go to a venue under test; a client under test that is to send one has to trade.
    theirs = story.acting == story.under_test.value
    if msg_type in _ORDERS and (theirs or story.under_test is Side.VENUE):
        story.needs.add(Need.ORDERS)
    tags = [] if written is None else [vocabulary.tag(key) or 0 for key in written.entries()]
    text = f"send {vocabulary.message_label(msg_type)}"
    text += sentences.sent(tags, fields, vocabulary)
    if Tag.MsgSeqNum in tags:
        text += ", beside the session"
    text += f", called {name}" if name else ""
    return (Send(given.place(text), given.on, msg_type, fields, name),)


def _raw(node: Node, story: Story) -> bytes:
    text = node.text()
    if not text:
        raise node.report("expected the bytes of a message, '|' for SOH; received nothing")
    return text.encode().replace(b"|", SOH)


SEND_RAW = Option(
    "send_raw", _raw,
    "The bytes, `|` for SOH; `8=@`, `9=@`, `10=@`, `34=@`, `49=@`, `52=@` and `56=@` are worked "
    "out when it is sent.",
    {"type": "string"},
)  # fmt: skip


def _send_raw(given: Given) -> tuple[Step, ...]:
    data = given.get(SEND_RAW)
    assert data is not None, "it is the action"
    given.flow.must_be_up(given.on, given.node)
    name = given.take(AS, "")
    if name:
        given.flow.name(name, given.at(AS), ())
    shown_data = data[:80].replace(SOH, b"|").decode("utf-8", "replace")
    text = f"send the bytes {shown_data}{'...' if len(data) > 80 else ''}"
    text += f", called {name}" if name else ""
    return (SendRaw(given.place(text), given.on, data, name),)


def _seq_nums(node: Node, story: Story) -> dict[str, Value]:
    entries = node.entries()
    if not known_keys(entries, ("next_out", "next_in"), "'set_seqnum'"):
        raise UnusableError
    found = {key: _seq_num(child) for key, child in entries.items() if key.startswith("next_")}
    if not found:
        raise node.report("expected next_out, next_in, or both")
    return found


def _seq_num(node: Node) -> Value:
    text = node.text()
    if not text.startswith("="):
        return b"%d" % values.count(node, 1, _HIGHEST)
    try:
        return Expression(text[1:].strip())
    except ExpressionError as error:
        message = f"{error.reason}, in column {error.column} of {shown(error.text)}"
        raise node.report(message) from None


_NUMBER_SCHEMA = {"type": ["integer", "string"]}
SET_SEQNUM = Option(
    "set_seqnum", _seq_nums,
    "`next_out`, the number of the next message that is sent, `next_in`, the one that is expected, "
    "or both.",
    {
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": {"next_out": _NUMBER_SCHEMA, "next_in": _NUMBER_SCHEMA},
    },
)  # fmt: skip


def _set_seqnum(given: Given) -> tuple[Step, ...]:
    numbers = given.get(SET_SEQNUM)
    assert numbers is not None, "it is the action"
    given.flow.check(given.at(SET_SEQNUM))
    said = {
        name: number.text if isinstance(number, Expression) else number.decode()
        for name, number in numbers.items()
    }
    texts = {"next_out": "the next number to send", "next_in": "the next number to expect"}
    text = "set " + " and ".join(f"{texts[key]} to {value}" for key, value in said.items())
    out, into = numbers.get("next_out"), numbers.get("next_in")
    return (SetSeqNum(given.place(text), given.on, out, into),)


ACTS = (
    StepKind(
        CONNECT, (ON, LOGON, WITHIN),
        "Our client connects; our venue lets clients connect from now on, and awaits one. It ends "
        "when both Logons have been exchanged.",
        "- connect", _connect, bare=True,
    ),
    StepKind(
        LOGOUT, (ON, TEXT, WITHIN),
        "Log out as the standard has it, and wait until the connection has ended in order.",
        "- logout:\n  text: end of day", _logout, bare=True,
    ),
    StepKind(
        DISCONNECT, (ON,),
        "End the connection without a Logout.",
        "- disconnect: rst", _disconnect, bare=True,
    ),
    StepKind(
        SEND, (SENT_WITH, AS, ON),
        "Send a message. The session numbers and stores it, unless MsgSeqNum(34) is among the "
        "fields: then it goes beside the session, whose own numbers do not move. BodyLength(9) and "
        "CheckSum(10) are always right.",
        "- send: NewOrderSingle\n  with: {Symbol: ABC, Side: BUY, OrderQty: 100}\n  as: order",
        _send,
    ),
    StepKind(
        SEND_RAW, (AS, ON),
        "Write bytes beside the session, right or wrong.",
        "- send_raw: 8=@|9=@|35=0|34=@|49=@|56=@|52=@|10=000|",
        _send_raw,
    ),
    StepKind(
        SET_SEQNUM, (ON,),
        "Set the sequence numbers of our own session: as after a fail-over, or a lost store.",
        "- set_seqnum: {next_out: 10}", _set_seqnum,
    ),
)  # fmt: skip
"""The kinds of this module."""
