from __future__ import annotations

from dataclasses import replace

from fixgate.triage.model import StampSource, VenueTimes
from fixgate.triage.spans import CHAIN, Span, contradiction_ns, spans_of
from tests.triage.made import ORDER, US, made, plain, staged


def test_a_stamped_sample_is_its_chain():
    sample = made(wait=100, out=15, queue=4, wire=531, home=31)
    spans = spans_of(sample)
    assert [spans.get(span) for span in CHAIN] == [
        100 * US, 15 * US, 4 * US, None, 531 * US, 31 * US,
    ]  # fmt: skip
    assert spans[Span.APP] == 581 * US
    assert spans[Span.RESPONSE] == 681 * US


def test_without_the_kernels_queue_there_is_no_stretch_for_it():
    spans = spans_of(replace(made(out=15, queue=4), scheduled_ns=None))
    assert (spans[Span.OUT], spans[Span.QUEUE]) == (19 * US, 0)


def test_without_stamps_there_are_two():
    assert set(spans_of(plain(made(wait=5)))) == {Span.WAIT, Span.APP, Span.RESPONSE}


def test_a_cards_own_round_trip_leaves_the_rest_to_the_kernel():
    sample = made(wire=531, card_ns=500 * US, source=StampSource.HARDWARE)
    spans = spans_of(sample)
    assert (spans[Span.WIRE], spans[Span.CARD]) == (500 * US, 31 * US)


def test_a_card_that_counts_more_than_the_kernel_is_cut():
    spans = spans_of(made(wire=531, card_ns=540 * US, source=StampSource.HARDWARE))
    assert (spans[Span.WIRE], spans[Span.CARD]) == (531 * US, 0)


def test_a_stamp_of_later_bytes_is_none_of_this_request():
    sample = made(wire=531)
    late = replace(sample, sent_ns=sample.received_ns + 1, scheduled_ns=sample.received_ns)
    assert Span.WIRE not in spans_of(late)
    assert contradiction_ns(late) == 0


def test_the_venues_stages():
    spans = spans_of(staged(made(ORDER, wire=531), to=200, gateway=20, matching=30, reply=10))
    assert spans[Span.GATEWAY] == 20 * US
    assert spans[Span.MATCHING] == 30 * US
    assert spans[Span.REPLY] == 10 * US
    assert Span.INSIDE not in spans
    assert spans[Span.TO_VENUE] - 123_456_789 * US == 200 * US
    assert spans[Span.FROM_VENUE] + 123_456_789 * US == 271 * US


def test_without_time_in_gateway_and_matching_are_one():
    spans = spans_of(staged(made(ORDER), gateway=20, matching=30, entered=False))
    assert spans[Span.INSIDE] == 50 * US
    assert Span.GATEWAY not in spans
    assert Span.MATCHING not in spans


def test_stages_that_go_back_took_no_time():
    venue = VenueTimes(request_ns=50, transact_ns=40, sending_ns=30, entered_ns=45)
    spans = spans_of(replace(made(ORDER), venue=venue))
    assert (spans[Span.GATEWAY], spans[Span.MATCHING], spans[Span.REPLY]) == (0, 0, 0)


def test_contradictions():
    sample = made()
    assert contradiction_ns(sample) == 0
    early = replace(sample, scheduled_ns=sample.app_sent_ns - 70)
    assert contradiction_ns(early) == 70
    read_before_it_came = replace(sample, app_received_ns=sample.received_ns - 90)
    assert contradiction_ns(read_before_it_came) == 90
    back = replace(plain(sample), app_received_ns=sample.app_sent_ns - 5)
    assert contradiction_ns(back) == 5
