from __future__ import annotations

import pytest

from fixgate.net.stages import StagePassed
from fixgate.net.truth import TruthFile, read_truth, truth_line
from fixgate.venue.stages import StageName

PASSED = StagePassed(StageName.MATCHING, "desk", "D", "A", 1, 2, 3)
LINE = (
    '{"stage": "matching", "session": "desk", "msg_type": "D", "name": "A", '
    '"came_ns": 1, "due_ns": 2, "left_ns": 3}\n'
)


def test_a_line_is_read_back():
    assert truth_line(PASSED) == LINE
    assert read_truth(LINE) == PASSED
    dropped = StagePassed(StageName.GATEWAY, "d\u00e9sk", "", 'a"b', 1, 2, None)
    assert read_truth(truth_line(dropped)) == dropped


@pytest.mark.parametrize("line", ["", "x", "[]", "{}", '{"stage": "x"}', '{"stage": "reply"}'])
def test_what_is_no_line_is_refused(line: str):
    with pytest.raises(ValueError, match="no line about a stage"):
        read_truth(line)


def test_a_file_is_added_to(tmp_path):
    path = tmp_path / "truth.jsonl"
    for _ in range(2):
        with TruthFile(path) as file:
            file.tell(PASSED)
            assert path.read_text().endswith(LINE), "each line is there as it happens"
    assert path.read_text() == 2 * LINE


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path):
    with pytest.raises(OSError, match="directory"):
        TruthFile(tmp_path)


def test_a_full_disk_ends_the_file_and_nothing_else(caplog):
    from pathlib import Path

    with TruthFile(Path("/dev/full")) as file:
        file.tell(PASSED)
        file.tell(PASSED)
    assert [each.getMessage() for each in caplog.records] == [
        "! no more of the truth is written: [Errno 28] No space left on device"
    ]
