from __future__ import annotations

from fixgate.history import History
from fixgate.scenario.progress import NoProgress, watch
from fixgate.scenario.records import Asked, Opened, Outcome, StepBegan, StepEnded
from fixgate.scenario.verdict import Result, Verdict
from tests.scenario.build import scenario


class Heard(NoProgress):
    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def step_began(self, step):
        self.calls.append(("began", step))

    def asked(self, asked):
        self.calls.append(("asked", asked))

    def step_ended(self, step):
        self.calls.append(("ended", step))


def test_steps_and_questions_are_told_and_everything_is_kept():
    history, heard = History(), Heard()
    history.add((0, "~", Opened("client")))
    watch(history, heard)
    records = [
        (1, "#", StepBegan(1, 3, "ask: an order")),
        (1, "#", Asked("an order")),
        (1, "~", Opened("client")),
        (2, "#", StepEnded(1, Outcome.OK)),
    ]
    for record in records:
        history.add(record)
    assert heard.calls == [
        ("began", StepBegan(1, 3, "ask: an order")),
        ("asked", Asked("an order")),
        ("ended", StepEnded(1, Outcome.OK)),
    ]
    assert list(map(tuple, history))[1:] == records


def test_nobody_need_watch():
    history, nobody = History(), NoProgress()
    nobody.scenario_began(scenario())
    watch(history, nobody)
    for what in (StepBegan(1, 3, "x"), Asked("x"), StepEnded(1, Outcome.OK)):
        history.add((0, "#", what))
    nobody.waiting(1)
    nobody.scenario_ended(scenario(), Verdict(Result.PASS))
    assert len(history) == 3
