import pytest

from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from fixgate.wire.stray import stray_delimiter
from tests.fixtext import fix
from tests.wire.samples import ORDER, SIGNED


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("35=0|58=a|b|34=1", 58, b"a\x01b"),
        ("35=0|58=a||34=1", 58, b"a\x01"),
        ("35=0|34=1|58=a|b|c||", 58, b"a\x01b\x01c\x01"),
        ("35=0|34=1|58=|b", 58, b"\x01b"),
        ("35=0|58=a=1|garbled", 58, b"a=1\x01garbled"),
    ],
)
def test_what_is_no_field_belongs_to_the_value_before_it(text, tag, value):
    message = decode(fix(text))
    assert isinstance(message, Message)
    assert message.get(tag) == value
    index = stray_delimiter(message)
    assert index is not None
    assert message.tags[index] == tag
    assert message.tags[-1] == 10
    assert message.raw == fix(text)


@pytest.mark.parametrize("raw", [ORDER, SIGNED])
def test_whole_messages_have_none(raw):
    message = decode(raw)
    assert isinstance(message, Message)
    assert stray_delimiter(message) is None
