"""What files say about sequence numbers, resends, heartbeats and garbled input."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixgate.session.policies import (
    BeyondLimit,
    GarbledEnd,
    GarbledPolicy,
    HeartbeatAnswer,
    HeartbeatPolicy,
    NumberingPolicy,
    RequestEnd,
    ResendPolicy,
    ResetFlag,
)
from fixgate.session.settings import SessionSettings
from tests.config.helpers import SESSION, VENUE, gateway, mistakes, plan, write

CLIENTS = """\
venue:
  comp_id: V
  sessions:
    - {begin_string: FIX.4.4, theirs: A}
    - begin_string: FIX.4.4
      theirs: B
"""


def session(folder, text: str, begin: str = "FIX.4.4") -> SessionSettings:
    """The settings of a session whose file ends in ``text``."""
    return plan(folder, SESSION.replace("FIX.4.4", begin) + text).session


def clients(folder, text: str) -> tuple[SessionSettings, SessionSettings]:
    """Two clients; ``text`` is about the second, or after a line without indent the venue."""
    first, second = gateway(folder, CLIENTS + text).sessions
    return first.session, second.session


class TestNumbering:
    def test_nothing_is_told_by_default(self, tmp_path):
        assert session(tmp_path, "").numbering == NumberingPolicy()
        assert gateway(tmp_path, VENUE).template.numbering == NumberingPolicy()

    def test_a_session(self, tmp_path):
        found = session(tmp_path, "    numbering: {next_expected: true}\n")
        assert found.numbering == NumberingPolicy(next_expected=True)

    def test_a_venue_and_its_clients(self, tmp_path):
        text = "      numbering: {next_expected: false}\n  numbering: {next_expected: true}\n"
        first, second = clients(tmp_path, text)
        assert first.numbering == NumberingPolicy(next_expected=True)
        assert second.numbering == NumberingPolicy()

    def test_those_that_anybody_may_open(self, tmp_path):
        found = gateway(tmp_path, VENUE + "  numbering: {next_expected: true}\n")
        assert found.template.numbering.next_expected

    def test_progress_in_the_header(self, tmp_path):
        found = session(tmp_path, "    numbering: {last_processed: true}\n", "FIX.4.2")
        assert found.numbering == NumberingPolicy(last_processed=True)
        text = SESSION.replace("FIX.4.4", "FIX.4.1") + "    numbering: {last_processed: true}\n"
        (told,) = mistakes(write(tmp_path, text))
        assert "FIX.4.1 has no LastMsgSeqNumProcessed(369); it came with FIX.4.2" in told

    def test_a_client_changes_one_key(self, tmp_path):
        text = "      numbering: {last_processed: true}\n  numbering: {next_expected: true}\n"
        _, second = clients(tmp_path, text)
        assert second.numbering == NumberingPolicy(next_expected=True, last_processed=True)

    @pytest.mark.parametrize("begin", ["FIX.4.0", "FIX.4.3"])
    def test_a_version_without_the_field(self, tmp_path, begin):
        text = SESSION.replace("FIX.4.4", begin) + "    numbering: {next_expected: true}\n"
        (found,) = mistakes(write(tmp_path, text))
        what = f"{begin} has no NextExpectedMsgSeqNum(789); it came with FIX.4.4"
        assert found == f"7:17: {what} (leave it out)"

    def test_a_client_of_such_a_version(self, tmp_path):
        text = CLIENTS.replace("FIX.4.4\n", "FIX.4.2\n")
        (found,) = mistakes(write(tmp_path, text + "      numbering: {next_expected: true}\n"))
        assert found.startswith("7:19: FIX.4.2 has no NextExpectedMsgSeqNum(789)")
        venue = text + "  numbering: {next_expected: true}\n"
        assert gateway(tmp_path, venue).sessions[1].session.numbering.next_expected


class TestResetFlag:
    @pytest.mark.parametrize(
        ("word", "flag"),
        [
            ("allow", ResetFlag.AS_ASKED),
            ("force", ResetFlag.FORCE),
            ("demand", ResetFlag.DEMAND),
            ("refuse", ResetFlag.REFUSE),
        ],
    )
    def test_a_venue(self, tmp_path, word, flag):
        found = gateway(tmp_path, f"{VENUE}  numbering: {{reset_flag: {word}}}\n")
        assert found.template.numbering.reset_flag is flag

    def test_a_client_of_fix_4_0(self, tmp_path):
        text = CLIENTS.replace("FIX.4.4\n", "FIX.4.0\n")
        allowed = text + "      numbering: {reset_flag: allow}\n  numbering: {reset_flag: demand}\n"
        second = gateway(tmp_path, allowed).sessions[1].session
        assert second.numbering.reset_flag is ResetFlag.AS_ASKED
        (found,) = mistakes(write(tmp_path, text + "      numbering: {reset_flag: force}\n"))
        assert found.startswith("7:19: FIX.4.0 has no ResetSeqNumFlag(141); it came with FIX.4.1")

    @pytest.mark.parametrize(
        ("word", "flag"), [("refuse", ResetFlag.AS_ASKED), ("follow", ResetFlag.FOLLOW)]
    )
    def test_a_session(self, tmp_path, word, flag):
        found = session(tmp_path, f"    numbering: {{unasked_reset: {word}}}\n")
        assert found.numbering.reset_flag is flag

    def test_each_kind_of_file_has_its_own(self, tmp_path):
        (found,) = mistakes(write(tmp_path, SESSION + "    numbering: {reset_flag: force}\n"))
        assert found.startswith("7:17: unknown key 'reset_flag'")
        (found,) = mistakes(write(tmp_path, VENUE + "  numbering: {unasked_reset: follow}\n"))
        assert found.startswith("3:15: unknown key 'unasked_reset'")


class TestResends:
    def test_by_default(self, tmp_path):
        assert session(tmp_path, "").resends == ResendPolicy()
        assert gateway(tmp_path, VENUE).template.resends == ResendPolicy()

    def test_a_session(self, tmp_path):
        text = "{request_size: 5, request_end: exact, retry_after: 2m, retries: 0}"
        assert session(tmp_path, f"    resends: {text}\n").resends == ResendPolicy(
            request_size=5,
            request_end=RequestEnd.EXACT,
            retry_ns=120_000_000_000,
            retries=0,
        )

    @pytest.mark.parametrize(
        ("word", "end"),
        [
            ("open", RequestEnd.VERSION),
            ("zero", RequestEnd.ZERO),
            ("nines", RequestEnd.NINES),
            ("exact", RequestEnd.EXACT),
        ],
    )
    def test_ends(self, tmp_path, word, end):
        found = session(tmp_path, f"    resends: {{request_end: {word}}}\n")
        assert found.resends.request_end is end

    def test_a_venue_and_its_clients(self, tmp_path):
        text = """\
      resends: {serve_at_most: 10}
  resends: {serve_at_most: 2500, beyond: refuse, retry_after: never}
