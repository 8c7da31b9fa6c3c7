"""Files of one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.settings import chosen, kernel_parameters, kibibytes, loaded, switched


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("always [madvise] never\n", "madvise"),
        ("[always] madvise never", "always"),
        ("always", None),
        ("[]", None),
        ("]always[", None),
        (None, None),
    ],
)
def test_the_word_that_is_chosen(text: str | None, word: str | None):
    assert chosen(text) == word


def test_a_switch():
    assert [switched(text) for text in ("1\n", "0\n", "2\n", "", None)] == [
        True, False, None, None, None,
    ]  # fmt: skip


def test_amounts_of_memory():
    meminfo = "MemTotal:       24684092 kB\nHugePages_Total:       4\n"
    assert kibibytes(meminfo, "MemTotal") == 24684092
    assert kibibytes(meminfo, "HugePages_Total") is None
    assert kibibytes(meminfo, "Nothing") is None


def test_load():
    assert loaded("0.33 0.47 0.88 2/345 8934\n") == (0.33, 2)
    assert loaded("0.33 0.47\n") is None
    assert loaded("x 0.47 0.88 2/345 8934\n") is None


def test_parameters_that_have_to_do_with_time():
    text = "BOOT_IMAGE=/x root=UUID=1 password=secret nohz_full=2-3 nosmt idle=poll quiet\n"
    assert kernel_parameters(text) == ("nohz_full=2-3", "nosmt", "idle=poll")


@given(st.text())
def test_no_text_raises(text: str):
    word = chosen(text)
    assert word is None or word in text
    assert switched(text) in (True, False, None)
    assert kibibytes(text, "MemTotal") is None or "kB" in text
    assert loaded(text) is None or "." in text
    assert all(parameter in text for parameter in kernel_parameters(text))
