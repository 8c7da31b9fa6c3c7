from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.health.events import (
    CancelSent,
    CheckCrashed,
    Closed,
    DeadlinePassed,
    Expiry,
    Flooded,
    OrderSent,
    OwnCertificates,
    PhaseEnded,
    PhaseStarted,
    ResolveFailed,
    SequenceNoted,
    StoreUnusable,
    TcpFailed,
    TcpFailure,
    TlsEstablished,
    TlsFailed,
    TlsFailure,
)
from fixgate.health.judge import judge, phases_of
from fixgate.health.model import Layer, Level, Phase, RoundTrip, Severity, Status
from fixgate.health.persistence.plan import Cut, PersistencePlan
from fixgate.net.stamps import StampKind
from fixgate.net.wire_events import BytesRead, BytesStamped, BytesWritten
from fixgate.session.events import GarbledInput, Reaction, TimedOut, Violation
from fixgate.session.policies import HeartbeatAnswer, HeartbeatPolicy, NumberingPolicy, ResetFlag
from tests.health.helpers import PASSWORD, START_NS, STEP_NS, Story, message, plan

DAY_NS = 86_400_000_000_000


def causes(report) -> list[str]:
    return [f.cause for f in report.findings]


def status_of(report, phase: Phase) -> Status:
    return next(r.status for r in report.phases if r.phase is phase)


def test_healthy_session_passes_with_its_times():
    story = Story().logged_on().tested().numbered().logged_out()
    report = story.judged()
    assert report.status is Status.PASS
    assert report.findings == ()
    assert [r.phase for r in report.phases] == list(phases_of(plan()))
    assert {r.status for r in report.phases} == {Status.PASS}
    assert report.round_trips_ns == (STEP_NS,)
    assert report.started_ns == START_NS
    assert report.duration_ns == STEP_NS * (len(story.records) - 1)


def test_round_trips_are_the_wires_where_the_kernel_stamped_them():
    story = Story().logged_on()
    story.step(PhaseStarted(Phase.TEST_REQUEST))
    ours, answer = "35=1|34=2|112=FG1-1", "35=0|34=2|112=FG1-1"
    story.tx(ours)
    end = 10_000 + len(message(ours, ours=True, at=0))
    size = len(message(answer, ours=False, at=0))
    story.net(BytesWritten(end, START_NS, 0, b""))
    story.net(BytesStamped(end, StampKind.SENT, START_NS + 1_000, 0))
    story.net(BytesRead(size, START_NS, 0, START_NS + 41_000, 0, True, b""))
    story.rx(answer)
    story.step(PhaseEnded(Phase.TEST_REQUEST))
    report = story.judged()
    assert report.round_trips == (RoundTrip(app_ns=4 * STEP_NS, wire_ns=40_000),)
    assert report.round_trips_ns == (40_000,)
    assert report.stamped
    assert not Story().logged_on().tested().judged().stamped


def test_facts_of_a_healthy_session():
    report = Story().logged_on().tested().numbered().logged_out().judged()
    facts = {r.phase: dict(r.facts) for r in report.phases}
    assert facts[Phase.RESOLVE] == {"address": "127.0.0.1"}
    assert facts[Phase.TCP]["peer"] == "127.0.0.1:9801"
    assert facts[Phase.LOGON]["HeartBtInt(108)"] == "30"
    assert facts[Phase.TEST_REQUEST] == {"answered": "1 of 1"}
    assert facts[Phase.SEQUENCE] == {
        "next out": "1 before, 4 after",
        "next in": "1 before, 4 after",
    }
    assert facts[Phase.LOGOUT] == {"Text(58)": "bye"}


@pytest.mark.parametrize(
    ("level", "tls", "expected"),
    [
        (Level.TCP, True, "resolve tcp"),
        (Level.TLS, True, "resolve tcp tls"),
        (Level.TLS, False, "resolve tcp"),
        (Level.LOGON, False, "resolve tcp logon logout"),
        (Level.SESSION, True, "resolve tcp tls logon test request sequence logout"),
        (Level.ORDER, False, "resolve tcp logon test request sequence order logout"),
        (Level.PERSISTENCE, False, "resolve tcp logon test request sequence logout"),
    ],
)
def test_phases_of_each_level(level, tls, expected):
    assert " ".join(p.value for p in phases_of(plan(level, tls=tls))) == expected


