import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.wire import layouts
from fixgate.wire.frame import decode
from fixgate.wire.framer import Framer
from fixgate.wire.garbled import Garbled
from fixgate.wire.layouts import Layouts
from fixgate.wire.message import Message
from tests.fixtext import fix, soh
from tests.wire.samples import ORDER, SIGNED, built

VALUE = st.binary(min_size=0, max_size=8).map(lambda value: value.replace(b"\x01", b"="))
TAG = st.sampled_from([1, 11, 38, 44, 54, 55, 58, 100, 447, 448, 5001])


@pytest.fixture(autouse=True, scope="module")
def _at_first_sight():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layouts, "_SIGHTINGS", 1)
        yield


def fed(framer, raw):
    (found,) = framer.feed(raw)
    assert isinstance(found, Message)
    return found


def shown(message):
    return message.raw, tuple(message.tags), tuple(message.values), message.has_duplicates


@settings(max_examples=200, deadline=None)
@given(tags=st.lists(TAG, min_size=1, max_size=12), data=st.data())
def test_a_known_layout_gives_what_the_careful_reader_gives(tags, data):
    framer = Framer()
    for _ in range(4):
        raw = built([(tag, data.draw(VALUE)) for tag in tags])
        found, expected = fed(framer, raw), decode(raw)
        assert isinstance(expected, Message)
        assert shown(found) == shown(expected)
        assert [found.get(tag) for tag in tags] == [expected.get(tag) for tag in tags]
        assert found.msg_type == b"D"
        assert framer.pending == 0


def test_one_field_more_is_another_layout():
    framer = Framer()
    for text in ("35=D|11=a|38=5", "35=D|11=a|38=5|58=x", "35=D|11=a", "35=D|11=|38=5"):
        raw = fix(text)
        assert fed(framer, raw).raw == fed(framer, raw).raw == raw
        assert fed(framer, raw).tags == (8, 9, *(int(f.split("=")[0]) for f in text.split("|")), 10)


@pytest.mark.parametrize(
    "bad",
    [
        soh("8=FIX.4.4|9=17|35=D|11=a|38=5|10=000|"),
        soh("8=FIX.4.4|9=16|35=D|11=a|38=5|10=097|"),
        fix("35=D|11a|38=5"),
        fix("35=D|11=a=|=38=5"),
        fix("11=a|35=D|38=5"),
    ],
)
def test_a_known_layout_lets_nothing_garbled_pass(bad):
    framer = Framer()
    good = fix("35=D|11=a|38=5")
    fed(framer, good)
    flaw, after = framer.feed(bad + good)
    assert isinstance(flaw, Garbled)
    assert flaw.data == bad
    assert flaw.reason is Framer().feed(bad + good)[0].reason
    assert isinstance(after, Message)
    assert after.raw == good


def test_data_fields_have_no_layout():
    framer = Framer()
    for _ in range(3):
        assert shown(fed(framer, SIGNED)) == shown(decode(SIGNED))


def test_a_peer_that_invents_layouts_does_not_fill_our_memory():
    many = Layouts()
    for tag in range(6000, 6200):
        message = decode(fix(f"35=D|{tag}=x"))
        assert isinstance(message, Message)
        many.saw(message, b"35=D\x01")
    assert len(many.known[b"35=D\x01"]) == 4


def test_layouts_are_counted_before_they_are_compiled(monkeypatch):
    monkeypatch.setattr(layouts, "_SIGHTINGS", 3)
    order = decode(ORDER)
    assert isinstance(order, Message)
    few = Layouts()
    for tag in range(6000, 6200):
        message = decode(fix(f"35=D|{tag}=x"))
        assert isinstance(message, Message)
        few.saw(message, b"35=D\x01")
    assert len(few._counts) == 64
    for known in (0, 0, 1):
        few.saw(order, b"35=D\x01")
        assert len(few.known) == known


def test_a_peer_that_makes_up_types_does_not_fill_our_memory():
    learned = Layouts()
    for number in range(5000):
        start = b"35=%02x" % (number % 256) if number < 4000 else b"35=D\x01"
        message = decode(built([(10_000 + number, b"x")]))
        assert isinstance(message, Message)
        learned.saw(message, start)
    assert len(learned.known) <= 64
    assert learned.known[b"35=D\x01"][0][1][3:-1] == (14_999,)
