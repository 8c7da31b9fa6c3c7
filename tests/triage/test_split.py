from __future__ import annotations

from dataclasses import replace

from fixgate.triage import Context, Layer, Part, Sample, split
from tests.triage.made import (
    ORDER,
    US,
    beside,
    connect,
    connects,
    made,
    plain,
    staged,
    tcp,
)


def bar(sample: Sample, context: Context | None = None) -> list[tuple[str, str, int]]:
    parts = split(sample, context or beside(sample))
    return [(part.label, part.layer.value, part.duration_ns // US) for part in parts]


def test_all_that_can_be_told_apart():
    sample = staged(
        made(ORDER, wait=70, out=20, queue=5, wire=9_000, home=40),
        to=200, gateway=100, matching=8_000, reply=60,
    )  # fmt: skip
    decoded = replace(sample, done_ns=sample.app_received_ns + 12 * US)
    assert bar(decoded, beside(sample, more=connects(rtt=400))) == [
        ("waiting to be sent", "host", 70),
        ("application to kernel", "host", 20),
        ("kernel queue", "host network stack", 5),
        ("path", "network path", 400),
        ("gateway", "gateway", 100),
        ("matching", "matching engine", 8_000),
        ("reply", "gateway", 60),
        ("venue and path", "unattributed", 440),
        ("kernel to application", "host", 40),
        ("decoding", "host", 12),
    ]


def test_the_rest_is_the_verdicts_where_that_is_likely():
    sample = made(wire=60_860, ack=532)
    assert ("gateway", "gateway", 60_860 - 428) in bar(sample)
    late = made(ORDER, wire=9_000)
    assert ("matching", "matching engine", 8_572) in bar(late, beside(late, made(at=1_000)))
    lost = made(wire=211_000, after=tcp(total_retrans=1))
    assert ("loss or congestion", "network path", 210_572) in bar(lost)


def test_the_rest_is_nobodys_where_it_is_a_guess():
    assert ("venue and path", "unattributed", 8_572) in bar(made(wire=9_000))


def test_without_stamps_most_is_nobodys():
    sample = plain(made(wire=9_000))
    assert bar(sample) == [("host, path and venue", "unattributed", 9_050)]


def test_stages_longer_than_the_wire_are_cut():
    sample = staged(made(ORDER, wire=600), gateway=500, matching=500, reply=500)
    parts = split(sample, beside(sample, more=[connect(-500, 200)]))
    assert sum(part.duration_ns for part in parts) == sample.response_ns
    assert Part(Layer.GATEWAY, "reply", 500 * US) not in parts


def test_what_the_card_does_not_see_is_the_hosts():
    sample = made(wire=900, card_ns=500 * US)
    assert ("network card to kernel", "host network stack", 400) in bar(sample)