def test_phases_of_level_persistence_are_its_cuts():
    cuts = PersistencePlan(cuts=(Cut.SILENCE, Cut.LOGOUT))
    made = replace(plan(Level.ORDER), level=Level.PERSISTENCE, persistence=cuts)
    assert [p.value for p in phases_of(made)][5:] == [
        "order", "back after silence", "back after logout", "logout",
    ]  # fmt: skip
    assert phases_of(replace(made, level=Level.ORDER))[-2:] == (Phase.ORDER, Phase.LOGOUT)


def test_tcp_level_needs_no_logon():
    assert Story().connected().judged(plan(Level.TCP)).status is Status.PASS


@pytest.mark.parametrize(
    ("event", "cause", "layer", "words"),
    [
        (TcpFailed(TcpFailure.REFUSED), "refused", Layer.GATEWAY, "port is closed"),
        (TcpFailed(TcpFailure.UNREACHABLE, "no route"), "unreachable", Layer.NETWORK, "no route"),
        (TcpFailed(TcpFailure.TIMEOUT), "connect-timeout", Layer.NETWORK, "no answer"),
        (TcpFailed(TcpFailure.LOCAL, "EMFILE"), "local-socket", Layer.HOST, "EMFILE"),
    ],
)
def test_tcp_failures(event, cause, layer, words):
    report = Story().resolved().phase(Phase.TCP).net(event).done(Phase.TCP).judged()
    assert causes(report) == [cause]
    assert report.findings[0].layer is layer
    assert words in report.findings[0].summary
    assert status_of(report, Phase.TCP) is Status.FAIL
    assert status_of(report, Phase.LOGON) is Status.SKIPPED


def test_dns_failure():
    story = Story().phase(Phase.RESOLVE).net(ResolveFailed("gw.example", "no such host"))
    report = story.done(Phase.RESOLVE).judged()
    assert causes(report) == ["dns"]
    assert "gw.example" in report.findings[0].summary


def test_resolver_that_hangs():
    report = Story().phase(Phase.RESOLVE).wait(900).step(DeadlinePassed(10**9)).judged()
    assert causes(report) == ["dns"]


def test_connection_that_hangs():
    story = Story().resolved().phase(Phase.TCP).wait(900).step(DeadlinePassed(10**9))
    assert causes(story.judged()) == ["connect-timeout"]


@pytest.mark.parametrize("reason", list(TlsFailure))
def test_every_tls_failure_is_a_cause(reason):
    story = Story().connected().phase(Phase.TLS).net(TlsFailed(reason, "words", "CN=gw"))
    report = story.done(Phase.TLS).judged(plan(tls=True))
    assert causes(report) == [f"tls-{reason.value}"]
    assert "words" in report.findings[0].summary
    assert status_of(report, Phase.TLS) is Status.FAIL


def test_tls_handshake_that_hangs():
    story = Story().connected().phase(Phase.TLS).wait(900).step(DeadlinePassed(10**9))
    assert causes(story.judged(plan(tls=True))) == ["tls-silent"]


def test_certificate_that_expires_soon_is_a_warning():
    established = TlsEstablished("TLSv1.3", "AES", "CN=gw", START_NS + 5 * DAY_NS + 10**12)
    story = Story().connected().phase(Phase.TLS).net(established).done(Phase.TLS)
    report = story.judged(plan(Level.TLS, tls=True))
    assert causes(report) == ["tls-expires-soon"]
    assert "in 5 days" in report.findings[0].summary
    assert report.status is Status.WARN


