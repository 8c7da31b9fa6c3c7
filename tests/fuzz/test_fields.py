from __future__ import annotations

import random
from collections import Counter

import pytest

from fixgate.dictionary import validator_for
from fixgate.wire import Message, decode
from fuzz.damage import damage
from fuzz.fields import MUTATIONS, mutate
from fuzz.grammar import any_message
from fuzz.peer import build
from fuzz.seeds import ADMIN, APPLICATION, VERSIONS
from fuzz.stories import any_fields

NOW_NS = 1_772_442_000_000_000_000
ORDER = [(b"35", b"D"), (b"34", b"{n}"), (b"49", b"A"), *APPLICATION[4][1:]]


def built(fields: bytes, begin: str) -> bytes:
    return build(fields, begin.encode(), next_in=2, next_out=2, now_ns=NOW_NS)


@pytest.mark.parametrize("mutation", set(MUTATIONS), ids=lambda each: each.__name__)
def test_each_mutation_changes_a_message_and_no_other(mutation):
    before = list(ORDER)
    changed = 0
    for seed in range(20):
        fields = list(before)
        mutation(random.Random(seed), fields)
        changed += fields != before
        assert sum(map(len, (v for _, v in fields))) < 200_000
    assert changed > 10


def test_a_message_of_no_fields_stays_one():
    fields: list = []
    mutate(random.Random(0), fields, 5)
    assert fields == []


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_by_the_dictionary_are_mostly_right(version):
    """What is mutated was right, or little of it would be looked at."""
    begin, code = VERSIONS[version]
    dice = random.Random(1)
    right = 0
    for _ in range(60):
        kind, *body = any_message(dice, version)
        header = [(b"34", b"2"), (b"49", b"A"), (b"52", b"{t}"), (b"56", b"B")]
        fields = b"".join([b"%b=%b\x01" % field for field in (kind, *header, *body)])
        message = decode(built(fields, begin))
        if isinstance(message, Message):
            right += validator_for(begin, code).check(message) is None
    assert right > 20


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_by_hand_are_right_in_some_version(version):
    begin, code = VERSIONS[version]
    right = 0
    for body in (*ADMIN, *APPLICATION):
        header = [(b"34", b"2"), (b"49", b"A"), (b"52", b"{t}"), (b"56", b"B")]
        given = {tag for tag, _ in body}
        fields = (body[0], *(field for field in header if field[0] not in given), *body[1:])
        message = decode(built(b"".join([b"%b=%b\x01" % field for field in fields]), begin))
        assert isinstance(message, Message), body
        right += validator_for(begin, code).check(message) is None
    assert right > 15


def test_nine_messages_in_ten_have_a_right_frame():
    dice = random.Random(3)
    framed = Counter(
        isinstance(decode(built(any_fields(dice, "FIX.4.4"), "FIX.4.4")), Message)
        for _ in range(1000)
    )
    assert framed[True] > 850
    assert framed[False] > 30, "and some have none"


def test_damage_does_all_that_it_can_do():
    data = bytes(range(100))
    sizes = Counter(len(damage(random.Random(seed), data)) for seed in range(300))
    assert min(sizes) < 50
    assert max(sizes) > 100
    assert sizes[100] > 20
    assert damage(random.Random(0), b"") is not None
