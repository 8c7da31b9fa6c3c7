"""What files say about sequence numbers, resends, heartbeats and garbled input."""

from __future__ import annotations

import pytest

from fixgate.session.policies import NumberingPolicy
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