@pytest.mark.parametrize(
    ("days", "warn_days", "words"),
    [
        (31, 30, None),
        (30, 30, "expires on 2026-12-22, in 30 days"),
        (1, 30, "expires on 2026-11-23, in 1 day."),
        (0, 30, "expires on 2026-11-22, today"),
        (31, 60, "expires on 2026-12-23, in 31 days"),
        (5, 0, None),
        (0, 0, "today"),
    ],
)
def test_how_soon_is_soon(days, warn_days, words):
    expires_ns = START_NS + days * DAY_NS + 10**12
    story = Story().connected().phase(Phase.TLS)
    story.net(TlsEstablished("TLSv1.3", "AES", "CN=gw", expires_ns)).done(Phase.TLS)
    report = story.judged(plan(Level.TLS, tls=True, warn_days=warn_days))
    if words is None:
        assert report.findings == ()
    else:
        (finding,) = report.findings
        assert finding.cause == "tls-expires-soon"
        assert words in finding.summary


@pytest.mark.parametrize("venue_days", [20, 400])
def test_a_certificate_above_the_venue_s_that_expires_first(venue_days):
    issuers = (
        Expiry("O=Between", START_NS + 9 * DAY_NS),
        Expiry("O=Root", START_NS + 900 * DAY_NS),
    )
    expires_ns = START_NS + venue_days * DAY_NS
    established = TlsEstablished("TLSv1.3", "AES", "CN=gw", expires_ns, issuers=issuers)
    story = Story().connected().phase(Phase.TLS).net(established).done(Phase.TLS)
    (finding,) = story.judged(plan(Level.TLS, tls=True)).findings
    assert finding.cause == "tls-expires-soon"
    assert finding.summary == (
        "The authority's certificate O=Between expires on 2026-12-01, in 8 days."
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (100, None),
        (3, "Our own certificate CN=desk expires on 2026-11-25, in 2 days."),
        (-3, "Our own certificate CN=desk expired on 2026-11-19."),
    ],
)
def test_our_own_certificate_that_expires_soon(days, words):
    own = OwnCertificates((Expiry("CN=desk", START_NS + days * DAY_NS),))
    story = Story().connected().phase(Phase.TLS).step(own)
    story.net(TlsEstablished("TLSv1.3", "AES")).done(Phase.TLS)
    report = story.judged(plan(Level.TLS, tls=True))
    assert [(f.cause, f.summary) for f in report.findings] == (
        [("tls-own-expires-soon", words)] if words else []
    )
    assert any("our own certificate: CN=desk until 2" in e.text for e in report.transcript)


def test_an_expired_certificate_of_ours_explains_why_it_was_refused():
    own = OwnCertificates((Expiry("CN=desk", START_NS - DAY_NS),))
    story = Story().connected().phase(Phase.TLS).step(own)
    story.net(TlsFailed(TlsFailure.CLIENT_CERTIFICATE, "certificate expired")).done(Phase.TLS)
    report = story.judged(plan(tls=True))
    assert causes(report) == ["tls-client-certificate", "tls-own-expires-soon"]
    assert report.status is Status.FAIL


def test_a_key_that_is_not_pinned_is_told_with_what_to_do_about_it():
    failed = TlsFailed(TlsFailure.PIN_MISMATCH, "its key is ...", "CN=gw", "sha256/AAEC=")
    story = Story().connected().phase(Phase.TLS).net(failed).done(Phase.TLS)
    (finding,) = story.judged(plan(tls=True)).findings
    assert finding.cause == "tls-pin-mismatch"
    assert finding.layer is Layer.TLS
    assert "shows a key that is none of those in tls.pins (CN=gw; " in finding.summary
    assert finding.next_step.startswith("Send nothing: ask the venue by telephone")
    assert finding.next_step.endswith("The key that was seen: sha256/AAEC=.")


def test_certificate_taken_unverified_is_a_warning():
    established = TlsEstablished("TLSv1.3", "AES", "CN=gw", None, "it is self-signed")
    story = Story().connected().phase(Phase.TLS).net(established).done(Phase.TLS)
    report = story.judged(plan(Level.TLS, tls=True))
    assert causes(report) == ["tls-unverified"]
    assert "self-signed" in report.findings[0].summary


