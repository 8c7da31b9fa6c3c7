"""What TCP's own account makes of a check that waited in vain; histories by hand."""

from __future__ import annotations

import pytest

from fixgate.health.events import Closed, DeadlinePassed, OrderSent, TcpNoted
from fixgate.health.model import Layer, Level, Phase
from tests.health.helpers import Story, plan
from tests.triage.made import tcp

DELIVERED = tcp()
LOST = tcp(unacked=1, retransmits=4, backoff=4, total_retrans=4)
FULL = tcp(snd_wnd=0, notsent_bytes=900, unacked=1)


def silent(info: object) -> Story:
    story = Story().connected().phase(Phase.LOGON).tx("35=A|34=1|98=0|108=30|553=desk|554=x")
    story.wait(5000).net(info)
    return story.step(DeadlinePassed(5_000_000_000))


def noted(story: Story) -> Story:
    """The connection as it is, as the runner notes it at the end of a phase."""
    return story.net(TcpNoted(DELIVERED))


def test_a_logon_that_was_acknowledged_and_not_answered():
    finding = silent(TcpNoted(DELIVERED)).judged().findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.GATEWAY)
    assert "acknowledged every byte of ours" in finding.summary
    assert "its process" not in finding.next_step or finding.next_step


def test_a_logon_that_was_never_acknowledged_is_the_network():
    finding = silent(TcpNoted(LOST)).judged().findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.NETWORK)
    assert "sent again 4 time(s)" in finding.summary
    assert finding.next_step.startswith("Have the line looked at")
    assert any("4 timeouts in a row" in each.text for each in finding.evidence)


def test_a_logon_to_a_peer_that_does_not_read():
    finding = silent(TcpNoted(FULL)).judged().findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.GATEWAY)
    assert "does not read" in finding.summary


def test_without_an_account_the_table_says_the_layer():
    story = Story().connected().phase(Phase.LOGON).tx("35=A|34=1|98=0|108=30|553=desk|554=x")
    finding = story.wait(5000).step(DeadlinePassed(5_000_000_000)).judged().findings[0]
    assert (finding.cause, finding.layer) == ("silent", Layer.GATEWAY)
    assert "acknowledged" not in finding.summary


@pytest.mark.parametrize(
    ("info", "layer"), [(DELIVERED, Layer.GATEWAY), (LOST, Layer.NETWORK), (FULL, Layer.GATEWAY)]
)
def test_a_test_request_that_was_not_answered(info: object, layer: Layer):
    story = noted(Story().logged_on()).phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    story.wait(3000).net(TcpNoted(info)).done(Phase.TEST_REQUEST)
    story.phase(Phase.LOGOUT).tx("35=5|34=3").wait(1000).net(Closed(by_peer=False))
    finding = story.judged().findings[0]
    assert (finding.cause, finding.layer) == ("test-request-unanswered", layer)


def ordered() -> Story:
    story = noted(Story().logged_on())
    story.tested().numbered().phase(Phase.ORDER).step(OrderSent(b"O1"))
    return story.tx("35=D|34=3|11=O1|55=ABC|54=1|38=10|40=2|44=1.00")


def test_an_order_that_was_not_answered_while_the_session_spoke():
    story = ordered().wait(2000).rx("35=0|34=3").wait(1000).net(TcpNoted(DELIVERED))
    story.done(Phase.ORDER)
    finding = story.judged(plan(Level.ORDER)).findings[0]
    assert (finding.cause, finding.layer) == ("order-unacknowledged", Layer.MATCHING)
    assert "its gateway is alive" in finding.summary
    assert finding.next_step.startswith("Call the venue: the session is up")


def test_an_order_that_never_reached_the_venue():
    story = ordered().wait(3000).net(TcpNoted(LOST)).done(Phase.ORDER)
    finding = story.judged(plan(Level.ORDER)).findings[0]
    assert (finding.cause, finding.layer) == ("order-unacknowledged", Layer.NETWORK)
    assert finding.next_step.startswith("Call the venue"), "money first"
    assert "Have the line looked at" in finding.next_step


def test_a_handshake_that_is_not_answered():
    story = Story().connected().phase(Phase.TLS).wait(4000).net(TcpNoted(LOST))
    story.step(DeadlinePassed(5_000_000_000))
    finding = story.judged(plan(tls=True)).findings[0]
    assert (finding.cause, finding.layer) == ("tls-silent", Layer.NETWORK)


def test_what_was_answered_wrongly_is_not_about_tcp():
    story = noted(Story().logon_sent().rx("35=5|34=1|58=Go away"))
    finding = story.net(Closed(by_peer=True)).judged().findings[0]
    assert (finding.cause, finding.layer) == ("logon-refused", Layer.GATEWAY)
    assert not any("TCP" in each.text for each in finding.evidence)


def test_the_transcript_has_a_line_for_it():
    report = silent(TcpNoted(LOST)).judged()
    line = next(each for each in report.transcript if each.text.startswith("TCP:"))
    assert line.glyph == "~"
    assert line.text == (
        "TCP: 1 segment unacknowledged, 4 timeouts in a row, 4 sent again; the peer has room for "
        "65536 bytes; round trip 0.504 ms"
    )
    quiet = silent(TcpNoted(DELIVERED)).judged()
    line = next(each for each in quiet.transcript if each.text.startswith("TCP:"))
    assert line.text == (
        "TCP: all acknowledged; the peer has room for 65536 bytes; round trip 0.504 ms"
    )
