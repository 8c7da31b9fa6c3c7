from __future__ import annotations

import json
import os
from pathlib import Path
from zlib import crc32

import pytest

from fixgate.errors import StoreError
from fixgate.net.audit import AUDIT_NAME, AuditEntry, Numbers, append_audit, read_audit, whoami

NOW_NS = 1_700_000_000_000_000_000
ENTRY = AuditEntry(NOW_NS, "ops@desk", 42, Numbers(1, 8, 9), Numbers(2, 3, 9), "agreed by phone")


@pytest.fixture
def folder(tmp_path: Path):
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield fd, str(tmp_path)
    os.close(fd)


def test_no_trail_is_an_empty_one(folder):
    assert read_audit(*folder) == ()


def test_entries_are_added_and_read_back(folder, tmp_path):
    append_audit(*folder, ENTRY)
    append_audit(*folder, ENTRY)
    assert read_audit(*folder) == (ENTRY, ENTRY)
    first = (tmp_path / AUDIT_NAME).read_text().splitlines()[0]
    values = json.loads(first)
    assert values.pop("sum") == crc32(json.dumps(values).encode())
    assert values == {
        "at_ns": NOW_NS,
        "who": "ops@desk",
        "pid": 42,
        "before": {"generation": 1, "next_out": 8, "next_in": 9},
        "after": {"generation": 2, "next_out": 3, "next_in": 9},
        "reason": "agreed by phone",
    }
    assert (tmp_path / AUDIT_NAME).stat().st_mode & 0o777 == 0o600


def test_a_line_cut_short_does_not_swallow_the_next(folder, tmp_path):
    append_audit(*folder, ENTRY)
    with (tmp_path / AUDIT_NAME).open("ab") as file:
        file.write(b'{"at_ns": 17')
    append_audit(*folder, ENTRY)
    lines = (tmp_path / AUDIT_NAME).read_text().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[2])["who"] == "ops@desk"


@pytest.mark.parametrize(
    "line",
    [
        *("nonsense", "[]", '{"at_ns": 1}', '"x"', '{"at_ns": "x"}', "[" * 100_000),
        *('{"at_ns": 1e999}', '{"at_ns": -Infinity}'),
    ],
)
def test_a_line_that_is_no_entry_is_told_with_its_byte(folder, tmp_path, line):
    append_audit(*folder, ENTRY)
    size = (tmp_path / AUDIT_NAME).stat().st_size
    with (tmp_path / AUDIT_NAME).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StoreError) as caught:
        read_audit(*folder)
    assert caught.value.offset == size
    assert caught.value.reason == "not a line of an audit trail"


def test_a_planted_link_is_not_followed(folder, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / AUDIT_NAME).symlink_to(victim)
    with pytest.raises(StoreError, match="cannot write"):
        append_audit(*folder, ENTRY)
    with pytest.raises(StoreError, match="cannot open"):
        read_audit(*folder)
    assert victim.read_text() == "precious"


def test_who_names_the_machine():
    assert "@" in whoami()