def test_silent_gateway():
    report = Story().logon_sent().wait(1000).step(DeadlinePassed(10**9)).judged()
    assert causes(report) == ["silent"]
    assert "1.00 s" in report.findings[0].summary
    assert any("35=A" in e.text for e in report.findings[0].evidence)


def test_silent_gateway_seen_by_the_session():
    story = Story().logon_sent().wait(1000).event(TimedOut("Logon")).net(Closed(by_peer=False))
    assert causes(story.judged()) == ["silent"]


def test_a_venue_that_sends_without_pause():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    for number in range(2, 9):
        story.rx(f"35=0|34={number}")
    story.step(Flooded(7 << 20)).net(Closed(by_peer=False)).done(Phase.TEST_REQUEST)
    report = story.judged()
    assert causes(report) == ["flooded"]
    assert "more messages than 7 MiB hold" in report.findings[0].summary
    assert status_of(report, Phase.TEST_REQUEST) is Status.FAIL
    assert any("more messages than 7 MiB hold: conn" in e.text for e in report.transcript)


@pytest.mark.parametrize(("reset", "word"), [(False, "closed"), (True, "reset")])
def test_closed_after_logon(reset, word):
    report = Story().logon_sent().net(Closed(by_peer=True, reset=reset)).judged()
    assert causes(report) == ["closed-after-logon"]
    assert f"The venue {word} the connection" in report.findings[0].summary
    assert "logged on elsewhere" in report.findings[0].next_step


def test_closed_before_logon():
    story = Story().connected().phase(Phase.LOGON).net(Closed(by_peer=True))
    assert causes(story.judged()) == ["closed-at-connect"]


def test_logon_refused_with_text():
    story = Story().logon_sent().rx("35=5|34=1|58=Invalid username or password")
    report = story.net(Closed(by_peer=True)).judged()
    assert causes(report) == ["logon-refused"]
    assert '"Invalid username or password"' in report.findings[0].summary
    assert status_of(report, Phase.LOGON) is Status.FAIL


def test_logon_refused_without_text():
    report = Story().logon_sent().rx("35=5|34=1").judged()
    assert "gives no reason" in report.findings[0].summary


def test_venue_that_repeats_the_password_does_not_leak_it():
    report = Story().logon_sent().rx(f"35=5|34=1|58=bad password '{PASSWORD}'").judged()
    assert causes(report) == ["logon-refused"]
    assert PASSWORD not in repr((report.findings, report.transcript, report.phases))
    assert PASSWORD not in repr(report)


def test_logon_rejected():
    story = Story().logon_sent().rx("35=3|34=1|45=1|371=98|373=5|58=Value is incorrect")
    report = story.judged()
    assert causes(report) == ["logon-rejected"]
    assert "RefTagID(371) 98" in report.findings[0].summary


def test_logon_answered_with_another_message():
    assert causes(Story().logon_sent().rx("35=0|34=1").judged()) == ["logon-not-answered"]


def test_seqnum_too_low_from_the_venue_text():
    story = Story().logon_sent().rx("35=5|34=77|58=MsgSeqNum too low, expecting 812 but received 1")
    report = story.judged()
    assert causes(report) == ["seqnum-too-low"]
    assert "expects 812 and received 1" in report.findings[0].summary


def test_seqnum_too_high_from_the_venue_text():
    story = Story().logon_sent(9).rx("35=5|34=1|58=MsgSeqNum too high, expecting 3 but received 9")
    assert causes(story.judged()) == ["seqnum-too-high"]


def test_seqnum_too_low_after_the_venue_answered_the_logon():
    story = Story().logged_on()
    story.rx("35=5|34=2|58=MsgSeqNum too low, expecting 812 but received 1")
    assert causes(story.net(Closed(by_peer=True)).judged()) == ["seqnum-too-low"]


def test_next_expected_msg_seq_num_above_ours():
    story = Story().logon_sent().rx("35=A|34=1|98=0|108=30|789=50").done(Phase.LOGON)
    report = story.tested().numbered().logged_out().judged()
    assert causes(report) == ["seqnum-too-low"]


