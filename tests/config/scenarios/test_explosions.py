"""Files that are small and mean to be large."""

from __future__ import annotations

import time

import pytest

from fixgate.config.scenarios import load_scenarios
from fixgate.errors import ConfigError
from tests.config.scenarios.helpers import write

HEAD = "title: t\nunder_test: venue\n"


def nested(depth: int) -> str:
    """Return repeats in repeats, each of two rounds."""
    text = "[{wait: 1ns}, {expect: any}]"
    for _ in range(depth):
        text = f"[{{repeat: 2, steps: {text}}}]"
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HEAD}steps: {nested(14)}\n", "more than 20000 steps|more than 32 levels"),
        (
            HEAD + "parameters: {P: " + "x" * 60_000 + "}\nsteps:\n  - connect\n"
            + "  - {send: TestRequest, with: {TestReqID: $P-$P-$P-$P}}\n",
            "parameters put in more than 200 000 characters",
        ),
        (
            HEAD + "parameters: {P: }\ntable: [" + "{row: a, P: '1'}," * 1001 + "]\nsteps: []\n",
            "expected 1 to 1000 rows; received 1001",
        ),
        (
            HEAD + "steps:\n  - connect\n" + "  - {repeat: 100000, steps: [{wait: 1ns}]}\n" * 11,
            "more than 1000000 steps are played",
        ),
        (HEAD + "steps:\n" + "  - wait: 1ns\n" * 20_001, "more than 20000 steps"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_told(tmp_path, text, expected):
    path = write(tmp_path, text)
    started = time.perf_counter()
    with pytest.raises(ConfigError, match=expected):
        load_scenarios(path)
    assert time.perf_counter() - started < 20  # nothing grows without a bound


def test_files_that_include_others_ten_deep(tmp_path):
    for number in range(10):
        write(tmp_path, f"steps:\n  - include: {number + 1}.yaml\n", f"fragments/{number}.yaml")
    write(tmp_path, "steps:\n  - wait: 1s\n", "fragments/10.yaml")
    text = f"{HEAD}steps:\n  - connect\n  - expect: any\n  - include: fragments/0.yaml\n"
    with pytest.raises(ConfigError, match="more than 8 files include one another"):
        load_scenarios(write(tmp_path, text))


def test_a_file_that_is_included_a_thousand_times_over(tmp_path):
    for number in range(4):
        step = f"  - include: {number + 1}.yaml\n"
        write(tmp_path, "steps:\n" + step * 20, f"fragments/{number}.yaml")
    write(tmp_path, "steps:\n  - wait: 1s\n", "fragments/4.yaml")
    text = f"{HEAD}steps:\n  - connect\n  - expect: any\n  - include: fragments/0.yaml\n"
    with pytest.raises(ConfigError, match="more than 20000 steps"):
        load_scenarios(write(tmp_path, text))
