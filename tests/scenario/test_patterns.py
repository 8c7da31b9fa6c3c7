"""Patterns find what Python's `re` finds, and none takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixgate.scenario.patterns import MAX_LENGTH, MAX_SUBJECT, Pattern, PatternError

LOW = b"MsgSeqNum too low, expecting 12 but received 3"


@pytest.mark.parametrize(
    ("pattern", "subject", "found"),
    [
        ("too low", LOW, True),
        ("too high", LOW, False),
        ("^MsgSeqNum", LOW, True),
        ("^too", LOW, False),
        ("3$", LOW, True),
        ("2$", LOW, False),
        (r"expecting \d+ but received \d+$", LOW, True),
        ("(?i)MSGSEQNUM TOO (low|high)", LOW, True),
        ("(?i)[A-Z]SGseq", LOW, True),
        ("^$", b"", True),
        ("^$", b"x", False),
        ("", b"anything", True),
        ("a{3}", b"aa", False),
        ("a{3}", b"baaa", True),
        ("^a{2,3}$", b"aaaa", False),
        ("^a{2,}$", b"aaaa", True),
        ("^a{1}$", b"a", True),
        ("^[^0-9]+$", b"abc", True),
        ("^[^0-9]+$", b"a1c", False),
        ("[]x]", b"]", True),
        ("[a-]", b"-", True),
        (r"\$\.\^\\", b"$.^\\", True),
        (r"a\$", b"a$", True),
        (r"^(?:ab|c)*d$", b"ababcd", True),
        ("^.$", b"\n", False),
        ("x.*?y", b"x..y", True),
        ("é", "é".encode("latin-1"), True),
    ],
)
def test_what_is_found(pattern, subject, found):
    assert Pattern(pattern).found_in(subject) is found


@pytest.mark.parametrize(
    ("pattern", "column", "reason"),
    [
        (r"(a)\1", 4, r"'\1' refers back: that is not taken"),
        ("(?=a)", 1, "only (?: ) is known of what begins with '(?'; nothing looks around"),
        ("(?P<n>a)", 1, "only (?: ) is known of what begins with '(?'; nothing looks around"),
        ("(a", 1, "a '(' without its ')'"),
        ("a)", 2, "a ')' without its '('"),
        ("[a", 1, "a '[' without its ']'"),
        ("*a", 1, "nothing before '*' to repeat"),
        ("a**", 3, "a repetition of a repetition: use brackets"),
        ("a{2}{3}", 5, "a repetition of a repetition: use brackets"),
        ("a{x}", 2, r"expected a count such as {2} or {1,5}; '\{' is the sign itself"),
        ("a{3,2}", 2, "2 times at most is less than 3"),
        ("a^b", 2, r"'^' can only begin a pattern; '\^' is the sign"),
        ("a$b", 2, r"'$' can only end a pattern; '\$' is the sign"),
        ("^a|b$", 1, "'^' and '$' belong to one alternative: write ^(a|b)$"),
        (r"\bx", 1, r"'\b' is not known"),
        ("a\\", 2, r"nothing after '\'"),
        ("[z-a]", 3, "a range goes from one character to a later one"),
        ("€", 1, "a character beyond Latin-1: fields are bytes"),
        ("a" * (MAX_LENGTH + 1), 1, "the pattern is longer than 200 characters"),
        ("(((){999}){999}){999}", 1, "the pattern has more than 400 positions"),
        ("((a{90}){90}){90}", 1, "the pattern has more than 400 positions"),
        ("(" * 30 + "a" + ")" * 30, 22, "nested more than 20 levels deep"),
    ],
)
def test_what_is_refused(pattern, column, reason):
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert (caught.value.column, str(caught.value)) == (column, reason)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*$",
        "(a*)*b",
        "a*a*a*a*a*b",
        "(a?){100}a{100}$",
        "([a-z]+)*X",
        "(.*)(.*)(.*)x",
    ],
)
def test_no_text_makes_a_pattern_slow(pattern):
    compiled = Pattern(pattern)
    started = time.perf_counter()
    compiled.found_in(b"a" * (MAX_SUBJECT - 1) + b"!")
    assert time.perf_counter() - started < 2  # a backtracking engine would not come back at all


def test_a_longer_text_is_not_read_to_its_end():
    assert not Pattern("x").found_in(b"a" * MAX_SUBJECT + b"x")
    assert not Pattern("a$").found_in(b"a" * (MAX_SUBJECT + 1))


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", "c", r"\.", "1"])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(
            inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}", "*?"])
        ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
    ),
    max_leaves=8,
)


@given(TREES, st.booleans(), st.booleans(), st.lists(st.text("abc.1", max_size=8), max_size=5))
@settings(max_examples=400, deadline=None)
def test_it_finds_what_python_finds(tree, from_start, to_end, subjects):
    tree = f"(?:{tree})"
    text = ("^" if from_start else "") + tree + ("$" if to_end else "")
    try:
        pattern = Pattern(text)
    except PatternError:
        return  # too large
    for subject in subjects:
        assert pattern.found_in(subject.encode()) is (re.search(text, subject) is not None)


@given(st.text(max_size=30))
@settings(max_examples=500)
def test_no_text_raises_anything_else(text):
    try:
        pattern = Pattern(text)
    except PatternError:
        return
    assert pattern.found_in(b"abc") in (True, False)