@pytest.mark.parametrize(
    "text",
    [
        "NextExpectedMsgSeqNum too high, expecting 4 but received 640",
        "Tag 789 (NextExpectedMsgSeqNum) is higher than expected. Expected 4, Received 640",
        "NextExpectedMsgSeqNum(789) 640 is above what we sent",
    ],
)
def test_venue_that_never_sent_what_we_expect(text: str):
    story = Story().connected().step(SequenceNoted(9, 640)).phase(Phase.LOGON)
    story.tx("35=A|34=9|98=0|108=30|789=640").rx(f"35=5|34=4|58={text}")
    report = story.judged()
    assert causes(report) == ["venue-seqnum-too-low"]
    assert "expects the venue's MsgSeqNum(34) 640 next" in report.findings[0].summary


def test_a_reset_that_the_session_file_follows():
    story = Story().logon_sent(40, 50).rx("35=A|34=1|98=0|108=30|141=Y").done(Phase.LOGON)
    policy = NumberingPolicy(reset_flag=ResetFlag.FOLLOW)
    settings = replace(plan().session, numbering=policy)
    report = story.judged(replace(plan(), session=settings))
    assert "reset-unasked" not in causes(report)


def test_another_heartbeat_that_the_session_file_refuses():
    story = Story().logon_sent().rx("35=A|34=1|98=0|108=10")
    story.tx("35=5|34=2|58=HeartBtInt(108): asked for 30 s, the answer is 10 s")
    policy = HeartbeatPolicy(on_mismatch=HeartbeatAnswer.REFUSE)
    settings = replace(plan().session, heartbeats=policy)
    report = story.net(Closed(by_peer=False)).judged(replace(plan(), session=settings))
    assert causes(report)[0] == "heartbeat-refused"
    assert "asked for HeartBtInt(108) 30 s, the venue answered 10 s" in report.findings[0].summary


def test_venue_that_lost_its_numbers():
    story = Story().logon_sent(811, 640).rx("35=A|34=3|98=0|108=30").tx("35=5|34=812")
    report = story.net(Closed(by_peer=False)).judged()
    assert causes(report)[0] == "venue-seqnum-too-low"
    assert "expected 640, received 3" in report.findings[0].summary


def test_reset_that_we_did_not_ask_for():
    story = Story().logon_sent(811, 640).rx("35=A|34=1|98=0|108=30|141=Y").tx("35=5|34=812")
    report = story.judged()
    assert causes(report)[0] == "reset-unasked"
    assert "811 out and 640 in" in report.findings[0].summary


def test_reset_that_we_asked_for_is_fine():
    story = Story().connected().phase(Phase.LOGON).tx("35=A|34=1|98=0|108=30|141=Y")
    story.rx("35=A|34=1|98=0|108=30|141=Y").done(Phase.LOGON).tested().numbered().logged_out()
    assert story.judged().status is Status.PASS


def test_heartbeat_mismatch_is_a_warning():
    story = Story().logon_sent().rx("35=A|34=1|98=0|108=60").done(Phase.LOGON)
    report = story.tested().numbered().logged_out().judged()
    assert causes(report) == ["heartbeat-mismatch"]
    assert "30 s, the venue answered 60 s" in report.findings[0].summary
    assert report.status is Status.WARN
    assert status_of(report, Phase.LOGON) is Status.WARN


@pytest.mark.parametrize(
    ("stamp", "side"), [("20261123-08:30:00", "ahead of"), ("20261121-08:30:00.000", "behind")]
)
def test_clock_skew_is_a_warning_with_its_size(stamp, side):
    story = Story().logon_sent().rx(f"35=A|34=1|52={stamp}|98=0|108=30").done(Phase.LOGON)
    report = story.tested().numbered().logged_out().judged()
    assert causes(report) == ["clock-skew"]
    assert side in report.findings[0].summary
    assert report.status is Status.WARN


