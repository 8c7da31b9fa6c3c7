from __future__ import annotations

import pytest

from fixgate.wire.frame import decode
from fixgate.wire.message import Message
from tests.fixtext import fix

MESSAGE = decode(fix("35=D|34=7|554=secret|78=2|79=A|80=1|79=B|80=2"))
assert isinstance(MESSAGE, Message)


def test_first_value_of_a_tag():
    assert MESSAGE.get(79) == b"A"
    assert MESSAGE[79] == b"A"
    assert MESSAGE[34] == b"7"
    assert 79 in MESSAGE
    assert 58 not in MESSAGE
    assert MESSAGE.get(58) is None
    with pytest.raises(KeyError):
        MESSAGE[58]


def test_duplicates_are_kept_in_order():
    assert MESSAGE.has_duplicates
    assert list(MESSAGE.tags) == [8, 9, 35, 34, 554, 78, 79, 80, 79, 80, 10]
    assert list(MESSAGE.fields())[6:10] == [(79, b"A"), (80, b"1"), (79, b"B"), (80, b"2")]
    assert len(MESSAGE) == 11


def test_names():
    assert MESSAGE.begin_string == b"FIX.4.4"
    assert MESSAGE.msg_type == b"D"


def test_repr_hides_secrets():
    assert "secret" not in repr(MESSAGE)
    assert repr(MESSAGE).startswith("Message('8=FIX.4.4|9=46|35=D|34=7|554=***|78=2|")