"""
        first, second = clients(tmp_path, text)
        wanted = ResendPolicy(retry_ns=None, serve_limit=2500, beyond_limit=BeyondLimit.REFUSE)
        assert first.resends == wanted
        assert second.resends == ResendPolicy(
            retry_ns=None, serve_limit=10, beyond_limit=BeyondLimit.REFUSE
        )
        venue = gateway(tmp_path, VENUE + "  resends: {request_end: nines}\n")
        assert venue.template.resends.request_end is RequestEnd.NINES

    @pytest.mark.parametrize(
        ("written", "told"),
        [
            ("{request_size: 0}", "29: expected a whole number from 1 to 1000000"),
            ("{request_end: 0}", "28: expected open, exact, zero or nines"),
            ("{retry_after: 5ms}", "28: expected at least 1s, or never"),
            ("{retry_after: soon}", "28: expected a duration such as 500ms, 8s or 2m, or never"),
            ("{retries: -1}", "24: expected a whole number"),
            ("{serve_at_most: 5}", "15: unknown key 'serve_at_most'"),
        ],
    )
    def test_mistakes(self, tmp_path, written, told):
        (found,) = mistakes(write(tmp_path, SESSION + f"    resends: {written}\n"))
        assert found.startswith(f"7:{told}")


class TestTimestamps:
    def test_a_client_may_have_its_own_precision(self, tmp_path):
        text = "      timestamp_precision: seconds\n  timestamp_precision: microseconds\n"
        first, second = clients(tmp_path, text)
        assert (first.timestamp_digits, second.timestamp_digits) == (6, 0)

    def test_by_default_the_versions_own(self, tmp_path):
        first, second = clients(tmp_path, "      timestamp_precision: nanoseconds\n")
        assert (first.timestamp_digits, second.timestamp_digits) == (None, 9)


class TestHeartbeats:
    def test_a_session_takes_the_venues_answer_or_not(self, tmp_path):
        assert session(tmp_path, "").heartbeats == HeartbeatPolicy()
        found = session(tmp_path, "    heartbeat: 20s\n    heartbeat_answer: refuse\n")
        assert found.heartbeat_s == 20
        assert found.heartbeats.on_mismatch is HeartbeatAnswer.REFUSE

    def test_a_venue_takes_anything_by_default(self, tmp_path):
        found = gateway(tmp_path, VENUE).template.heartbeats
        assert all(found.takes(seconds) for seconds in (0, 1, 86_400))

    def test_a_venue_and_its_clients(self, tmp_path):
        text = """\
      heartbeat: {zero: allow, on_mismatch: accept}
  heartbeat: {min: 5s, max: 1m, on_mismatch: impose, value: 30s}