def test_echo_server():
    story = Story().logon_sent().rx("35=A|49=DESK|56=VENUE|34=1|98=0|108=30")
    report = story.judged()
    assert causes(report) == ["not-fix"]
    assert "our own Logon" in report.findings[0].summary


@pytest.mark.parametrize(
    ("data", "cause", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "not-fix", "An HTTP server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not-fix", "An SSH server"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "not-fix", "A TLS server"),
        (b"hello", "not-fix", "Something that does not speak FIX"),
        (b"8=FIX.4.4\x019=5\x0135=A\x0110=000\x01", "garbled", "no FIX message"),
    ],
)
def test_bytes_that_are_no_message_in_answer_to_the_logon(data, cause, words):
    report = Story().logon_sent().event(GarbledInput(data, "no 8=")).judged()
    assert causes(report) == [cause]
    assert words in report.findings[0].summary


def test_test_request_unanswered():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1").wait(800)
    report = story.done(Phase.TEST_REQUEST).numbered().logged_out(3, 2).judged()
    assert causes(report) == ["test-request-unanswered"]
    assert status_of(report, Phase.TEST_REQUEST) is Status.FAIL
    assert status_of(report, Phase.LOGOUT) is Status.PASS


def test_test_request_answered_when_we_wait_no_more():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1").wait(800)
    story.done(Phase.TEST_REQUEST).numbered().phase(Phase.LOGOUT).tx("35=5|34=3").wait(100)
    report = story.rx("35=0|34=2|112=fixgate-1").rx("35=5|34=3").judged()
    assert causes(report) == ["test-request-unanswered"]
    assert "in 801 ms; one came 105 ms later" in report.findings[0].summary
    assert report.round_trips_ns == ()
    assert status_of(report, Phase.TEST_REQUEST) is Status.FAIL


def test_test_request_answered_with_another_id():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    report = story.rx("35=0|34=2|112=WRONG").done(Phase.TEST_REQUEST).numbered().logged_out()
    assert causes(report.judged()) == ["wrong-test-req-id"]


def test_test_request_rejected():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    story.rx("35=3|34=2|45=2|58=Unsupported").done(Phase.TEST_REQUEST).numbered().logged_out()
    assert causes(story.judged()) == ["test-request-rejected"]


def test_plain_heartbeats_do_not_answer_a_test_request():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    story.rx("35=0|34=2").rx("35=0|34=3|112=fixgate-1").done(Phase.TEST_REQUEST)
    report = story.numbered().phase(Phase.LOGOUT).tx("35=5|34=3").rx("35=5|34=4").judged()
    assert report.status is Status.PASS
    assert report.round_trips_ns == (2 * STEP_NS,)


def test_venue_that_hangs_up_is_the_only_finding():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    report = story.net(Closed(by_peer=True)).judged()
    assert causes(report) == ["closed-in-session"]
    assert report.findings[0].phase is Phase.TEST_REQUEST


def test_venue_that_logs_us_out():
    story = Story().logged_on().phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=fixgate-1")
    report = story.rx("35=5|34=2|58=Session is closed").net(Closed(by_peer=True)).judged()
    assert causes(report) == ["logged-out"]
    assert '"Session is closed"' in report.findings[0].summary


def test_gap_that_is_never_filled():
    story = Story().logon_sent().rx("35=A|34=9|98=0|108=30").done(Phase.LOGON)
    story.tx("35=2|34=2|7=1|16=8").phase(Phase.TEST_REQUEST).tx("35=1|34=3|112=x")
    story.rx("35=0|34=10|112=x").done(Phase.TEST_REQUEST).numbered()
    report = story.phase(Phase.LOGOUT).tx("35=5|34=4").rx("35=5|34=11").judged()
    assert causes(report) == ["seqnum-gap"]
    assert "1 to 8" in report.findings[0].summary


