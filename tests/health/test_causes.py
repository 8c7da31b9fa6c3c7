from __future__ import annotations

import re
from pathlib import Path

from fixgate.health.causes import CAUSES

DOCUMENT = Path(__file__).parents[2] / "docs" / "causes.md"


def test_document_lists_every_cause_as_it_is():
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+) \|$", DOCUMENT.read_text(), re.M)
    assert rows == [
        (name, cause.layer.value, cause.severity.value, cause.next_step)
        for name, cause in CAUSES.items()
    ]


def test_every_cause_has_a_next_step_in_the_imperative():
    for name, cause in CAUSES.items():
        assert cause.next_step.endswith("."), name
        assert cause.next_step[0].isupper(), name
        assert len(cause.next_step) > 40, name
