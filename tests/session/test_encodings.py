"""XML, and texts in other encodings, are carried byte for byte: received, sent, stored, resent.

Spec: FIX 4.2 volume 1, MessageEncoding(347) and the Encoded fields; FIX 4.3, XMLnonFIX(n) with
XmlDataLen(212) and XmlData(213); test cases 2.a, 8, 14.e.
"""

from __future__ import annotations

import pytest

from fixgate.session.conceal import conceal
from fixgate.session.events import AppMessage, Violation
from fixgate.session.settings import Role
from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.session.rig import Rig, kinds

BOTH = pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
VERSIONS = pytest.mark.parametrize(
    ("begin", "version"),
    [("FIX.4.3", None), ("FIX.4.4", None), ("FIXT.1.1", "7"), ("FIXT.1.1", "8"), ("FIXT.1.1", "9")],
)
JAPANESE = "\u8cb7\u3044\u6ce8\u6587 \uff11\uff10\uff10\u682a"
ENCODINGS = pytest.mark.parametrize(
    ("name", "codec"),
    [
        (b"UTF-8", "utf-8"),
        (b"ISO-2022-JP", "iso2022_jp"),
        (b"EUC-JP", "euc_jp"),
        (b"Shift_JIS", "shift_jis"),
    ],
)
AWKWARD = b"\x01=\x0110=000\x018=FIX.4.4\x019=5\x01\x00\xff"
"""What a data field may hold and a parser may trip over."""


def message(rig: Rig, msg_type: bytes, *fields: tuple[int, bytes], number: int = 2) -> bytes:
    """A whole message of bytes; the rig's own builder takes text."""
    head = [(35, msg_type), (34, b"%d" % number), (49, b"TRADER"), (52, rig.time().encode())]
    body = b"".join(b"%d=%b\x01" % field for field in (*head, (56, b"EXCH"), *fields))
    begin = rig.settings.id.begin_string.encode()
    data = b"8=%b\x019=%d\x01%b" % (begin, len(body), body)
    return data + b"10=%03d\x01" % (sum(data) % 256)


def measured(length_tag: int, data_tag: int, data: bytes) -> tuple[tuple[int, bytes], ...]:
    return (length_tag, b"%d" % len(data)), (data_tag, data)


def taken(rig: Rig) -> Message:
    (event,) = rig.events
    assert isinstance(event, AppMessage)
    return event.message


@BOTH
@VERSIONS
@ENCODINGS
class TestReceived:
    def test_xml(self, role: Role, begin: str, version: str | None, name: bytes, codec: str):
        rig = Rig(role, begin, version).log_on()
        xml = b"<?xml?><o>" + JAPANESE.encode(codec) + AWKWARD + b"</o>"
        raw = message(rig, b"n", *measured(212, 213, xml), (347, name))
        rig.raw(raw)
        assert rig.tx() == []
        assert (taken(rig).get(213), taken(rig).get(347)) == (xml, name)
        assert taken(rig).raw == raw

    def test_encoded_text_in_news(
        self, role: Role, begin: str, version: str | None, name: bytes, codec: str
    ):
        rig = Rig(role, begin, version).log_on()
        text = JAPANESE.encode(codec) + AWKWARD
        raw = message(
            rig,
            b"B",
            (347, name),
            (148, b"order"),
            *measured(358, 359, text),
            (33, b"1"),
            (58, b"order"),
            *measured(354, 355, text),
        )
        for byte in raw:
            rig.raw(bytes([byte]))
        assert rig.tx() == []
        assert (taken(rig).get(359), taken(rig).get(355)) == (text, text)
        assert taken(rig).raw == raw


@BOTH
@ENCODINGS
class TestInAnyField:
    def test_a_text_is_never_rejected_for_its_bytes(self, role: Role, name: bytes, codec: str):
        rig = Rig(role).log_on()
        text = JAPANESE.encode(codec)
        rig.raw(message(rig, b"B", (347, name), (148, text), (33, b"1"), (58, text)))
        assert rig.tx() == []
        assert taken(rig).get(58) == text

    def test_a_logout_in_another_encoding_is_answered(self, role: Role, name: bytes, codec: str):
        rig = Rig(role).log_on()
        text = JAPANESE.encode(codec)
        rig.raw(message(rig, b"5", (347, name), *measured(354, 355, text)))
        assert rig.tx() == ["35=5|34=2"]


@BOTH
class TestSent:
    def test_xml_goes_out_and_is_resent_byte_for_byte(self, role: Role):
        rig = Rig(role).log_on()
        xml = b"<o>" + JAPANESE.encode() + AWKWARD + b"</o>"
        header = (*measured(212, 213, xml), (347, b"UTF-8"))
        assert rig.session.send(b"n", b"", rig.now_ns, header) == 2
        first = rig.session.output()
        field = b"\x01212=%d\x01213=%b\x01347=UTF-8\x0110=" % (len(xml), xml)
        assert field in first
        rig.seconds += 1
        rig.raw(message(rig, b"2", (7, b"2"), (16, b"2")))
        again = rig.session.output()
        assert field in again
        assert b"\x0134=2\x0143=Y\x01" in again
        for sent in (first, again):
            read = decode(sent)
            assert isinstance(read, Message)
            assert (read.get(213), read.get(347)) == (xml, b"UTF-8")

    def test_encoded_text_is_resent_where_it_stood(self, role: Role):
        rig = Rig(role).log_on()
        text = JAPANESE.encode("shift_jis") + AWKWARD
        body = b"148=x\x0133=1\x0158=y\x01354=%d\x01355=%b\x01" % (len(text), text)
        rig.session.send(b"B", body, rig.now_ns, ((347, b"Shift_JIS"),))
        assert body in rig.session.output()
        rig.raw(message(rig, b"2", (7, b"2"), (16, b"2")))
        assert body in rig.session.output()


def test_the_store_keeps_them_as_they_are():
    rig = Rig().log_on()
    xml = b"<o>" + AWKWARD + b"</o>"
    raw = message(rig, b"n", *measured(212, 213, xml))
    assert conceal(raw) == raw
    rig.session.send(b"n", b"", rig.now_ns, measured(212, 213, xml))
    ((_, kept),) = rig.store.messages(2, 2)
    assert kept == rig.session.output()


@BOTH
def test_a_name_that_is_none_is_rejected_like_any_value(role: Role):
    rig = Rig(role).log_on()
    rig.raw(message(rig, b"n", (347, b"EBCDIC")))
    (reject,) = rig.tx()
    assert reject.endswith("|371=347|372=n|373=5")
    assert kinds(rig.events) == [Violation]


@BOTH
@pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.1", "FIX.4.2"])
def test_before_4_3_there_is_no_message_for_xml(role: Role, begin: str):
    rig = Rig(role, begin).log_on()
    rig.raw(message(rig, b"n", *measured(212, 213, b"<x/>")))
    (reject,) = rig.tx()
    assert reject.startswith("35=3|34=2|45=2|58=MsgType(35): received 'n'")


@BOTH
def test_4_2_carries_xml_in_any_header(role: Role):
    rig = Rig(role, "FIX.4.2").log_on()
    xml = b"<o>" + AWKWARD + b"</o>"
    rig.raw(message(rig, b"B", *measured(212, 213, xml), (148, b"x"), (33, b"1"), (58, b"y")))
    assert taken(rig).get(213) == xml