def test_gap_that_is_gap_filled_is_a_warning():
    story = Story().logon_sent().rx("35=A|34=9|98=0|108=30").done(Phase.LOGON)
    story.tx("35=2|34=2|7=1|16=8").rx("35=4|34=1|43=Y|123=Y|36=7")
    story.rx("35=8|34=7|43=Y|37=1").rx("35=4|34=8|43=Y|123=Y|36=10")
    story.phase(Phase.TEST_REQUEST).tx("35=1|34=3|112=x").rx("35=0|34=10|112=x")
    story.done(Phase.TEST_REQUEST).numbered()
    report = story.phase(Phase.LOGOUT).tx("35=5|34=4").rx("35=5|34=11").judged()
    assert causes(report) == ["seqnum-gap-filled"]
    assert report.status is Status.WARN


def test_every_message_twice():
    story = Story().logged_on().rx("35=A|34=1|98=0|108=30")
    story.phase(Phase.TEST_REQUEST).tx("35=1|34=2|112=x").rx("35=0|34=2|112=x")
    story.rx("35=0|34=2|112=x").done(Phase.TEST_REQUEST).numbered().logged_out()
    assert causes(story.judged()) == ["seqnum-repeated"]


def test_venue_that_asks_for_a_resend_is_a_warning():
    story = Story().logged_on().rx("35=2|34=2|7=3|16=0").tx("35=4|34=3|43=Y|123=Y|36=9")
    story.phase(Phase.TEST_REQUEST).tx("35=1|34=9|112=x").rx("35=0|34=3|112=x")
    story.done(Phase.TEST_REQUEST).numbered().logged_out(4)
    report = story.judged()
    assert causes(report) == ["resend-requested"]
    assert "asked for 3 on" in report.findings[0].summary


def test_garbled_bytes_in_a_session():
    story = Story().logged_on().tested().event(GarbledInput(b"8=FIX", "CheckSum(10) is 0"))
    report = story.numbered().logged_out().judged()
    assert causes(report) == ["garbled"]
    assert "CheckSum(10) is 0" in report.findings[0].summary


def test_violations_are_warnings_once_a_rule():
    bad = Violation("dictionary", 999, 0, Reaction.NONE, "tag 999 undefined")
    story = Story().logged_on().tested().event(bad).event(bad).numbered().logged_out()
    report = story.judged()
    assert causes(report) == ["invalid-message"]
    assert report.status is Status.WARN


@pytest.mark.parametrize(("closed", "words"), [(True, "closed the"), (False, "did not answer")])
def test_logout_unanswered_is_a_warning(closed, words):
    story = Story().logged_on().tested().numbered().phase(Phase.LOGOUT).tx("35=5|34=3")
    report = story.wait(500).net(Closed(by_peer=closed)).judged()
    assert causes(report) == ["logout-unanswered"]
    assert words in report.findings[0].summary
    assert report.status is Status.WARN


def test_store_that_cannot_be_used():
    story = Story().connected().phase(Phase.LOGON).step(StoreUnusable("held by process 7"))
    report = story.judged()
    assert causes(report) == ["store-unusable"]
    assert "held by process 7" in report.findings[0].summary


def ordered() -> Story:
    story = Story().logged_on().tested().numbered().phase(Phase.ORDER)
    return story.step(OrderSent(b"FG-1")).tx("35=D|34=3|11=FG-1|55=ABC|54=1|38=10|40=2|44=1.00")


def cancelled(story: Story) -> Story:
    return story.step(CancelSent(b"FG-2", b"FG-1")).tx("35=F|34=4|11=FG-2|41=FG-1|55=ABC|54=1")


def test_order_acknowledged_and_cancelled():
    story = ordered().rx("35=8|34=3|37=O1|11=FG-1|17=1|150=0|39=0|14=0")
    story = cancelled(story).rx("35=8|34=4|37=O1|11=FG-2|41=FG-1|17=2|150=4|39=4|14=0")
    report = story.done(Phase.ORDER).logged_out(5).judged(plan(Level.ORDER))
    assert report.status is Status.PASS, report.findings
    assert report.order_round_trips_ns == (STEP_NS,)
    facts = dict(next(r.facts for r in report.phases if r.phase is Phase.ORDER))
    assert facts["order"] == "Buy 10 ABC @ 1.00"
    assert facts["state at the end"] == "Canceled"


