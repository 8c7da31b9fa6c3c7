from __future__ import annotations

import pytest

from fixgate.latency.sides import Evidence
from fixgate.wire import Message, decode
from tests.fixtext import fix


def message(body: str) -> Message:
    found = decode(fix(body))
    assert isinstance(found, Message)
    return found


def client(*said: tuple[int, str], **settings) -> int | None:
    evidence = Evidence(**settings)
    for at_ns, (side, body) in enumerate(said):
        evidence.take(side, message(body), at_ns)
    return evidence.client


def test_nothing_tells():
    assert client() is None
    assert client((0, "35=1|112=t"), (1, "35=0|112=t")) is None


def test_the_opener_of_the_connection():
    assert client((1, "35=1|112=t"), opener=1) == 1


def test_a_logon_and_its_answer_tell_more():
    assert client((0, "35=A"), (1, "35=A"), opener=1) == 0
    assert client((0, "35=A"), (1, "35=5"), opener=1) == 0


def test_a_log_may_begin_with_the_answer():
    day = [(0, "35=A"), (1, "35=A"), (0, "35=1|112=t"), (0, "35=5"), (1, "35=5")]
    assert client(*day[1:]) is None
    assert client(*day[1:], *day) == 0
    assert client(*day[1:], opener=0) == 0


def test_a_logon_that_nobody_answers():
    assert client((1, "35=A")) == 1
    assert client((1, "35=A"), (1, "35=A")) == 1
    assert client((1, "35=A"), opener=0) == 0
    assert client((0, "35=0"), (1, "35=A")) is None
    assert client((1, "35=A"), (1, "35=0")) is None


@pytest.mark.parametrize("kind", ["D", "F", "G", "H", "AB"])
def test_who_sends_orders_is_the_client(kind):
    assert client((0, "35=A"), (1, f"35={kind}"), opener=0) == 1


@pytest.mark.parametrize("kind", ["8", "9"])
def test_who_reports_on_them_is_the_venue(kind):
    assert client((0, "35=A"), (0, f"35={kind}"), opener=0) == 1


def test_most_of_the_orders_decide():
    assert client((0, "35=D"), (1, "35=D"), (0, "35=D")) == 0
    assert client((0, "35=D"), (1, "35=D"), (1, "35=A"), (0, "35=A")) == 1


@pytest.mark.parametrize(("ordered", "side"), [(True, 1), (False, None)])
def test_logons_of_one_instant(ordered, side):
    evidence = Evidence(ordered=ordered)
    for who in (1, 0):
        evidence.take(who, message("35=A"), 5)
    assert evidence.client is side
    evidence.take(0, message("35=A"), 9)
    evidence.take(1, message("35=A"), 10)
    assert evidence.client == (None if ordered else 0)
