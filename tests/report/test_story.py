"""A scenario with steps inside steps, as a page of text."""

from __future__ import annotations

from fixgate.config.scenarios import load_scenarios
from fixgate.report.story import action_of, story_text
from fixgate.scenario.steps import Step

TEXT = """\
title: Nested
under_test: client
needs: [resends]
actors: {backup: {like: venue}}
steps:
  - connect
  - repeat: 3
    counter: round
    steps:
      - send: TestRequest
      - expect: Heartbeat
        should: true
  - parallel:
      - - wait: 1s
        - {send_raw: '8=FIX|'}
      - - {expect: nothing, for: 2s}
  - any_of:
      - {expect: closed}
      - - expect: Logout
        - expect: closed
  - set_seqnum: {next_out: 5}
  - ask: connect again
    does: connect
  - fault: drop
    on: backup
"""

STEPS = """\
   6  let the client connect and exchange Logons, within 5s
   7  3 times, counted by round:
  10    send TestRequest(1)
  11    expect Heartbeat(0), within 5s (SHOULD)
  13  all of these at once:
  14    - let 1s pass
  15      send the bytes 8=FIX|
  16    - expect nothing for 2s
  17  one of these:
  18    - expect that the connection is closed, within 5s
  19    - expect Logout(5), within 5s
  20      expect that the connection is closed, within 5s
  21  set the next number to send to 5
  22  ask the client to connect again
  23    client: connect and exchange Logons, within 5s
  24  backup: from now on messages are lost, on what it sends
"""


def test_steps_inside_steps_are_indented(tmp_path):
    path = tmp_path / "nested.yaml"
    path.write_text(TEXT, encoding="utf-8")
    (scenario,) = load_scenarios(path)
    text = story_text(scenario, {"connect": "Meaning of connect.", "any_of": "Of any_of."})
    assert f"\nSteps\n\n{STEPS}\nWhat these steps mean\n" in text
    assert text.endswith("  connect  Meaning of connect.\n  any_of   Of any_of.")
    assert "Under test:  the client; we play venue and backup\n" in text
    assert "Needs:       ask, resends\n" in text

    def actions(steps: tuple[Step, ...]) -> list[str]:
        return [action_of(step) for step in steps]

    assert actions(scenario.steps) == [
        "connect", "repeat", "parallel", "any_of", "set_seqnum", "ask", "fault",
    ]  # fmt: skip