def test_order_reports_of_fix_40_have_no_exec_type():
    story = ordered().rx("35=8|34=3|37=O1|11=FG-1|17=1|20=0|39=0|14=0")
    story = cancelled(story).rx("35=8|34=4|37=O1|11=FG-2|41=FG-1|17=2|20=0|39=4|14=0")
    report = story.done(Phase.ORDER).logged_out(5).judged(plan(Level.ORDER))
    assert report.status is Status.PASS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("35=8|34=3|37=0|11=FG-1|17=1|150=8|39=8|103=3|58=Symbol halted|14=0", "Symbol halted"),
        ("35=3|34=3|45=3|373=5|58=Bad price", "Bad price"),
        ("35=j|34=3|45=3|372=D|380=3|58=Not supported", "Not supported"),
    ],
)
def test_order_rejected(answer, words):
    report = ordered().rx(answer).done(Phase.ORDER).logged_out(4).judged(plan(Level.ORDER))
    assert causes(report) == ["order-rejected"]
    assert words in report.findings[0].summary
    assert report.findings[0].layer is Layer.MATCHING


def test_order_without_an_answer():
    report = ordered().wait(500).done(Phase.ORDER).logged_out(4, 3).judged(plan(Level.ORDER))
    assert causes(report) == ["order-unacknowledged"]


def test_order_filled_is_said_loudly_and_first():
    story = ordered().rx("35=8|34=3|37=O1|11=FG-1|17=1|150=F|39=2|32=10|31=1|14=10")
    report = story.net(Closed(by_peer=True)).judged(plan(Level.ORDER))
    assert causes(report) == ["order-filled", "closed-in-session"]
    assert "THE TEST ORDER WAS FILLED" in report.findings[0].summary


def test_cancel_refused():
    story = cancelled(ordered().rx("35=8|34=3|37=O1|11=FG-1|17=1|150=0|39=0|14=0"))
    story.rx("35=9|34=4|37=O1|11=FG-2|41=FG-1|39=0|434=1|58=Too late").done(Phase.ORDER)
    report = story.logged_out(5).judged(plan(Level.ORDER))
    assert causes(report) == ["cancel-unconfirmed"]
    assert '"Too late"' in report.findings[0].summary


def test_connection_lost_with_the_order_in_the_book():
    story = ordered().rx("35=8|34=3|37=O1|11=FG-1|17=1|150=0|39=0|14=0")
    report = story.net(Closed(by_peer=True, reset=True)).judged(plan(Level.ORDER))
    assert causes(report) == ["cancel-unconfirmed", "closed-in-session"]


def test_crash_is_unknown_never_pass():
    report = Story().logged_on().step(CheckCrashed("ValueError: x")).judged()
    assert report.status is Status.UNKNOWN
    assert causes(report) == ["crashed"]


def test_history_that_ends_early_is_unknown_never_pass():
    report = Story().logged_on().tested().judged()
    assert report.status is Status.UNKNOWN
    assert causes(report) == ["incomplete"]


def test_empty_history_is_unknown():
    assert judge(plan(), []).status is Status.UNKNOWN


def test_deadline_in_a_session_that_is_up():
    story = Story().logged_on().tested().phase(Phase.SEQUENCE).step(DeadlinePassed(10**9))
    assert causes(story.judged()) == ["deadline"]


def test_failures_come_before_warnings():
    story = Story().logon_sent().rx("35=A|34=1|98=0|108=60").done(Phase.LOGON)
    report = story.phase(Phase.TEST_REQUEST).net(Closed(by_peer=True)).judged()
    assert [f.severity for f in report.findings] == [Severity.FAILURE, Severity.WARNING]
    assert report.status is Status.FAIL


def test_same_history_same_verdict():
    story = Story().logged_on().tested().numbered().logged_out()
    assert story.judged() == story.judged()


def test_transcript_masks_the_password():
    report = Story().logged_on().tested().numbered().logged_out().judged()
    assert any("554=***" in e.text for e in report.transcript)
    assert PASSWORD not in "".join(e.text for e in report.transcript)
