from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.wire.mask import Blotter, mask
from tests.fixtext import fix, soh


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("", ""),
        ("8=FIX.4.4|9=5|35=0|10=163|", "8=FIX.4.4|9=5|35=0|10=163|"),
        ("553=me|554=hunter2|108=30|", "553=me|554=***|108=30|"),
        ("554=hunter2|925=hunter3|58=x|", "554=***|925=***|58=x|"),
        ("554=|58=x|", "554=***|58=x|"),
        ("554=hunter2", "554=***"),
        ("35=A|554=", "35=A|554=***"),
        ("95=3|96=a|b|58=x|", "95=3|96=***|58=x|"),
        ("95=8|96=a|58=xyz|58=x|", "95=8|96=***|58=x|"),
        ("1401=3|1402=a|b|1403=2|1404=zz|58=x|", "1401=3|1402=***|1403=2|1404=***|58=x|"),
        # What measures a secret may itself be wrong.
        ("95=99|96=a|b|58=x|", "95=99|96=***"),
        ("95=2|96=abcdef|58=x|", "95=2|96=***"),
        ("95=1|96=a|rest of it|58=x|", "95=1|96=***"),
        ("95=x|96=abc|58=x|", "95=x|96=***|58=x|"),
        ("96=abc|rest|58=x|", "96=***|58=x|"),
        ("554=abc|rest|58=x|", "554=***|58=x|"),
        # An SOH that was corrupted.
        ("56=ISLDX554=hunter2|108=30|", "56=ISLDX554=***|108=30|"),
        ("56=ISLD7554=hunter2|108=30|", "56=ISLD7554=***|108=30|"),
        # Other tags that end alike.
        ("1554=a|396=b|11402=c|1925=d|", "1554=a|396=b|11402=c|1925=d|"),
        ("396=b|554=c|", "396=b|554=***|"),
        # Control characters: C0, DEL, C1; the rest of Latin-1 stays.
        ("58=a\r\n\x1b[31m\x00\x7f\x9b\xe9|", r"58=a\x0d\x0a\x1b[31m\x00\x7f\x9b" + "\xe9|"),
        ("58=no\xa0break|", "58=no\xa0break|"),
    ],
)
def test_masked(raw, shown):
    assert mask(soh(raw)) == shown


def test_a_secret_does_not_show_however_the_message_is_cut():
    whole = fix("35=A|34=1|553=me|554=CANARY-one|95=14|96=CANARY|10=two|1402=CANARY3|58=x")
    for end in range(len(whole)):
        shown = mask(whole[:end])
        assert "CAN" not in shown
        assert "two" not in shown


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_become_printable(raw):
    shown = mask(raw)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in shown)


@given(
    st.lists(
        st.sampled_from(
            [b"554=SECRET", b"95=6", b"96=SECRET", b"1402=SECRET", b"58=x", b"\x01", b"="]
        )
    )
)
@settings(max_examples=200, deadline=None)
def test_no_arrangement_of_fields_leaks(pieces):
    raw = b"\x01".join(pieces)
    assert "SECRET" not in mask(raw)


class TestBlotter:
    def test_wherever_it_stands(self):
        blotter = Blotter(["hunter2", "s3cret"])
        assert blotter.blot("hunter2") == "***"
        assert blotter.blot("not hunter2 but s3cret, hunter2") == "not *** but ***, ***"
        assert blotter.blot("nothing of the kind") == "nothing of the kind"

    def test_of_two_the_longer_one(self):
        assert Blotter(["hunt", "hunter2"]).blot("hunter2 hunt") == "*** ***"

    @pytest.mark.parametrize(
        "secret", ["pässwörd", 'it\'s "it"', "back\\slash", "a|b.c*d", "\N{SNOWMAN}" * 4]
    )
    def test_as_it_may_be_shown(self, secret):
        """As itself, as bytes that were taken for Latin-1, and with the escapes of a repr."""
        blotter = Blotter([secret])
        as_latin_1 = secret.encode().decode("latin-1")
        for shown in (secret, as_latin_1, repr(secret)[1:-1], repr(as_latin_1)[1:-1]):
            assert blotter.blot(f"received '{shown}' here") == "received '***' here"

    def test_one_that_was_cut(self):
        secret = "0123456789abcdefghijklmnopqrstuvwxyz"
        for size in range(12, len(secret)):
            assert Blotter([secret]).blot(f"'{secret[:size]}'...") == "'***'..."

    def test_what_is_too_short_to_be_told_from_a_word(self):
        assert Blotter(["abc", "", "abcd"]).blot("abc abcd") == "abc ***"

    def test_nothing_to_hide(self):
        assert Blotter([]).blot("anything") == "anything"