"""
        (told,) = mistakes(write(tmp_path, CLIENTS + text))
        assert told == "7:18: value is what the venue imposes (add on_mismatch: impose)"
        first, second = clients(tmp_path, text.replace(", on_mismatch: accept", ""))
        wanted = HeartbeatPolicy(5, 60, zero=False, on_mismatch=HeartbeatAnswer.IMPOSE, value_s=30)
        assert first.heartbeats == wanted
        assert second.heartbeats == replace(wanted, zero=True)

    def test_zero_is_allowed_where_the_least_is_zero(self, tmp_path):
        found = gateway(tmp_path, VENUE + "  heartbeat: {max: 60s, zero: reject}\n")
        assert not found.template.heartbeats.takes(0)
        assert found.template.heartbeats.on_mismatch is HeartbeatAnswer.REFUSE

    @pytest.mark.parametrize(
        ("written", "told"),
        [
            ("{min: 60s, max: 5s}", "14: max 5s leaves nothing to agree to above min 60s"),
            ("{max: 0s}", "14: max 0s leaves nothing to agree to above min 0s"),
            ("{value: 5s}", "15: value is what the venue imposes (add on_mismatch: impose)"),
            ("{min: 500ms}", "20: expected whole seconds from 0s to 24h"),
            ("{on_mismatch: ignore}", "28: expected accept, impose or refuse"),
        ],
    )
    def test_mistakes(self, tmp_path, written, told):
        (found,) = mistakes(write(tmp_path, f"{VENUE}  heartbeat: {written}\n"))
        assert found.startswith(f"3:{told}")

    def test_a_session_cannot_impose(self, tmp_path):
        text = SESSION + "    heartbeat_answer: impose\n"
        (found,) = mistakes(write(tmp_path, text))
        assert found.startswith("7:23: expected accept or refuse")


class TestGarbled:
    def test_any_amount_is_ignored_by_default(self, tmp_path):
        assert session(tmp_path, "").garbled == GarbledPolicy()
        assert gateway(tmp_path, VENUE).template.garbled == GarbledPolicy()

    def test_a_session(self, tmp_path):
        found = session(tmp_path, "    garbled: {limit: 0, bad_sum: end, then: close}\n")
        assert found.garbled == GarbledPolicy(0, bad_sum_ends=True, then=GarbledEnd.CLOSE)

    def test_a_venue_and_its_clients(self, tmp_path):
        text = "      garbled: {limit: 3}\n  garbled: {limit: 10, then: close}\n"
        first, second = clients(tmp_path, text)
        assert first.garbled == GarbledPolicy(10, then=GarbledEnd.CLOSE)
        assert second.garbled == GarbledPolicy(3, then=GarbledEnd.CLOSE)

    @pytest.mark.parametrize(
        ("written", "told"),
        [
            ("{limit: -1}", "22: expected a whole number"),
            ("{bad_sum: close}", "24: expected ignore or end"),
            ("{then: reject}", "21: expected logout or close"),
        ],
    )
    def test_mistakes(self, tmp_path, written, told):
        (found,) = mistakes(write(tmp_path, SESSION + f"    garbled: {written}\n"))
        assert found.startswith(f"7:{told}")
